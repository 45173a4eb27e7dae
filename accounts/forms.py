"""What the pages of people and their belonging send in."""

import zoneinfo

from django import forms
from django.utils.html import format_html

from accounts.actions import tokens
from accounts.models import Membership, Team, TeamMembership, User

_DAYS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "A year"))


class InvitationForm(forms.Form):
    """choices: queries.members.InvitationChoices, what this viewer may offer."""

    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="No team")
    team_role = forms.ChoiceField(label="In the team", choices=TeamMembership.Role, initial="developer")
    role = forms.ChoiceField(label="In the organization", choices=Membership.Role, initial="member")

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.filter(pk__in=[team.id for team in choices.teams])
        if choices.needs_team:
            self.fields["team"].required, self.fields["team"].empty_label = True, None
        if not choices.teams:
            del self.fields["team"]
        if not choices.has_roles:
            del self.fields["team_role"], self.fields["role"]

    def as_arguments(self):
        """The arguments of invitations.invite."""
        given = self.cleaned_data
        team = given.get("team")
        return {
            "email": given["email"],
            "role": given.get("role") or Membership.Role.MEMBER,
            "team": team,
            "team_role": (given.get("team_role") or TeamMembership.Role.DEVELOPER) if team else "",
        }


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role)


class TeamForm(forms.Form):
    name = forms.CharField(max_length=80)


class TeamMemberForm(forms.Form):
    user = forms.IntegerField()
    role = forms.ChoiceField(choices=TeamMembership.Role)


class TeamRoleForm(forms.Form):
    role = forms.ChoiceField(choices=TeamMembership.Role)


class OrganizationForm(forms.Form):
    name = forms.CharField(max_length=120)
    time_zone = forms.ChoiceField(
        help_text="The night, in which Underpin looks over the backlogs, begins at 02:00 there."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones())
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]


class NewPersonForm(forms.Form):
    """The account of an invited person; the address is the invitation's."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="A password",
        help_text="8 characters at least. A sentence is easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class FirstRunForm(OrganizationForm):
    admin_name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(label="Your e-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = NewPersonForm.base_fields["password"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name of your organization"


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    theme = forms.ChoiceField(label="Light or dark", choices=User.Theme, widget=forms.RadioSelect)
    has_shortcuts = forms.BooleanField(
        label="Single-key shortcuts", required=False, help_text="Off for who dictates or types with few keys."
    )


class TokenForm(forms.Form):
    """scopes: queries.profile.ScopeRow, in the order of the page; products: id → name."""

    name = forms.CharField(label="What it is for", max_length=80)
    days = forms.TypedChoiceField(label="It lasts", choices=_DAYS, coerce=int, initial=tokens.DEFAULT_DAYS)
    scopes = forms.MultipleChoiceField(
        label="It may",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing the token may do."},
    )

    product_ids = forms.TypedMultipleChoiceField(
        label="Only in these products",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Without a tick: in every product that you may see, later ones too.",
    )

    def __init__(self, *args, scopes, products, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["product_ids"].choices = list(products.items())
        self.fields["scopes"].choices = [(scope.name, _explained(scope)) for scope in scopes]

    def as_arguments(self):
        """The arguments of tokens.create."""
        return self.cleaned_data | {"product_ids": self.cleaned_data["product_ids"] or None}


def _explained(scope):
    return format_html("<span>{} <code>{}</code></span>", scope.meaning, scope.name)
