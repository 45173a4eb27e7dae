"""What the pages of refinement and of rounds send in."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from backlog.models.refinement import Scale


class ScaleForm(forms.Form):
    scale = forms.ChoiceField(choices=Scale.choices, initial=Scale.FIBONACCI, label="Cards")


class RoundForm(ScaleForm):
    """days: how long the round waits for cards; empty: everybody is here."""

    days = forms.TypedChoiceField(
        choices=[("", "We are all here"), *((str(n), f"{n} day{'s' if n > 1 else ''}") for n in (1, 2, 3, 5, 10))],
        coerce=int,
        empty_value=None,
        required=False,
        label="Wait for cards",
    )

    def as_arguments(self):
        days = self.cleaned_data["days"]
        closes_at = timezone.now() + timedelta(days=days) if days else None
        return {"scale": self.cleaned_data["scale"], "closes_at": closes_at}


class CardForm(forms.Form):
    card = forms.CharField(max_length=3, error_messages={"required": "Choose a card first."})
    words = forms.CharField(max_length=500, required=False)


class PointsForm(forms.Form):
    points = forms.DecimalField(max_digits=6, decimal_places=2, min_value=0)
