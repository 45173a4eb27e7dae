"""What the pages of sprints send in."""

from django import forms

from sprints.models import SprintItem


class SprintForm(forms.Form):
    starts_on = forms.DateField(label="First day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    goal = forms.CharField(max_length=300, required=False)
    capacity_points = forms.DecimalField(label="Capacity, points", min_value=0, required=False)


class KeysForm(forms.Form):
    """keys: of items, with commas or spaces between them."""

    keys = forms.CharField(error_messages={"required": "Say which items by their keys."})

    def as_keys(self):
        return self.cleaned_data["keys"].replace(",", " ").split()


def sent_outcomes(sent) -> dict:
    """What becomes of each unfinished item: item id → outcome."""
    choices = (SprintItem.Outcome.RETURNED, SprintItem.Outcome.CARRIED_OVER)
    named = {name.removeprefix("outcome-"): value for name, value in sent.items() if name.startswith("outcome-")}
    return {
        int(item): value for item, value in named.items() if item.isdecimal() and len(item) < 19 and value in choices
    }
