"""The page of an organization's people."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Invitation, Membership, Organization, TeamMembership, User
from accounts.permissions import organization_roles
from core.permissions import table


@dataclass(frozen=True)
class TeamPlace:
    team: str
    role: str
    is_scrum_master: bool


@dataclass(frozen=True)
class PersonRow:
    """email is empty where the viewer may not see addresses."""

    id: int
    name: str
    initials: str
    email: str
    is_admin: bool
    is_self: bool
    teams: tuple[TeamPlace, ...]
    deactivated_at: datetime | None
    deactivated_by: str


@dataclass(frozen=True)
class InvitationRow:
    id: int
    email: str
    joins_as: str
    invited_by: str
    expires_at: datetime
    has_run_out: bool


@dataclass(frozen=True)
class TeamChoice:
    id: int
    name: str


@dataclass(frozen=True)
class InvitationChoices:
    """What the viewer may offer: into which teams, whether without one, whether in which role."""

    teams: tuple[TeamChoice, ...]
    needs_team: bool
    has_roles: bool


@dataclass(frozen=True)
class MembersPage:
    organization: Organization
    people: tuple[PersonRow, ...]
    former: tuple[PersonRow, ...]
    invitations: tuple[InvitationRow, ...]
    choices: InvitationChoices | None
    may_manage: bool
    sees_addresses: bool


def page(organization: Organization, viewer: User) -> MembersPage:
    """Everybody in the organization, by name, and the invitations that the viewer may act on.

    choices is None for who may invite nobody.
    """
    roles = organization_roles(viewer, organization)
    is_admin = "organization_admin" in roles
    sees_addresses = bool(roles - {"stakeholder", "instance_admin"})
    people = _people(organization, viewer, sees_addresses)
    may_invite = bool(roles & table().verbs["member.invite"].cells.keys())
    return MembersPage(
        organization=organization,
        people=tuple(person for person in people if person.deactivated_at is None),
        former=tuple(person for person in people if person.deactivated_at) if is_admin else (),
        invitations=_invitations(organization, viewer, is_admin) if may_invite else (),
        choices=_choices(organization, viewer, roles) if may_invite else None,
        may_manage=is_admin,
        sees_addresses=sees_addresses,
    )


def _people(organization, viewer, sees_addresses):
    places = defaultdict(list)
    memberships = TeamMembership.objects.filter(organization=organization, team__archived_at=None)
    for place in memberships.select_related("team").order_by("team__name"):
        is_scrum_master = place.role == TeamMembership.Role.SCRUM_MASTER
        places[place.user_id].append(TeamPlace(place.team.name, place.get_role_display(), is_scrum_master))
    return [
        PersonRow(
            id=membership.user_id,
            name=str(membership.user),
            initials=membership.user.initials,
            email=membership.user.email if sees_addresses else "",
            is_admin=membership.is_admin,
            is_self=membership.user_id == viewer.pk,
            teams=tuple(places[membership.user_id]),
            deactivated_at=membership.deactivated_at,
            deactivated_by=str(membership.deactivated_by or ""),
        )
        for membership in Membership.objects.filter(organization=organization)
        .select_related("user", "deactivated_by")
        .order_by("user__name", "id")
    ]


def _invitations(organization, viewer, is_admin):
    open_ones = Invitation.objects.filter(organization=organization, accepted_at=None, revoked_at=None)
    if not is_admin:
        open_ones = open_ones.filter(invited_by=viewer)
    now = timezone.now()
    return tuple(
        InvitationRow(
            id=invitation.pk,
            email=invitation.email,
            joins_as=_joins_as(invitation),
            invited_by=str(invitation.invited_by),
            expires_at=invitation.expires_at,
            has_run_out=invitation.expires_at <= now,
        )
        for invitation in open_ones.select_related("team", "invited_by").order_by("-id")
    )


def _joins_as(invitation):
    parts = [] if invitation.team and invitation.role == Membership.Role.MEMBER else [invitation.get_role_display()]
    if invitation.team:
        parts.append(f"{invitation.get_team_role_display()} of {invitation.team}")
    return ", ".join(parts)


def _choices(organization, viewer, roles):
    teams = organization.teams.active().order_by("name")
    is_admin = "organization_admin" in roles
    if not is_admin:
        teams = teams.filter(memberships__user=viewer, memberships__role=TeamMembership.Role.SCRUM_MASTER)
    return InvitationChoices(
        teams=tuple(TeamChoice(team.pk, team.name) for team in teams),
        needs_team=not is_admin and "product_owner" not in roles,
        has_roles=is_admin,
    )
