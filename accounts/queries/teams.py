"""The page of an organization's teams."""

from dataclasses import dataclass

from django.db.models import Prefetch

from accounts.models import Membership, Organization, Team, TeamMembership, User
from accounts.permissions import organization_roles
from core.permissions import table


@dataclass(frozen=True)
class TeamPerson:
    id: int
    name: str
    initials: str
    role: str
    role_label: str


@dataclass(frozen=True)
class TeamCard:
    """candidates: who is in the organization but not in the team, by name."""

    id: int
    name: str
    people: tuple[TeamPerson, ...]
    candidates: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class TeamsPage:
    organization: Organization
    teams: tuple[TeamCard, ...]
    archived: tuple[TeamCard, ...]
    may_manage: bool


def page(organization: Organization, viewer: User) -> TeamsPage:
    """Every team with its people, scrum masters first."""
    may_manage = bool(organization_roles(viewer, organization) & table().verbs["team.manage"].cells.keys())
    members = Membership.objects.active().filter(organization=organization).select_related("user")
    everybody = [(membership.user_id, str(membership.user)) for membership in members.order_by("user__name", "id")]
    # "scrum_master" sorts behind "developer".
    places = TeamMembership.objects.select_related("user").order_by("-role", "user__name", "id")
    teams = Team.objects.filter(organization=organization).order_by("name")
    cards = [
        (team.archived_at, _card(team, everybody if may_manage else []))
        for team in teams.prefetch_related(Prefetch("memberships", places))
    ]
    return TeamsPage(
        organization=organization,
        teams=tuple(card for archived_at, card in cards if archived_at is None),
        archived=tuple(card for archived_at, card in cards if archived_at) if may_manage else (),
        may_manage=may_manage,
    )


def _card(team, everybody):
    places = list(team.memberships.all())
    inside = {place.user_id for place in places}
    return TeamCard(
        id=team.pk,
        name=team.name,
        people=tuple(
            TeamPerson(place.user_id, str(place.user), place.user.initials, place.role, place.get_role_display())
            for place in places
        ),
        candidates=tuple(person for person in everybody if person[0] not in inside),
    )
