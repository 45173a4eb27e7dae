"""The roles that people have towards organizations, teams and what belongs to them.

Membership alone reads as `stakeholder`, the least role of the table. It counts towards these targets only:
what somebody may do with a product is the backlog's to say.
"""

from collections.abc import Callable

from accounts.models import ApiToken, Invitation, Membership, Organization, Team, TeamMembership, User
from core.permissions import table

_sources: list[Callable[[User, Organization], set[str]]] = []
_product_sources: list[Callable[[User], dict[int, str]]] = []


def register_organization_roles(source: Callable[[User, Organization], set[str]]) -> None:
    """Let a higher app add the roles that a member holds somewhere in the organization. For `apps.py`."""
    _sources.append(source)


def register_token_products(source: Callable[[User], dict[int, str]]) -> None:
    """Let a higher app say which products a person sees: id → name. For `apps.py`."""
    _product_sources.append(source)


def token_products(user: User) -> dict[int, str]:
    """The products that a token of this person may be limited to: id → name, in the order of pages."""
    return {pk: name for source in _product_sources for pk, name in source(user).items()}


def organization_roles(user: User, organization: Organization) -> set[str]:
    """Every role that an active member holds somewhere in the organization; others have none."""
    roles = {"instance_admin"} if user.is_superuser else set()
    membership = Membership.objects.active().filter(organization=organization, user=user).first()
    if membership is None:
        return roles
    roles |= {"stakeholder"} | ({"organization_admin"} if membership.is_admin else set())
    team_roles = TeamMembership.objects.filter(
        organization=organization, user=user, team__archived_at=None
    ).values_list("role", flat=True)
    for role in team_roles:
        roles |= _roles_in_team(role)
    for source in _sources:
        roles |= source(user, organization)
    return roles


def team_roles(user: User, team: Team) -> set[str]:
    """The roles towards one team: being scrum master elsewhere gives none here."""
    membership = Membership.objects.active().filter(organization_id=team.organization_id, user=user).first()
    if membership is None:
        return set()
    roles = {"stakeholder"} | ({"organization_admin"} if membership.is_admin else set())
    for role in TeamMembership.objects.filter(team=team, user=user).values_list("role", flat=True):
        roles |= _roles_in_team(role)
    return roles


def membership_roles(user: User, membership: Membership) -> set[str]:
    return organization_roles(user, membership.organization)


def invitation_roles(user: User, invitation: Invitation) -> set[str]:
    return organization_roles(user, invitation.organization)


def own_roles(user: User, person: User) -> set[str]:
    """Towards oneself: what everybody has who can sign in, and the instance's admin."""
    if user.pk != person.pk:
        return set()
    return {"stakeholder"} | ({"instance_admin"} if user.is_superuser else set())


def token_roles(user: User, token: ApiToken) -> set[str]:
    return {"stakeholder"} if token.user_id == user.pk else set()


def invites_below(user: User, target: Organization | Invitation) -> bool:
    """A scrum master invites developers into teams of their own, a product owner plain members.

    Joining a team opens the products it works on, so a product owner alone can't fill teams.
    Towards an organization: whether there is anybody they may invite.
    """
    if isinstance(target, Organization):
        return True
    if target.role != Membership.Role.MEMBER:
        return False
    if target.team_id is None:
        return "product_owner" in organization_roles(user, target.organization)
    return (
        target.team_role == TeamMembership.Role.DEVELOPER
        and TeamMembership.objects.filter(
            team=target.team_id, user=user, role=TeamMembership.Role.SCRUM_MASTER, team__archived_at=None
        ).exists()
    )


def token_scopes() -> set[str]:
    """Every scope that a token may carry."""
    return {verb.scope for verb in table().verbs.values() if verb.scope and verb.is_built}


def _roles_in_team(role: str) -> set[str]:
    return {"team_member", "scrum_master"} if role == TeamMembership.Role.SCRUM_MASTER else {"team_member"}
