"""Starts the app: says who has which role towards its things."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_in

        from accounts import permissions, sessions
        from accounts.models import ApiToken, Invitation, Membership, Organization, Team, User
        from core.permissions import register_condition, register_roles

        register_roles(Organization, permissions.organization_roles)
        register_roles(Team, permissions.team_roles)
        register_roles(Membership, permissions.membership_roles)
        register_roles(Invitation, permissions.invitation_roles)
        register_roles(User, permissions.own_roles)
        register_roles(ApiToken, permissions.token_roles)
        register_condition("invites_below", permissions.invites_below)

        # The libraries of sign-in have no other way to be heard.
        user_logged_in.connect(sessions.begin, dispatch_uid="session_begins")
        for changed in (authenticator_added, authenticator_removed):
            changed.connect(sessions.end_others, dispatch_uid="sessions_end")
