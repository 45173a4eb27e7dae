"""What the pages of items send in."""

from django import forms
from django.db.models import Q

from accounts.models import Team, User
from backlog.actions.ordering import Place
from backlog.models import Component, Engagement, Goal, Item
from backlog.models.items import FUNCTIONAL_TYPES, TECHNICAL_TYPES

TYPES = [
    ("Functional", [(type, Item.Type(type).label) for type in FUNCTIONAL_TYPES]),
    ("Technical", [(type, Item.Type(type).label) for type in TECHNICAL_TYPES]),
]


def kind_of(type):
    return Item.Kind.TECHNICAL if type in TECHNICAL_TYPES else Item.Kind.FUNCTIONAL


class NewItemForm(forms.Form):
    """place: where it goes, in words; next to a row it is "after:<id>"."""

    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    type = forms.ChoiceField(choices=TYPES, initial="story")
    place = forms.ChoiceField(
        choices=[("top", "At the top"), ("bottom", "At the bottom"), ("position", "At position")], initial="top"
    )
    position = forms.IntegerField(min_value=1, required=False)

    def clean(self):
        given = super().clean()
        if given.get("place") == "position" and not given.get("position") and "position" not in self.errors:
            self.add_error("position", "Say which position.")
        return given

    def as_arguments(self):
        """The arguments of items.propose; items.create takes the place too."""
        given = self.cleaned_data
        return {"title": given["title"], "kind": kind_of(given["type"]), "type": given["type"]}

    def as_place(self):
        match self.cleaned_data["place"]:
            case "position":
                return Place.position(self.cleaned_data["position"])
            case "top":
                return Place.top()
        return Place.bottom()


class MoveForm(forms.Form):
    """A move as the list's menu sends it: place is top, bottom, position, before, after, before:<id> or after:<id>."""

    items = forms.TypedMultipleChoiceField(coerce=int)
    place = forms.RegexField(r"^(top|bottom|position|before|after|(before|after):\d{1,18})$")
    position = forms.IntegerField(min_value=1, required=False)
    key = forms.CharField(required=False)

    def __init__(self, data):
        super().__init__(data)
        self.fields["items"].choices = [(sent, sent) for sent in data.getlist("items") if sent.isdecimal()]

    def clean(self):
        given = super().clean()
        if given.get("place") == "position" and not given.get("position"):
            self.add_error("position", "Say which position.")
        if given.get("place") in ("before", "after") and not given.get("key"):
            self.add_error("key", "Say which item by its key.")
        return given

    def as_place(self, anchor=None):
        """anchor: the id of the item that the key names."""
        word, _, item = self.cleaned_data["place"].partition(":")
        match word:
            case "top":
                return Place.top()
            case "bottom":
                return Place.bottom()
            case "position":
                return Place.position(self.cleaned_data["position"])
            case "before":
                return Place.before(int(item) if item else anchor)
        return Place.after(int(item) if item else anchor)


# What two people may write at once.
TEXTS = ("title", "plain_title", "plain_lead", "description", "discipline")


class TextForm(forms.Form):
    """version: of the item that the person saw."""

    title = forms.CharField(max_length=300)
    plain_lead = forms.CharField(
        label="Lead",
        required=False,
        help_text="What comes of it and for whom, in words that a customer understands.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    description = forms.CharField(
        required=False,
        help_text="Markdown: **bold**, `code`, lists, tables.",
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    plain_title = forms.CharField(
        label="Title in plain language", max_length=300, required=False, help_text="For readers outside the team."
    )
    discipline = forms.ChoiceField(choices=[("", "None"), *Item.Discipline.choices], required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ClassForm(forms.Form):
    type = forms.ChoiceField(choices=TYPES)
    component = forms.ModelChoiceField(Component.objects.none(), required=False, empty_label="None")
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="None")
    goal = forms.ModelChoiceField(Goal.objects.none(), required=False, empty_label="None")

    def __init__(self, data=None, *, item):
        initial = {"type": item.type, "component": item.component_id, "team": item.team_id, "goal": item.goal_id}
        super().__init__(data, initial=initial)
        product = item.product
        self.fields["component"].queryset = product.components.active().order_by("name")
        self.fields["team"].queryset = Team.objects.active().filter(product_links__product=product).order_by("name")
        self.fields["goal"].queryset = product.goals.open().order_by("position")

    def as_changes(self):
        return self.cleaned_data | {"kind": kind_of(self.cleaned_data["type"])}


class EstimateForm(forms.Form):
    points = forms.DecimalField(min_value=0, max_digits=6, decimal_places=2, required=False)

    def __init__(self, data=None, *, item):
        super().__init__(data, initial={"points": item.points and item.points.normalize()})

    def as_changes(self):
        return self.cleaned_data


class ValueForm(forms.Form):
    business_value = forms.IntegerField(min_value=0, required=False)
    time_criticality = forms.IntegerField(min_value=1, max_value=20, required=False)
    risk_reduction = forms.IntegerField(min_value=0, required=False)
    due_on = forms.DateField(
        label="Due on", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    penalty_per_week = forms.DecimalField(label="Penalty a week", min_value=0, required=False)

    def __init__(self, data=None, *, item):
        super().__init__(data, initial={name: getattr(item, name) for name in self.base_fields})

    def as_changes(self):
        return self.cleaned_data


class DebtForm(forms.Form):
    debt_principal = forms.DecimalField(label="Principal, points", min_value=0, required=False)
    debt_interest = forms.DecimalField(label="Interest", min_value=0, required=False)
    debt_interest_unit = forms.ChoiceField(
        label="Unit of the interest", choices=[("", "None"), *Item.InterestUnit.choices], required=False
    )

    def __init__(self, data=None, *, item):
        super().__init__(data, initial={name: getattr(item, name) for name in self.base_fields})

    def as_changes(self):
        return self.cleaned_data


class TagsForm(forms.Form):
    tags = forms.CharField(required=False, help_text="With commas between them.")
    further_components = forms.ModelMultipleChoiceField(
        Component.objects.none(), label="Also touches", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data=None, *, item, tags=()):
        super().__init__(data, initial={"tags": ", ".join(tags), "further_components": self._touched(item)})
        components = item.product.components.active().exclude(pk=item.component_id).order_by("name")
        self.fields["further_components"].queryset = components

    def as_changes(self):
        names = [name.strip() for name in self.cleaned_data["tags"].split(",") if name.strip()]
        return {"tags": names, "further_components": list(self.cleaned_data["further_components"])}

    @staticmethod
    def _touched(item):
        return list(item.further_components.values_list("component", flat=True))


class AssigneeForm(forms.Form):
    assignee = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody")

    def __init__(self, data=None, *, item):
        super().__init__(data, initial={"assignee": item.assignee_id})
        self.fields["assignee"].queryset = people_of(item.product)

    def as_changes(self):
        return self.cleaned_data


class RestrictForm(forms.Form):
    is_restricted = forms.BooleanField(
        label="Only the product owner, the assignee and the owners of its component see it", required=False
    )

    def __init__(self, data=None, *, item):
        super().__init__(data, initial={"is_restricted": item.is_restricted})

    def as_changes(self):
        return self.cleaned_data


class EngageForm(forms.Form):
    engagement = forms.ChoiceField(
        label="Level of engagement",
        choices=[("", "As its component or its goal says"), *Engagement.choices],
        required=False,
        help_text="Such work needs a technical owner's word at planning, review and acceptance.",
    )

    def __init__(self, data=None, *, item):
        super().__init__(data, initial={"engagement": item.engagement})

    def as_changes(self):
        return self.cleaned_data


class QuestionForm(forms.Form):
    text = forms.CharField(label="Question", widget=forms.Textarea(attrs={"rows": 2}))
    addressee = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Anybody")
    is_blocking = forms.BooleanField(label="The item is not ready while it is open", required=False, initial=True)

    def __init__(self, data=None, *, item):
        super().__init__(data, auto_id="question_%s")
        self.fields["addressee"].queryset = people_of(item.product)


class OneTextForm(forms.Form):
    text = forms.CharField(error_messages={"required": "Write something first."})


class DecisionAnswerForm(OneTextForm):
    title = forms.CharField(max_length=300, error_messages={"required": "Name the decision in one line."})


class ReasonForm(forms.Form):
    reason = forms.CharField(required=False, max_length=500)


class TieForm(forms.Form):
    """words: needs, enables, relates or duplicates."""

    key = forms.CharField(error_messages={"required": "Say which item by its key."})
    words = forms.ChoiceField(choices=[(word, word) for word in ("needs", "enables", "relates", "duplicates")])


def people_of(product):
    """Those who work on the product: its teams, its technical owners, its product owner."""
    at_work = (
        Q(team_memberships__team__product_links__product=product)
        | Q(owned_components__product=product)
        | Q(product_roles__product=product, product_roles__role="product_owner")
    )
    members = User.objects.filter(memberships__organization=product.organization_id, memberships__deactivated_at=None)
    return members.filter(pk__in=User.objects.filter(at_work).values("pk")).order_by("name")
