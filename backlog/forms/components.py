"""What the page of components sends in."""

from datetime import datetime, time

from django import forms
from django.utils import timezone

from accounts.models import User
from backlog.forms.products import members_of
from backlog.models import Component, Delegation, Engagement


class ComponentForm(forms.Form):
    name = forms.CharField(max_length=80)
    type = forms.ChoiceField(choices=Component.Type, initial=Component.Type.COMPONENT)
    parent = forms.ModelChoiceField(
        Component.objects.none(), label="Part of", required=False, empty_label="The product itself"
    )
    engagement = forms.ChoiceField(
        label="Level of engagement",
        choices=[("", "Usual"), *Engagement.choices],
        required=False,
        help_text="Items of an architectural or large-scale component need the word of a technical owner.",
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = product.components.active().order_by("name")


class LoanForm(forms.Form):
    component = forms.ModelChoiceField(Component.objects.none(), empty_label=None)
    power = forms.ChoiceField(choices=Delegation.Power)
    grantee = forms.ModelChoiceField(User.objects.none(), label="To", empty_label=None)
    until = forms.DateField(
        label="Until", required=False, help_text="90 days if left empty.", widget=forms.DateInput({"type": "date"})
    )
    intent = forms.CharField(label="What for", max_length=300, required=False)

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, auto_id="loan_%s", **kwargs)
        self.fields["component"].queryset = product.components.active().order_by("name")
        self.fields["grantee"].queryset = members_of(product.organization_id)

    def as_arguments(self):
        """The arguments of delegations.grant but for the component; it lasts to the end of the day."""
        given = self.cleaned_data
        day = given["until"]
        until = timezone.make_aware(datetime.combine(day, time.max)) if day else None
        return {"power": given["power"], "grantee": given["grantee"], "intent": given["intent"], "until": until}
