"""What the page of a suggestion sends in."""

from django import forms

from accounts.models import Team
from backlog.actions.ordering import Place
from backlog.forms.items import TYPES, kind_of
from backlog.models import Component, Item

_TEXTS = ("title", "plain_lead", "description")
_CLASSES = ("type", "component", "team")


class SuggestionForm(forms.Form):
    """Only what the person may not change, but suggest."""

    title = forms.CharField(max_length=300)
    plain_lead = forms.CharField(label="Lead", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 10}))
    type = forms.ChoiceField(choices=TYPES)
    component = forms.ModelChoiceField(Component.objects.none(), required=False, empty_label="None")
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="None")
    reason = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One sentence helps whoever decides.",
    )

    def __init__(self, data=None, *, item, rights):
        initial = {name: getattr(item, name) for name in ("title", "plain_lead", "description", "type")}
        super().__init__(data, initial=initial | {"component": item.component_id, "team": item.team_id})
        for names, ask, do in (
            (_TEXTS, "item.suggest_text", "item.edit"),
            (_CLASSES, "item.suggest_class", "item.classify"),
        ):
            if ask not in rights or do in rights:
                for name in names:
                    del self.fields[name]
        if "component" in self.fields:
            self.fields["component"].queryset = item.product.components.active().order_by("name")
            teams = Team.objects.active().filter(product_links__product=item.product)
            self.fields["team"].queryset = teams.order_by("name")

    def as_changes(self):
        changes = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return changes | {"kind": kind_of(changes["type"])} if "type" in changes else changes


class SuggestMoveForm(forms.Form):
    place = forms.ChoiceField(
        choices=[("top", "At the top"), ("before", "Before"), ("after", "Behind"), ("bottom", "At the bottom")]
    )
    key = forms.CharField(required=False, max_length=80)
    reason = forms.CharField(required=False, max_length=500)

    def clean(self):
        given = super().clean()
        if given.get("place") in ("before", "after") and not given.get("key"):
            self.add_error("key", "Say which item by its key.")
        return given

    def as_place(self, anchor: Item | None):
        word = self.cleaned_data["place"]
        return getattr(Place, word)(anchor.pk) if word in ("before", "after") else getattr(Place, word)()
