"""What the pages of products send in."""

from django import forms
from django.utils.text import slugify

from accounts.models import User
from backlog.models import Engagement
from planning.readiness import KEY_LENGTH, RULES

KINDS = ("functional", "technical", "spike")


class NewProductForm(forms.Form):
    name = forms.CharField(max_length=120)
    key = forms.CharField(
        max_length=10, help_text="Two to ten capital letters or digits. Items are called by it: PAY-142."
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Product owner",
        required=False,
        empty_label="Nobody yet",
        help_text="One person, accountable for the order.",
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members_of(organization)


class AgreementForm(forms.Form):
    name = forms.CharField(max_length=120)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    sprint_length_days = forms.IntegerField(label="Length of a sprint, days", min_value=1, max_value=60)
    largest_ready_points = forms.IntegerField(label="Most points that an item may have to be ready", min_value=1)
    technical_share_min = forms.IntegerField(label="Technical share, at least, percent", min_value=0, max_value=100)
    technical_share_max = forms.IntegerField(label="Technical share, at most, percent", min_value=0, max_value=100)
    debt_share = forms.IntegerField(
        label="Share for repaying debt, percent",
        required=False,
        min_value=0,
        max_value=100,
        help_text="Of the points, within the technical share. Empty: nothing is agreed.",
    )
    value_point_in_currency = forms.DecimalField(
        label="Worth of one value point", required=False, help_text="Without it, no money is shown."
    )
    currency = forms.CharField(min_length=3, max_length=3)
    hours_per_point = forms.DecimalField(required=False, help_text="Turns debt interest given in hours into points.")
    version = forms.IntegerField(widget=forms.HiddenInput)


class KeyForm(forms.Form):
    key = forms.CharField(max_length=10)


class PersonForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none())

    def __init__(self, data, *, product):
        super().__init__(data)
        self.fields["user"].queryset = members_of(product.organization_id)


class GoalForm(forms.Form):
    title = forms.CharField(max_length=200)
    is_product_goal = forms.BooleanField(required=False)
    engagement = forms.ChoiceField(choices=[("", "Usual"), *Engagement.choices], required=False)


def members_of(organization):
    members = User.objects.filter(
        memberships__organization=organization, memberships__deactivated_at=None, is_service=False
    )
    return members.order_by("name")


def sent_checklists(sent, *, with_rules) -> dict:
    """Read the rows of each kind; a row without a label is none, a new one gets its key from the label."""
    lists = {kind: _rows(sent, kind, with_rules) for kind in KINDS}
    return {kind: rows for kind, rows in lists.items() if rows}


def _rows(sent, kind, with_rules):
    keys, labels = sent.getlist(f"{kind}-key"), sent.getlist(f"{kind}-label")
    rules = sent.getlist(f"{kind}-rule") if with_rules else [""] * len(labels)
    rows, taken = [], set()
    for key, label, rule in zip(keys, labels, rules, strict=False):
        if not label.strip():
            continue
        key = _free_key(key or slugify(label).replace("-", "_") or "check", taken)
        taken.add(key)
        row = {"key": key, "label": label.strip()}
        rows.append(row | {"rule": rule if rule in RULES else None} if with_rules else row)
    return rows


def _free_key(key, taken):
    key = key[: KEY_LENGTH - 3]
    return next(name for name in (key, *(f"{key}_{n}" for n in range(2, 100))) if name not in taken)
