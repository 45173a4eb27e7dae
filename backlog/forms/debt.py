"""What the register is told of a debt."""

from django import forms

from backlog.models import Component, Decision, Item

# The item's own fields, by the verb that each needs.
_OF_ITEM = {
    "item.edit": ("debt_principal", "debt_interest", "debt_interest_unit"),
    "item.classify": ("component",),
}


class _DecisionName:
    def label_from_instance(self, decision):
        return f"{decision.key} {decision.title}"


class _DecisionChoice(_DecisionName, forms.ModelChoiceField):
    pass


class _DecisionChoices(_DecisionName, forms.ModelMultipleChoiceField):
    pass


class DebtEntryForm(forms.Form):
    # The browser sends along what it was shown: only what the person changed is written.
    debt_principal = forms.DecimalField(
        label="Principal", required=False, min_value=0, show_hidden_initial=True, help_text="Points to repay it."
    )
    debt_interest = forms.DecimalField(
        label="Interest", required=False, min_value=0, show_hidden_initial=True, help_text="What it costs each week."
    )
    debt_interest_unit = forms.ChoiceField(
        label="Unit of the interest",
        choices=[("", "None"), *Item.InterestUnit.choices],
        required=False,
        show_hidden_initial=True,
    )
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
    component = forms.ModelChoiceField(
        Component.objects.none(), required=False, empty_label="None", show_hidden_initial=True
    )
    unlink = _DecisionChoices(
        Decision.objects.none(),
        label="Unlink decisions",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They are about it now. Tick those that are not.",
    )
    link = _DecisionChoice(
        Decision.objects.none(), label="Link a decision", required=False, empty_label="Choose a decision"
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, item, entry, rights, decisions):
        """rights: of the verbs of the item's own fields, those that the person has. decisions: that may be linked."""
        initial = {"version": 0, "component": item.component_id, "debt_interest_unit": item.debt_interest_unit}
        for name in ("debt_principal", "debt_interest"):
            initial[name] = getattr(item, name) and getattr(item, name).normalize()
        if entry:
            initial |= {name: getattr(entry, name) for name in ("payer", "trigger", "risk", "version")}
            # What a date input takes.
            initial["since"] = entry.since and entry.since.isoformat()
            initial["incidents"] = "\n".join(entry.incidents)
        super().__init__(data, initial=initial)
        self.item = item
        self.fields["component"].queryset = item.product.components.active().order_by("name")
        for name, rows in (("unlink", decisions.linked), ("link", decisions.others)):
            self.fields[name].queryset = Decision.objects.filter(pk__in=[row.pk for row in rows]).order_by("-number")
            if not rows:
                del self.fields[name]
        for verb, names in _OF_ITEM.items():
            for name in names if verb not in rights else ():
                del self.fields[name]

    def as_saved(self):
        """What stands in the entry, as (label, text), to be read beside what was written."""
        shown = []
        for field in self.visible_fields():
            if field.name not in ("link", "unlink"):
                value = self.item.component if field.name == "component" else field.value()
                shown.append((field.label, "" if value is None else str(value)))
        return shown

    def as_values(self):
        """The arguments of debt.describe."""
        of_item = {name for names in _OF_ITEM.values() for name in names}
        given = {name: value for name, value in self.cleaned_data.items() if name not in {"version", *of_item}}
        given["link"] = [given["link"]] if given.get("link") else []
        given["of_item"] = {name: self.cleaned_data[name] for name in of_item & set(self.changed_data)}
        return given | {"incidents": given["incidents"].splitlines()}
