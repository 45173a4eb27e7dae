"""Who is what towards a team's sprints."""

from accounts.models import Membership, TeamMembership
from backlog.models import ComponentOwner, ProductRole
from core.permissions import register_roles
from sprints.models import Sprint, SprintItem

_ROLE_NAMES = {TeamMembership.Role.DEVELOPER: "team_member"}


def sprint_roles(user, sprint) -> set[str]:
    """The role in the sprint's own team, and what the person is in the products it works on.

    Being scrum master elsewhere gives nothing here. A sprint that isn't saved yet will do: it knows its team.
    """
    active = Membership.objects.active().filter(user=user, organization__teams=sprint.team_id)
    if not active.exists():
        return {"instance_admin"} if user.is_superuser else set()
    in_team = TeamMembership.objects.filter(user=user, team=sprint.team_id, team__archived_at=None)
    in_products = ProductRole.objects.filter(
        user=user, role=ProductRole.Role.PRODUCT_OWNER, product__team_links__team=sprint.team_id
    )
    named = in_team.values_list("role", flat=True).union(in_products.values_list("role", flat=True))
    roles = {_ROLE_NAMES.get(role, role) for role in named}
    owned = ComponentOwner.objects.filter(user=user, product__team_links__team=sprint.team_id)
    return roles | {"technical_owner"} if owned.exists() else roles


def register() -> None:
    """Tell core how to find roles towards the rows of this app."""
    register_roles(Sprint, sprint_roles)
    register_roles(SprintItem, lambda user, entry: sprint_roles(user, entry.sprint))
