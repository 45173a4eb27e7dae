"""The people and teams that somebody may see."""

from django.db.models import Prefetch, QuerySet

from accounts.models import Membership, Organization, Team, TeamMembership, User
from accounts.permissions import organization_roles


def organizations_open_to(viewer: User) -> set[int]:
    """Where the viewer is more than a stakeholder, and so may see e-mail addresses."""
    return {
        organization.pk
        for organization in Organization.objects.visible_to(viewer)
        if organization_roles(viewer, organization) - {"stakeholder", "instance_admin"}
    }


def people(viewer: User) -> QuerySet[Membership]:
    """Active memberships in the viewer's organizations, each with its user, organization and places in teams."""
    places = TeamMembership.objects.filter(team__archived_at=None).select_related("team").order_by("team__name")
    return (
        Membership.objects.visible_to(viewer)
        .active()
        .select_related("organization", "user")
        .prefetch_related(Prefetch("user__team_memberships", places))
    )


def teams(viewer: User) -> QuerySet[Team]:
    """Teams of the viewer's organizations, archived ones too, each with its people."""
    places = TeamMembership.objects.select_related("user").order_by("user__name", "id")
    return (
        Team.objects.visible_to(viewer).select_related("organization").prefetch_related(Prefetch("memberships", places))
    )
