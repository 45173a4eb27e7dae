"""What the pages of the roadmap send in."""

from django import forms


class ReleaseForm(forms.Form):
    name = forms.CharField(max_length=120)
    target_on = forms.DateField(
        label="Target date", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
