"""What the pages of a proposal send in."""

from django import forms

from backlog.actions.ordering import Place
from backlog.actions.proposals import CASE
from backlog.forms.items import TYPES, kind_of
from backlog.models import Component, Item, Proposal
from backlog.models.proposals import SCENARIO

# What a description of the type should tell; the person overwrites it.
TEMPLATES = {
    "enabler": "**What it makes possible**\n\n**What is built**\n\n**How others use it**\n",
    "architecture": "**What is wrong with the structure**\n\n**What it shall be instead**\n\n**What it touches**\n",
    "infrastructure": "**What runs today**\n\n**What shall run**\n\n**How we move and how we roll back**\n",
    "debt": "**What we did, and why**\n\n**What it costs today, and whom**\n\n**What is done about it**\n",
    "spike": "**What we know**\n\n**What we try**\n\n**What is decided with the answer**\n",
    "test_architecture": "**What nobody can test today**\n\n**What is tested then**\n\n**What it costs to keep**\n",
    "security": "**What is to be protected**\n\n**Who could attack it, and how**\n\n**What is done against it**\n",
}
_DEBT = ("debt_principal", "debt_interest", "debt_interest_unit")
_OF_TYPE = {
    **dict.fromkeys(("question", "time_box_days"), ("spike",)),
    **dict.fromkeys(SCENARIO, ("security", "architecture")),
    **dict.fromkeys(_DEBT, ("debt",)),
}
_BRIEF = {"rows": 2}


def _text(label, help_text="", **attrs):
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.Textarea(attrs=_BRIEF | attrs)
    )


class ProposalForm(forms.Form):
    """Only the questions of the type. Texts of the item first, then the case for it."""

    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    plain_lead = forms.CharField(
        label="What comes of it, and for whom",
        help_text="In words that the product owner would use.",
        widget=forms.Textarea(attrs=_BRIEF),
    )
    why_now = _text("Why now")
    delay_per_week = forms.IntegerField(
        label="What a week of waiting costs, in value points", required=False, min_value=0, max_value=1000
    )
    enables = forms.CharField(
        label="What it enables", required=False, help_text="Keys of items that need it, with commas between them."
    )
    points_low = forms.DecimalField(label="Points, at least", required=False, min_value=0, max_digits=6)
    points_high = forms.DecimalField(label="Points, at most", required=False, min_value=0, max_digits=6)
    risk_if_not = _text("What happens if we don't")
    options_considered = _text("Which other ways you looked at", "One a line, with why not.")
    question = _text("The question it answers")
    time_box_days = forms.IntegerField(label="Days after which it ends", required=False, min_value=1, max_value=60)
    source = forms.CharField(label="Who or what acts", required=False, max_length=300)
    stimulus = forms.CharField(label="What happens", required=False, max_length=300)
    environment = forms.CharField(label="Under which conditions", required=False, max_length=300)
    response = forms.CharField(label="What the product then does", required=False, max_length=300)
    measure = forms.CharField(label="Measured how", required=False, max_length=300, help_text="A number with a unit.")
    debt_principal = forms.DecimalField(label="Points to pay it back", required=False, min_value=0)
    debt_interest = forms.DecimalField(label="What it costs a week", required=False, min_value=0)
    debt_interest_unit = forms.ChoiceField(
        label="In which unit", choices=[("", "None"), *Item.InterestUnit.choices], required=False
    )
    component = forms.ModelChoiceField(Component.objects.none(), required=False, empty_label="None")
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 8}))
    place = forms.ChoiceField(label="Where it belongs", choices=Proposal.Place.choices, initial="bottom")
    before = forms.CharField(label="Before which item", required=False, help_text="Its key, for that place.")
    what_changed = _text("What changed since")

    def __init__(self, data=None, *, product, type, item=None):
        super().__init__(data, initial=_initial(item) if item else {"description": TEMPLATES.get(type, "")})
        self.type = type
        gone = [name for name, types in _OF_TYPE.items() if type not in types]
        gone += ["component", "enables"] if item else ["what_changed"]
        gone += [name for name in _DEBT if item and name not in gone]
        for name in gone:
            del self.fields[name]
        if "component" in self.fields:
            self.fields["component"].queryset = product.components.active().order_by("name")

    def texts(self):
        return {name: self.cleaned_data[name] for name in ("title", "plain_lead", "description")}

    def as_values(self):
        """The arguments of proposals.propose that the item itself takes."""
        debt = {name: self.cleaned_data[name] for name in _DEBT if name in self.cleaned_data}
        return (
            self.texts()
            | debt
            | {
                "kind": kind_of(self.type),
                "type": self.type,
                "component": self.cleaned_data["component"],
            }
        )

    def enabled_keys(self):
        return [key.strip() for key in self.cleaned_data["enables"].split(",") if key.strip()]

    def as_case(self, before):
        case = {name: self.cleaned_data[name] for name in CASE if name in self.cleaned_data}
        return case | {"before": before if case["place"] == Proposal.Place.BEFORE else None}


class AcceptForm(forms.Form):
    """A proposal as the product owner takes it: its place, its size, what is in it, what it is worth."""

    title = forms.CharField(max_length=300)
    plain_lead = forms.CharField(label="What comes of it", required=False, widget=forms.Textarea(attrs=_BRIEF))
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 8}))
    points = forms.DecimalField(required=False, min_value=0, max_digits=6)
    business_value = forms.IntegerField(
        label="Value points a week", required=False, min_value=0, max_value=1000, help_text="What waiting costs."
    )
    place = forms.ChoiceField(choices=[*Proposal.Place.choices, ("position", "At position")])
    before = forms.CharField(label="Before which item", required=False, help_text="Its key, for that place.")
    position = forms.IntegerField(required=False, min_value=1)
    reason = forms.CharField(label="What you changed, and why", max_length=500, widget=forms.Textarea(attrs=_BRIEF))

    def __init__(self, data=None, *, item, case):
        initial = {name: getattr(item, name) for name in ("title", "plain_lead", "description")}
        initial["points"] = item.points and item.points.normalize()
        initial["business_value"] = item.business_value
        if case:
            initial |= {"place": case.place, "before": case.before and f"{item.product.key}-{case.before.number}"}
            initial["business_value"] = item.business_value or case.delay_per_week
        super().__init__(data, initial=initial)

    def clean(self):
        given = super().clean()
        if given.get("place") == "position" and not given.get("position"):
            self.add_error("position", "Say which position.")
        if given.get("place") == "before" and not given.get("before"):
            self.add_error("before", "Say before which item.")
        return given

    def as_place(self, before):
        match self.cleaned_data["place"]:
            case "top":
                return Place.top()
            case "before":
                return Place.before(before.pk)
            case "position":
                return Place.position(self.cleaned_data["position"])
        return Place.bottom()

    def as_values(self):
        return {
            name: self.cleaned_data[name] for name in ("title", "plain_lead", "description", "points", "business_value")
        }


def _initial(item):
    known = {name: getattr(item, name) for name in ("title", "plain_lead", "description")}
    case = Proposal.objects.filter(item=item).select_related("before").first()
    if case:
        known |= {name: getattr(case, name) for name in CASE}
        known["before"] = case.before and f"{item.product.key}-{case.before.number}"
    return known


TECHNICAL = TYPES[1][1]
FUNCTIONAL = TYPES[0][1]
