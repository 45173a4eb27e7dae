"""A delegation that ends while its holder queues for the list gives nothing any more (D7, D11)."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from backlog.actions import ordering
from backlog.actions.ordering import Place
from backlog.models import Delegation, OrderedList
from backlog.queries import order_log
from tests import factories
from tests.storms.clients import storm

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def revoke(delegation, by):
    Delegation.objects.filter(pk=delegation.pk).update(revoked_at=Now(), revoked_by=by)


def let_it_expire(delegation, by):
    # An expiry that came after the mover's transaction began: now() would still call the delegation live.
    time.sleep(0.2)
    Delegation.objects.filter(pk=delegation.pk).update(until=timezone.now())


@pytest.mark.parametrize("end", [revoke, let_it_expire])
def test_who_queued_while_the_delegation_ended_is_refused(payments, payouts, ines, marek, end):
    technical = {"kind": "technical", "type": "debt", "component": payouts}
    first = factories.enter_items(payments, 3, by=ines, **technical)
    delegation = Delegation.objects.create(
        organization=payments.organization,
        product=payments,
        component=payouts,
        power="order",
        grantee=marek,
        granted_by=ines,
        until=timezone.now() + timedelta(days=1),
    )
    is_locked = threading.Event()

    def client(number):
        if number == 0:
            with transaction.atomic():
                ordering.lock(payments.pk)
                is_locked.set()
                _wait_for_someone_in_the_queue()
                end(delegation, ines)
            return None
        is_locked.wait(30)
        try:
            return ordering.move(payments, [first[2]], Place.top(), by=marek)
        except PermissionDenied:
            return "refused"

    assert storm(2, client) == [None, "refused"]
    assert order_log.present(OrderedList.objects.get(product=payments)) == first


def _wait_for_someone_in_the_queue():
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone():
                return
        time.sleep(0.001)
    pytest.fail("nobody queued")
