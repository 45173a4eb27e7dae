"""What the pages of sprints send in."""

from django import forms

from core.errors import InvalidInput
from sprints.actions.board import ColumnPlan
from sprints.actions.sprints import Cut
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


class CutForm(forms.Form):
    done_points = forms.DecimalField(min_value=0, max_digits=6, decimal_places=2)
    rest_points = forms.DecimalField(min_value=0, max_digits=6, decimal_places=2)
    rest_title = forms.CharField(max_length=300, required=False)
    rest_goes = forms.ChoiceField(
        choices=[(one, one.label) for one in (SprintItem.Outcome.RETURNED, SprintItem.Outcome.CARRIED_OVER)]
    )


def _keys(text):
    return text.replace(",", " ").split()


class MoveForm(forms.Form):
    """keys: of one item; column: the id of one of the team's own, or what an item is in it."""

    keys = forms.CharField(error_messages={"required": "Say which item by its key."})
    column = forms.CharField(error_messages={"required": "Say which column."})


def sent_columns(sent) -> list[ColumnPlan]:
    """The columns of a board as the form sends them: rows without a name are left out."""
    rows = zip(*(sent.getlist(name) for name in ("id", "name", "status", "limit")), strict=False)
    return [
        ColumnPlan(
            id=int(pk) if pk.isdecimal() and len(pk) < 19 else None,
            name=name,
            status=status,
            wip_limit=int(limit) if limit.isdecimal() and 0 < int(limit[:5]) <= 1000 else None,
        )
        for pk, name, status, limit in rows
        if name.strip()
    ]


def sent_outcomes(sent) -> dict:
    """What becomes of each unfinished item: item id → outcome."""
    choices = (SprintItem.Outcome.RETURNED, SprintItem.Outcome.CARRIED_OVER)
    return {item: value for item, value in _fates(sent) if value in choices}


def sent_cuts(sent) -> dict[int, Cut]:
    """What is split at the end of a sprint: item id → how. Raises InvalidInput for what is no number of points."""
    return {item: _cut(sent, item) for item, value in _fates(sent) if value == "split"}


def _cut(sent, item):
    form = CutForm(sent, prefix=f"cut-{item}")
    if not form.is_valid():
        raise InvalidInput("Say how many points of a split item are done, and how many are left.", field="splits")
    return Cut(**form.cleaned_data)


def _fates(sent):
    named = ((name.removeprefix("outcome-"), value) for name, value in sent.items() if name.startswith("outcome-"))
    return [(int(item), value) for item, value in named if item.isdecimal() and len(item) < 19]
