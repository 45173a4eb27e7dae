"""Make teams, and choose who is in them."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Organization, Team, TeamMembership, User
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require


class NameTaken(RuleViolation):
    code = "team_name_taken"
    message = "There is a team of that name already."
    field = "name"


class NameMissing(InvalidInput):
    code = "team_name_missing"
    message = "A team has a name of up to 80 characters."


class Archived(RuleViolation):
    code = "team_archived"
    message = "The team has been archived. Bring it back first."


class NotMember(RuleViolation):
    code = "not_member"
    message = "Only people in the organization can join its teams. Invite them first."
    field = "user"


class AlreadyInTeam(RuleViolation):
    code = "already_in_team"
    message = "This person is in the team already."
    field = "user"


class NotInTeam(RuleViolation):
    code = "not_in_team"
    message = "This person is not in the team."


@transaction.atomic
def create(organization: Organization, *, name: str, by: User) -> Team:
    """Make a team without people.

    Raises PermissionDenied, NameTaken.
    """
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(by, "team.manage", organization)
    _check_name(organization, name)

    team = Team.objects.create(organization=organization, name=name)
    events.record("team.created", target=team, by=by, name=name)
    return team


@transaction.atomic
def rename(team: Team, *, name: str, by: User) -> Team:
    """Give a team another name.

    Raises PermissionDenied, NameTaken.
    """
    team = _lock(team)
    require(by, "team.manage", team)
    if name == team.name:
        return team
    _check_name(team.organization, name, except_pk=team.pk)

    before, team.name = team.name, name
    team.save(update_fields=["name"])
    events.record("team.renamed", target=team, by=by, before=before, name=name)
    return team


@transaction.atomic
def edit(team: Team, *, by: User, name: str | None = None, is_archived: bool | None = None) -> Team:
    """Rename a team, put it away or bring it back, in one step.

    Raises PermissionDenied, NameTaken.
    """
    team = _lock(team)
    require(by, "team.manage", team)
    if name is not None:
        team = rename(team, name=name, by=by)
    if is_archived and team.archived_at is None:
        team = archive(team, by=by)
    if is_archived is False:
        team = restore(team, by=by)
    return team


@transaction.atomic
def archive(team: Team, *, by: User) -> Team:
    """Put a team away; its past stays, and it can be brought back.

    Raises PermissionDenied, Archived.
    """
    team = _lock(team)
    require(by, "team.manage", team)
    _check_not_archived(team)

    team.archived_at = timezone.now()
    team.save(update_fields=["archived_at"])
    events.record("team.archived", target=team, by=by)
    return team


@transaction.atomic
def restore(team: Team, *, by: User) -> Team:
    """Bring an archived team back, with the people it had; a team that isn't archived stays as it is.

    Raises PermissionDenied.
    """
    team = _lock(team)
    require(by, "team.manage", team)
    if team.archived_at is None:
        return team

    team.archived_at = None
    team.save(update_fields=["archived_at"])
    events.record("team.restored", target=team, by=by)
    return team


@transaction.atomic
def add_member(team: Team, user: User, *, by: User, role: str = TeamMembership.Role.DEVELOPER) -> TeamMembership:
    """Take a member of the organization into a team.

    Raises PermissionDenied, Archived, NotMember, AlreadyInTeam.
    """
    team = _lock(team)
    require(by, "team.manage", team)
    _check_not_archived(team)
    if not Membership.objects.active().filter(organization=team.organization_id, user=user).exists():
        raise NotMember
    if team.memberships.filter(user=user).exists():
        raise AlreadyInTeam

    place = TeamMembership.objects.create(organization=team.organization, team=team, user=user, role=role)
    events.record("team.member_added", target=team, by=by, user_id=user.pk, role=role)
    return place


@transaction.atomic
def change_role(team: Team, user: User, *, role: str, by: User) -> TeamMembership:
    """Make a developer scrum master, or a scrum master developer.

    Raises PermissionDenied, NotInTeam.
    """
    team = _lock(team)
    require(by, "team.manage", team)
    place = _place(team, user)
    if role == place.role:
        return place

    before, place.role = place.role, role
    place.save(update_fields=["role"])
    events.record("team.role_changed", target=team, by=by, user_id=user.pk, before=before, role=role)
    return place


@transaction.atomic
def remove_member(team: Team, user: User, *, by: User) -> None:
    """Take a person out of a team; they stay in the organization.

    Raises PermissionDenied, NotInTeam.
    """
    team = _lock(team)
    require(by, "team.manage", team)
    place = _place(team, user)

    place.delete()
    events.record("team.member_removed", target=team, by=by, user_id=user.pk, role=place.role)


def _lock(team):
    # The organization first, as members.deactivate does: it must not lose people while teams take them.
    Organization.objects.select_for_update().get(pk=team.organization_id)
    return Team.objects.select_related("organization").get(pk=team.pk)


def _check_name(organization, name, except_pk=None):
    if organization.teams.filter(name__iexact=name).exclude(pk=except_pk).exists():
        raise NameTaken


def _check_not_archived(team):
    if team.archived_at is not None:
        raise Archived


def _place(team, user):
    place = team.memberships.filter(user=user).first()
    if place is None:
        raise NotInTeam
    return place
