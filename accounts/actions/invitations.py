"""Invite people, and let them in."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts import mails
from accounts.actions import people
from accounts.models import Invitation, Membership, Organization, Team, TeamMembership, User
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

VALID_FOR = timedelta(days=7)
_TOKEN_BYTES = 32


class AlreadyMember(RuleViolation):
    code = "already_member"
    message = "This person is in the organization already."
    field = "email"


class AlreadyInvited(RuleViolation):
    code = "already_invited"
    message = "This person has an invitation that waits for an answer. Send that one again instead."
    field = "email"


class NotWaiting(RuleViolation):
    code = "invitation_not_waiting"
    message = "This invitation has been used, taken back or has run out. Ask for a new one."


class OtherPerson(RuleViolation):
    code = "invitation_for_other_person"
    message = "This invitation is for another e-mail address than the one you are signed in with."


class AccountExists(RuleViolation):
    code = "account_exists"
    message = "You have an account with this address. Sign in, then open the invitation again."


@transaction.atomic
def invite(
    organization: Organization,
    *,
    by: User,
    email: str,
    role: str = Membership.Role.MEMBER,
    team: Team | None = None,
    team_role: str = "",
) -> Invitation:
    """Send an invitation that works once, within seven days, for that address only.

    Raises PermissionDenied, InvalidInput, AlreadyMember, AlreadyInvited.
    """
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    token, now = _new_token(), timezone.now()
    invitation = Invitation(
        organization=organization,
        email=email.lower(),
        role=role,
        team=team,
        team_role=team_role,
        token_hash=_hash(token),
        invited_by=by,
        expires_at=now + VALID_FOR,
    )
    require(by, "member.invite", invitation)
    if team is not None and (team.organization_id != organization.pk or team.archived_at is not None):
        raise InvalidInput("There is no such team here.", field="team")
    if organization.memberships.filter(user__email__iexact=email).exists():
        raise AlreadyMember
    if organization.invitations.waiting(now).filter(email__iexact=email).exists():
        raise AlreadyInvited

    invitation.save()
    events.record("invitation.sent", target=invitation, by=by, **_described(invitation))
    mails.send_invitation(invitation, token)
    return invitation


@transaction.atomic
def resend(invitation: Invitation, *, by: User) -> Invitation:
    """Send the invitation with a new link and seven new days; the old link stops working.

    Raises PermissionDenied, NotWaiting (accepted or taken back; one that ran out may be sent again).
    """
    invitation = _lock(pk=invitation.pk)
    require(by, "member.invite", invitation)
    if invitation.accepted_at or invitation.revoked_at:
        raise NotWaiting
    token = _new_token()

    invitation.token_hash, invitation.expires_at = _hash(token), timezone.now() + VALID_FOR
    invitation.save(update_fields=["token_hash", "expires_at"])
    events.record("invitation.resent", target=invitation, by=by)
    mails.send_invitation(invitation, token)
    return invitation


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> Invitation:
    """Take an invitation back: its link stops working.

    Raises PermissionDenied, NotWaiting.
    """
    invitation = _lock(pk=invitation.pk)
    require(by, "member.invite", invitation)
    if invitation.accepted_at or invitation.revoked_at:
        raise NotWaiting

    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    events.record("invitation.revoked", target=invitation, by=by)
    return invitation


@transaction.atomic
def accept(token: str, *, by: User) -> Membership:
    """Join with the account one is signed in with. The token is the permission; the address must be one's own.

    Raises NotWaiting, OtherPerson.
    """
    invitation = _lock_waiting(token)
    verified = EmailAddress.objects.filter(user=by, verified=True, email__iexact=invitation.email)
    if not verified.exists():
        raise OtherPerson
    return _join(invitation, by)


@transaction.atomic
def accept_as_new(token: str, *, name: str, password: str) -> User:
    """Make the account of an invited person and join. The mail has shown that the address is theirs.

    Raises NotWaiting, AccountExists, InvalidInput.
    """
    invitation = _lock_waiting(token)
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise AccountExists
    person = people.create_account(name=name, email=invitation.email, password=password)
    _join(invitation, person)
    return person


def find(token: str) -> Invitation:
    """The waiting invitation of that token.

    Raises NotWaiting.
    """
    waiting = Invitation.objects.waiting(timezone.now()).select_related("organization", "team", "invited_by")
    invitation = waiting.filter(token_hash=_hash(token)).first()
    if invitation is None:
        raise NotWaiting
    return invitation


def _lock(**which):
    # The organization first, like every action that changes who is in it.
    organization_id = Invitation.objects.values_list("organization_id", flat=True).get(**which)
    Organization.objects.select_for_update().get(pk=organization_id)
    return Invitation.objects.select_related("organization", "team", "invited_by").get(**which)


def _lock_waiting(token):
    invitation = _lock(pk=find(token).pk)
    if invitation.token_hash != _hash(token) or invitation.expires_at <= timezone.now():
        raise NotWaiting
    if invitation.accepted_at or invitation.revoked_at:
        raise NotWaiting
    return invitation


def _join(invitation, person):
    membership, is_new = Membership.objects.get_or_create(
        organization=invitation.organization, user=person, defaults={"role": invitation.role}
    )
    if not is_new:
        raise NotWaiting
    if invitation.team is not None and invitation.team.archived_at is None:
        TeamMembership.objects.create(
            organization=invitation.organization, team=invitation.team, user=person, role=invitation.team_role
        )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    events.record("invitation.accepted", target=invitation, by=person)
    events.record("member.added", target=membership, by=person, user_id=person.pk, role=membership.role)
    return membership


def _described(invitation):
    return {
        "email": invitation.email,
        "role": invitation.role,
        "team_id": invitation.team_id,
        "team_role": invitation.team_role,
    }


def _new_token():
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()
