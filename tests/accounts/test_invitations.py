"""Inviting people, and letting them in (S19)."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.actions import invitations, members
from accounts.models import Invitation, Membership, User
from core.errors import InvalidInput
from core.models import Event
from tests import factories


def test_an_invitation_goes_out_by_mail_and_only_its_hash_stays(organization, ada, mailoutbox, token_in, recorded):
    invitation = invitations.invite(organization, by=ada, email="Nora@Northwind.example")

    [mail] = mailoutbox
    token = token_in(mail)
    assert mail.to == ["nora@northwind.example"]
    assert token in mail.alternatives[0].content
    assert recorded(invitation) == ["invitation.sent"]
    stored = str(list(Invitation.objects.values())) + str(list(Event.objects.values()))
    assert token not in stored
    assert invitation.expires_at - timezone.now() > timedelta(days=6, hours=23)


def test_accepting_gives_the_membership_and_the_place_in_the_team(invited, kestrel, newcomer, recorded):
    membership = invitations.accept(invited.token, by=newcomer)

    assert (membership.user, membership.role) == (newcomer, "member")
    assert kestrel.memberships.get(user=newcomer).role == "developer"
    assert recorded(invited.invitation) == ["invitation.sent", "invitation.accepted"]


def test_an_invitation_works_once(invited, newcomer):
    invitations.accept(invited.token, by=newcomer)

    with pytest.raises(invitations.NotWaiting):
        invitations.accept(invited.token, by=newcomer)


def test_an_invitation_runs_out_after_seven_days(invited, newcomer):
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)), pytest.raises(invitations.NotWaiting):
        invitations.accept(invited.token, by=newcomer)


def test_an_invitation_is_for_its_address_only(invited, eve):
    with pytest.raises(invitations.OtherPerson):
        invitations.accept(invited.token, by=eve)


def test_an_unverified_address_is_not_enough(invited, newcomer):
    newcomer.emailaddress_set.update(verified=False)

    with pytest.raises(invitations.OtherPerson):
        invitations.accept(invited.token, by=newcomer)


def test_the_link_sent_again_replaces_the_old_one(invited, ada, newcomer, mailoutbox, token_in):
    invitations.resend(invited.invitation, by=ada)

    with pytest.raises(invitations.NotWaiting):
        invitations.accept(invited.token, by=newcomer)
    assert invitations.accept(token_in(), by=newcomer).user == newcomer
    assert len(mailoutbox) == 2


def test_an_invitation_taken_back_lets_nobody_in(invited, ada, newcomer):
    invitations.revoke(invited.invitation, by=ada)

    with pytest.raises(invitations.NotWaiting):
        invitations.accept(invited.token, by=newcomer)
    with pytest.raises(invitations.NotWaiting):
        invitations.resend(invited.invitation, by=ada)


def test_a_new_person_gets_an_account_with_a_verified_address(organization, ada, token_in):
    invitations.invite(organization, by=ada, email="new@northwind.example", role="admin")

    person = invitations.accept_as_new(token_in(), name="New Person", password=factories.PASSWORD)

    assert (person.name, person.email, person.is_superuser) == ("New Person", "new@northwind.example", False)
    assert person.emailaddress_set.get().verified
    assert Membership.objects.get(user=person).is_admin


def test_a_weak_password_leaves_the_invitation_waiting(organization, ada, token_in):
    invitation = invitations.invite(organization, by=ada, email="new@northwind.example")

    with pytest.raises(InvalidInput):
        invitations.accept_as_new(token_in(), name="New Person", password="12345678")

    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert not User.objects.filter(email="new@northwind.example").exists()


def test_who_has_an_account_does_not_make_a_second(invited):
    with pytest.raises(invitations.AccountExists):
        invitations.accept_as_new(invited.token, name="Nora", password=factories.PASSWORD)


def test_members_and_invited_people_are_not_invited_again(organization, ada, dev, invited, membership_of):
    with pytest.raises(invitations.AlreadyMember):
        invitations.invite(organization, by=ada, email=dev.email.upper())
    with pytest.raises(invitations.AlreadyInvited):
        invitations.invite(organization, by=ada, email="nora@northwind.example")
    members.deactivate(membership_of(dev), by=ada)
    with pytest.raises(invitations.AlreadyMember):
        invitations.invite(organization, by=ada, email=dev.email)


def test_a_team_of_another_organization_is_no_place(organization, ada):
    foreign = factories.TeamFactory()

    with pytest.raises(InvalidInput):
        invitations.invite(organization, by=ada, email="n@x.example", team=foreign, team_role="developer")


@pytest.mark.parametrize(
    ("person", "place", "role", "is_allowed"),
    [
        ("mia", ("kestrel", "developer"), "member", True),
        ("mia", ("kestrel", "scrum_master"), "member", False),
        ("mia", ("heron", "developer"), "member", False),
        ("mia", (None, ""), "member", False),
        ("mia", ("kestrel", "developer"), "admin", False),
        ("dev", ("kestrel", "developer"), "member", False),
        ("stan", (None, ""), "member", False),
        ("marek", (None, ""), "member", False),
        ("eve", (None, ""), "member", False),
        ("ada", ("heron", "scrum_master"), "admin", True),
    ],
)
def test_nobody_invites_above_their_own_role(organization, kestrel, person, place, role, is_allowed, request):
    heron = factories.TeamFactory(organization=organization, name="Heron")
    by = request.getfixturevalue(person)
    team = {"kestrel": kestrel, "heron": heron, None: None}[place[0]]

    def invite():
        invitations.invite(organization, by=by, email="n@northwind.example", role=role, team=team, team_role=place[1])

    if is_allowed:
        invite()
    else:
        with pytest.raises(PermissionDenied):
            invite()
    assert Invitation.objects.exists() is is_allowed


def test_a_scrum_master_takes_back_only_what_they_could_have_sent(organization, kestrel, ada, mia, invited):
    as_admin = invitations.invite(organization, by=ada, email="boss@northwind.example", role="admin")

    with pytest.raises(PermissionDenied):
        invitations.revoke(as_admin, by=mia)
    with pytest.raises(PermissionDenied):
        invitations.resend(as_admin, by=mia)
    assert invitations.revoke(invited.invitation, by=mia).revoked_at


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_a_hundred_parallel_accepts_one_counts(invited, newcomer):
    outcomes, start = [], threading.Barrier(10)

    def accept():
        start.wait()
        for _ in range(10):
            try:
                invitations.accept(invited.token, by=newcomer)
                outcomes.append("joined")
            except invitations.NotWaiting:
                outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=accept) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["joined"] + ["refused"] * 99
    assert Membership.objects.filter(user=newcomer).count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_many_parallel_new_accounts_one_is_made(organization, ada, token_in):
    invitations.invite(organization, by=ada, email="new@northwind.example")
    token, outcomes, start = token_in(), [], threading.Barrier(6)

    def accept():
        start.wait()
        try:
            invitations.accept_as_new(token, name="New Person", password=factories.PASSWORD)
            outcomes.append("joined")
        except invitations.NotWaiting:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["joined"] + ["refused"] * 5
    assert User.objects.filter(email="new@northwind.example").count() == 1
