"""Who is what towards a team's sprints."""

from collections.abc import Sequence

from django.db import connection

from core.permissions import can, register_roles
from sprints.models import Absence, CorrectiveAction, Inspection, Sprint, SprintItem, SprintNote

_ROLE_NAMES = {"developer": "team_member"}
_ROLES = """
    SELECT team.id, 'member' FROM accounts_team team JOIN accounts_membership member USING (organization_id)
    WHERE team.id = ANY(%(teams)s) AND member.user_id = %(user)s AND member.deactivated_at IS NULL
    UNION ALL
    SELECT team.id, place.role FROM accounts_teammembership place JOIN accounts_team team ON team.id = place.team_id
    WHERE team.id = ANY(%(teams)s) AND team.archived_at IS NULL AND place.user_id = %(user)s
    UNION ALL
    SELECT link.team_id, owner.role FROM backlog_productteam link JOIN backlog_productrole owner USING (product_id)
    WHERE link.team_id = ANY(%(teams)s) AND owner.user_id = %(user)s AND owner.role = 'product_owner'
    UNION ALL
    SELECT link.team_id, 'technical_owner'
    FROM backlog_productteam link JOIN backlog_componentowner owner USING (product_id)
    WHERE link.team_id = ANY(%(teams)s) AND owner.user_id = %(user)s
"""


def sprint_roles(user, sprint) -> set[str]:
    """The role in the sprint's own team, and what the person is in the products it works on.

    Being scrum master elsewhere gives nothing here. A sprint that isn't saved yet will do: it knows its team.
    """
    return roles_in_teams(user, [sprint.team_id])[sprint.team_id]


def roles_in_teams(user, team_ids: Sequence[int]) -> dict[int, set[str]]:
    """The roles of a person towards the sprints of each of these teams, in one statement."""
    found = {team: set() for team in team_ids}
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, {"user": user.pk, "teams": list(team_ids)})
        for team, role in cursor.fetchall():
            found[team].add(role)
    outside = {"instance_admin"} if user.is_superuser else set()
    return {
        team: {_ROLE_NAMES.get(role, role) for role in roles - {"member"}} if "member" in roles else outside
        for team, roles in found.items()
    }


def right_to_split(user, sprint, item) -> tuple[str, object]:
    """What splitting an item of a running sprint requires: of its team's scrum master the right over the sprint, of
    everybody else that over the item."""
    return ("sprint.split", sprint) if can(user, "sprint.split", sprint) else ("item.split", item)


def register() -> None:
    """Tell core how to find roles towards the rows of this app."""
    register_roles(Sprint, sprint_roles)
    register_roles(SprintItem, lambda user, entry: sprint_roles(user, entry.sprint))
    register_roles(Inspection, lambda user, inspection: sprint_roles(user, inspection.sprint))
    register_roles(CorrectiveAction, lambda user, action: sprint_roles(user, action.inspection.sprint))
    register_roles(SprintNote, lambda user, note: sprint_roles(user, note.sprint))
    # An absence knows its team too.
    register_roles(Absence, sprint_roles)
