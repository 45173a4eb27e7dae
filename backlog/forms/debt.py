"""What the register is told of a debt."""

from django import forms


class DebtEntryForm(forms.Form):
    payer = forms.CharField(
        label="Who pays the interest", required=False, max_length=200, help_text="A team, support, the customers."
    )
    trigger = forms.CharField(
        label="What triggers repaying",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="An event or a figure: the next bank, a third incident.",
    )
    risk = forms.CharField(
        label="What may happen", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="While it stays."
    )
    since = forms.DateField(label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    incidents = forms.CharField(
        label="Incidents that it caused",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="An address or a number a line.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, entry):
        initial = {"version": 0}
        if entry:
            initial = {name: getattr(entry, name) for name in ("payer", "trigger", "risk", "version")}
            # What a date input takes.
            initial["since"] = entry.since and entry.since.isoformat()
            initial["incidents"] = "\n".join(entry.incidents)
        super().__init__(data, initial=initial)

    def as_values(self):
        """The arguments of debt.describe."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return given | {"incidents": given["incidents"].splitlines()}
