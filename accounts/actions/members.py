"""Take people into an organization, change what they may do there, let them go."""

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import ApiToken, Invitation, Membership, Organization, Team, TeamMembership, User
from core import events
from core.errors import RuleViolation
from core.models import Event
from core.permissions import require


class AlreadyMember(RuleViolation):
    code = "already_member"
    message = "This person is in the organization already."


class LastAdmin(RuleViolation):
    code = "last_admin"
    message = "The organization needs an admin. Make somebody else admin first."


class NotDeactivated(RuleViolation):
    code = "not_deactivated"
    message = "This person has not been deactivated."


class Deactivated(RuleViolation):
    code = "deactivated"
    message = "This person has been deactivated. Reactivate them first."


@transaction.atomic
def add(organization: Organization, user: User, *, by: User, role: str = Membership.Role.MEMBER) -> Membership:
    """Make somebody who has an account a member of the organization.

    Raises PermissionDenied, AlreadyMember.
    """
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(by, "member.change_role", organization)
    if organization.memberships.filter(user=user).exists():
        raise AlreadyMember

    membership = Membership.objects.create(organization=organization, user=user, role=role)
    events.record("member.added", target=membership, by=by, user_id=user.pk, role=role)
    return membership


@transaction.atomic
def change_role(membership: Membership, *, role: str, by: User) -> Membership:
    """Make a member an admin of the organization, or an admin a member.

    Raises PermissionDenied, Deactivated, LastAdmin.
    """
    membership = _lock(membership)
    require(by, "member.change_role", membership)
    _check_active(membership)
    if role == membership.role:
        return membership
    _check_other_admin(membership)

    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    events.record("member.role_changed", target=membership, by=by, before=before, role=role)
    return membership


@transaction.atomic
def deactivate(membership: Membership, *, by: User) -> Membership:
    """Let a person go: out of the teams, sessions ended, tokens and waiting invitations revoked.

    What a person held elsewhere, such as product roles, ends with the event `member.deactivated`.
    Raises PermissionDenied, Deactivated, LastAdmin.
    """
    membership = _lock(membership)
    require(by, "member.remove", membership)
    _check_active(membership)
    _check_other_admin(membership)
    now = timezone.now()
    of_person = TeamMembership.objects.filter(organization=membership.organization_id, user=membership.user_id)
    teams = [{"team_id": team_id, "role": role} for team_id, role in of_person.values_list("team_id", "role")]

    membership.deactivated_at, membership.deactivated_by = now, by
    membership.save(update_fields=["deactivated_at", "deactivated_by"])
    of_person.delete()
    User.objects.filter(pk=membership.user_id).update(session_epoch=F("session_epoch") + 1)
    ApiToken.objects.filter(user=membership.user_id, revoked_at=None).update(revoked_at=now)
    Invitation.objects.waiting(now).filter(
        Q(invited_by=membership.user_id) | Q(email__iexact=membership.user.email),
        organization=membership.organization_id,
    ).update(revoked_at=now)
    events.record("member.deactivated", target=membership, by=by, user_id=membership.user_id, teams=teams)
    return membership


@transaction.atomic
def reactivate(membership: Membership, *, by: User) -> Membership:
    """Take a person back, into the teams they were in that still exist. Tokens stay revoked.

    Raises PermissionDenied, NotDeactivated.
    """
    membership = _lock(membership)
    require(by, "member.remove", membership)
    if membership.deactivated_at is None:
        raise NotDeactivated
    left = Event.objects.about(membership).filter(name="member.deactivated").newest_first().first()
    left_teams = {entry["team_id"]: entry["role"] for entry in left.data["teams"]} if left else {}
    teams = Team.objects.active().filter(organization=membership.organization_id, pk__in=left_teams)

    membership.deactivated_at = membership.deactivated_by = None
    membership.save(update_fields=["deactivated_at", "deactivated_by"])
    TeamMembership.objects.bulk_create(
        TeamMembership(
            organization_id=membership.organization_id,
            team=team,
            user_id=membership.user_id,
            role=left_teams[team.pk],
        )
        for team in teams
    )
    events.record("member.reactivated", target=membership, by=by, user_id=membership.user_id)
    return membership


def _lock(membership):
    # The organization first: who counts its admins must see no other change of admins meanwhile.
    Organization.objects.select_for_update().get(pk=membership.organization_id)
    return Membership.objects.select_related("organization", "user").get(pk=membership.pk)


def _check_active(membership):
    if membership.deactivated_at is not None:
        raise Deactivated


def _check_other_admin(membership):
    admins = Membership.objects.active().filter(organization=membership.organization_id, role=Membership.Role.ADMIN)
    if membership.is_admin and not admins.exclude(pk=membership.pk).exists():
        raise LastAdmin
