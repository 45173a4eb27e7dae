"""What the pages of sprints send in."""

from django import forms

from sprints.models import SprintItem

LARGEST_ID = 2**63 - 1


class SprintForm(forms.Form):
    starts_on = forms.DateField(label="First day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    goal = forms.CharField(max_length=300, required=False)
    capacity_points = forms.DecimalField(label="Capacity, points", min_value=0, required=False)


class KnownSprintForm(SprintForm):
    """Of a team whose past says how much it delivers."""

    capacity_points = None


class KeysForm(forms.Form):
    """keys, out: of items, with commas or spaces between them."""

    keys = forms.CharField(error_messages={"required": "Say which items by their keys."})
    out = forms.CharField(required=False)

    def as_keys(self):
        return _keys(self.cleaned_data["keys"])

    def out_keys(self):
        return _keys(self.cleaned_data["out"])


class AbsenceForm(forms.Form):
    user = forms.IntegerField(min_value=0, max_value=LARGEST_ID)
    starts_on = forms.DateField(label="First day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class FocusForm(forms.Form):
    user = forms.IntegerField(min_value=0, max_value=LARGEST_ID)
    percent = forms.IntegerField(min_value=0, max_value=100)


def _keys(text):
    return text.replace(",", " ").split()


def sent_outcomes(sent) -> dict:
    """What becomes of each unfinished item: item id → outcome."""
    choices = (SprintItem.Outcome.RETURNED, SprintItem.Outcome.CARRIED_OVER)
    named = {name.removeprefix("outcome-"): value for name, value in sent.items() if name.startswith("outcome-")}
    return {
        int(item): value for item, value in named.items() if item.isdecimal() and len(item) < 19 and value in choices
    }
