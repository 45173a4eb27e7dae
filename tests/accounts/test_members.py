"""Taking people into an organization, and letting them go."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions import invitations, members, tokens
from accounts.models import Membership
from core.models import Event
from tests import factories


def test_the_admin_adds_a_person(organization, ada, newcomer, recorded):
    membership = members.add(organization, newcomer, by=ada)

    assert (membership.organization, membership.user, membership.role) == (organization, newcomer, "member")
    assert recorded(membership) == ["member.added"]


def test_a_member_is_not_added_twice(organization, ada, dev):
    with pytest.raises(members.AlreadyMember):
        members.add(organization, dev, by=ada)


def test_the_admin_makes_another_admin(ada, dev, membership_of, recorded):
    membership = members.change_role(membership_of(dev), role="admin", by=ada)

    assert membership_of(dev).is_admin
    assert recorded(membership) == ["member.role_changed"]


@pytest.mark.parametrize("person", ["ines", "marek", "mia", "stan", "eve"])
def test_nobody_else_changes_who_belongs_here(organization, ada, dev, membership_of, newcomer, person, request):
    other = request.getfixturevalue(person)

    for act in (
        lambda: members.add(organization, newcomer, by=other),
        lambda: members.change_role(membership_of(dev), role="admin", by=other),
        lambda: members.deactivate(membership_of(dev), by=other),
        lambda: members.reactivate(membership_of(dev), by=other),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert not Event.objects.exists()


def test_the_last_admin_stays_admin(ada, dev, membership_of):
    with pytest.raises(members.LastAdmin):
        members.change_role(membership_of(ada), role="member", by=ada)
    with pytest.raises(members.LastAdmin):
        members.deactivate(membership_of(ada), by=ada)

    assert membership_of(ada).deactivated_at is None


def test_deactivating_ends_all_that_let_the_person_in(ada, dev, client, kestrel, membership_of, recorded):
    client.force_login(dev)
    token = tokens.create(dev, by=dev, name="CI", scopes=["item:write"]).token

    membership = members.deactivate(membership_of(dev), by=ada)

    token.refresh_from_db()
    dev.refresh_from_db()
    assert membership.deactivated_by == ada
    assert not kestrel.memberships.filter(user=dev).exists()
    assert token.revoked_at is not None
    assert dev.session_epoch == 1
    assert recorded(membership) == ["member.deactivated"]


def test_deactivating_takes_back_invitations_by_and_for_the_person(organization, kestrel, ada, mia, membership_of):
    by_mia = invitations.invite(
        organization, by=mia, email="new@northwind.example", team=kestrel, team_role="developer"
    )

    members.deactivate(membership_of(mia), by=ada)

    by_mia.refresh_from_db()
    assert by_mia.revoked_at is not None


def test_reactivating_undoes_it_except_for_tokens(ada, dev, kestrel, membership_of, recorded):
    token = tokens.create(dev, by=dev, name="CI", scopes=["item:write"]).token
    membership = members.deactivate(membership_of(dev), by=ada)

    members.reactivate(membership, by=ada)

    token.refresh_from_db()
    assert membership_of(dev).deactivated_at is None
    assert kestrel.memberships.get(user=dev).role == "developer"
    assert token.revoked_at is not None
    assert recorded(membership) == ["member.deactivated", "member.reactivated"]


def test_a_person_who_was_not_deactivated_is_not_reactivated(ada, dev, membership_of):
    with pytest.raises(members.NotDeactivated):
        members.reactivate(membership_of(dev), by=ada)


def test_a_deactivated_person_changes_no_role(ada, dev, membership_of):
    Membership.objects.filter(user=dev).update(deactivated_at=timezone.now(), deactivated_by=ada)

    with pytest.raises(members.Deactivated):
        members.change_role(membership_of(dev), role="admin", by=ada)


def test_a_deactivated_admin_may_do_nothing(organization, ada, dev, membership_of):
    boss = factories.MemberFactory(organization=organization, role="admin")
    members.deactivate(membership_of(ada), by=boss)

    with pytest.raises(PermissionDenied):
        members.deactivate(membership_of(dev), by=ada)
