"""Starts the app: says who has which role towards its things."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from accounts import permissions
        from accounts.models import ApiToken, Invitation, Membership, Organization, Team, User
        from core.permissions import register_condition, register_roles

        register_roles(Organization, permissions.organization_roles)
        register_roles(Team, permissions.team_roles)
        register_roles(Membership, permissions.membership_roles)
        register_roles(Invitation, permissions.invitation_roles)
        register_roles(User, permissions.own_roles)
        register_roles(ApiToken, permissions.token_roles)
        register_condition("invites_below", permissions.invites_below)
