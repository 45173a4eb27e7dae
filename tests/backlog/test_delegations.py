"""What the product owner lends, and how it ends (D1 to D12)."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from structlog.testing import capture_logs

from backlog.actions import delegations, items, products
from backlog.models import Delegation
from core.errors import InvalidInput
from core.models import Event
from core.permissions import can
from tests import factories
from tests.backlog.test_permissions import lend


def test_a_grant_lasts_90_days_and_keeps_the_order(payments, payouts, ines, marek):
    technical = [factories.ItemFactory(product=payments, component=payouts, kind="technical") for _ in range(2)]
    factories.ItemFactory(product=payments, component=payouts)
    factories.ItemFactory(product=payments, kind="technical")

    lent = delegations.grant(payouts, "order", marek, by=ines, intent="Before the audit")

    assert lent.until - lent.granted_at == timedelta(days=90)
    assert lent.base_order == [item.pk for item in technical]
    event = Event.objects.about(lent).get()
    assert (event.name, event.by, event.data["power"], event.data["intent"]) == (
        "delegation.granted",
        ines,
        "order",
        "Before the audit",
    )


@pytest.mark.parametrize("who", ["marek", "mia", "dev", "stan", "ada", "eve"])
def test_only_the_product_owner_lends(who, payouts, marek, request):
    with pytest.raises(PermissionDenied):
        delegations.grant(payouts, "refine", marek, by=request.getfixturevalue(who))


def test_no_grant_to_oneself_nor_for_long_nor_into_the_past(payouts, ines, marek):
    now = timezone.now()
    factories.ComponentOwnerFactory(component=payouts, user=ines)
    with pytest.raises(delegations.ToOneself):
        delegations.grant(payouts, "order", ines, by=ines)
    for until in (now + timedelta(days=366), now - timedelta(days=1)):
        with pytest.raises(InvalidInput) as refusal:
            delegations.grant(payouts, "order", marek, by=ines, until=until)
        assert refusal.value.field == "until"
    with pytest.raises(InvalidInput):
        delegations.grant(payouts, "everything", marek, by=ines)


@pytest.mark.parametrize(("power", "refusal"), [("order", "NoTechnicalOwner"), ("accept", "NoTechnicalOwner")])
def test_order_and_acceptance_need_a_technical_owner(power, refusal, payouts, ines, dev):
    with pytest.raises(getattr(delegations, refusal)):
        delegations.grant(payouts, power, dev, by=ines)


def test_refining_may_be_lent_to_several_who_work_there(payouts, ines, marek, dev, stan):
    for grantee in (marek, dev):
        delegations.grant(payouts, "refine", grantee, by=ines)

    with pytest.raises(delegations.AlreadyLent):
        delegations.grant(payouts, "refine", dev, by=ines)
    with pytest.raises(delegations.NoPlaceInProduct):
        delegations.grant(payouts, "refine", stan, by=ines)


def test_one_technical_owner_orders_a_component(payouts, ines, marek):
    other = factories.MemberFactory(organization=payouts.organization)
    factories.ComponentOwnerFactory(component=payouts, user=other)
    delegations.grant(payouts, "order", marek, by=ines)

    with pytest.raises(delegations.AlreadyLent):
        delegations.grant(payouts, "order", other, by=ines)


def test_an_expired_delegation_makes_room(payouts, ines, marek):
    old = lend(payouts, "order", to=marek, by=ines, until=timezone.now() - timedelta(days=1))

    delegations.grant(payouts, "order", marek, by=ines)

    old.refresh_from_db()
    assert old.revoked_at is not None


def test_extending_stays_within_a_year_of_the_grant(payouts, ines, marek):
    lent = delegations.grant(payouts, "order", marek, by=ines)
    until = lent.granted_at + timedelta(days=300)

    delegations.extend(lent, until, by=ines)

    lent.refresh_from_db()
    assert lent.until == until
    with pytest.raises(InvalidInput):
        delegations.extend(lent, lent.granted_at + timedelta(days=366), by=ines)


@pytest.mark.parametrize(
    ("who", "may"),
    [("ines", True), ("ada", True), ("marek", True), ("mia", False), ("dev", False), ("stan", False), ("eve", False)],
)
def test_owner_and_admin_revoke_and_the_holder_gives_back(who, may, payouts, ines, marek, request):
    lent = delegations.grant(payouts, "order", marek, by=ines)
    user = request.getfixturevalue(who)

    if not may:
        with pytest.raises(PermissionDenied):
            delegations.revoke(lent, by=user)
        return
    delegations.revoke(lent, by=user)

    lent.refresh_from_db()
    assert (lent.revoked_by, can(marek, "order.move_technical", payouts)) == (user, False)
    assert Event.objects.about(lent).newest_first().first().data == {"is_given_back": who == "marek"}
    with pytest.raises(delegations.DelegationEnded):
        delegations.revoke(lent, by=user)


def test_another_technical_owner_gives_back_nothing(payouts, ines, marek):
    other = factories.MemberFactory(organization=payouts.organization)
    factories.ComponentOwnerFactory(component=payouts, user=other)
    lent = delegations.grant(payouts, "order", marek, by=ines)

    with pytest.raises(PermissionDenied):
        delegations.revoke(lent, by=other)


def test_a_new_product_owner_confirms_what_the_former_one_lent(payments, payouts, ines, marek, mia):
    lent = delegations.grant(payouts, "order", marek, by=ines)
    products.accept_offer(products.offer(payments, mia, by=ines), by=mia)
    assert not can(marek, "order.move_technical", payouts)

    delegations.confirm(lent, by=mia)

    lent.refresh_from_db()
    assert (lent.granted_by, lent.suspended_at, can(marek, "order.move_technical", payouts)) == (mia, None, True)
    with pytest.raises(delegations.NotSuspended):
        delegations.confirm(lent, by=mia)


def test_after_14_days_nobody_confirms_and_another_grant_is_free(payouts, ines, marek):
    lent = lend(payouts, "order", to=marek, by=ines, suspended_at=timezone.now() - timedelta(days=15))

    with pytest.raises(delegations.DelegationEnded):
        delegations.confirm(lent, by=ines)

    assert delegations.grant(payouts, "order", marek, by=ines).pk != lent.pk


def test_a_refusal_is_logged(payouts, marek, dev):
    with capture_logs() as logs, pytest.raises(PermissionDenied):
        delegations.grant(payouts, "refine", marek, by=dev)

    assert [(log["event"], log["verb"], log["user"]) for log in logs] == [
        ("permission.refused", "delegation.grant", dev.pk)
    ]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_revocation_waits_for_an_act_under_way_and_then_holds(payments, payouts, ines, marek):
    item = items.create(payments, by=ines, title="Vault", kind="technical", type="debt", component=payouts)
    lent = delegations.grant(payouts, "refine", marek, by=ines)
    revoked = threading.Event()

    def revoke():
        delegations.revoke(lent, by=ines)
        revoked.set()
        connection.close()

    with transaction.atomic():
        items.edit(item, by=marek, title="Card vault")
        thread = threading.Thread(target=revoke)
        thread.start()
        assert not revoked.wait(0.3)
    thread.join()

    with pytest.raises(PermissionDenied):
        items.edit(item, by=marek, title="Vault of cards")
    assert Delegation.objects.get(pk=lent.pk).revoked_at is not None
