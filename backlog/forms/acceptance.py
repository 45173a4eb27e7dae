"""What acceptance sends in."""

from django import forms

from backlog.models import Attachment


class EvidenceForm(forms.Form):
    note = forms.CharField(required=False, max_length=500)
    url = forms.URLField(required=False, max_length=500, assume_scheme="https")
    attachment = forms.ModelChoiceField(Attachment.objects.none(), required=False)

    def __init__(self, data, *, item):
        super().__init__(data)
        self.fields["attachment"].queryset = item.attachments.filter(removed_at=None)


class BuiltCheckForm(forms.Form):
    verdict = forms.ChoiceField(choices=[("as_meant", "As meant"), ("otherwise", "Otherwise")])
    note = forms.CharField(required=False, max_length=500)


class WordForm(forms.Form):
    text = forms.CharField(required=False, max_length=500)
