"""Tick readiness checks by hand, and keep the counts beside each item."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from backlog import permissions
from backlog.actions import feed
from backlog.actions.item_rows import lock, lock_many
from backlog.models import Delegation, Item, ReadinessTick
from backlog.queries.readiness import assessments, checklist
from core import events
from core.errors import InvalidInput
from core.permissions import require
from planning.readiness import Readiness


@transaction.atomic
def tick(item, check_key: str, *, by, at: datetime | None = None) -> Item:
    """Say that a check by hand is met. Raises PermissionDenied, InvalidInput."""
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
    require(by, "item.refine", item)
    check = _by_hand(item, check_key)
    _, is_new = ReadinessTick.objects.get_or_create(
        item=item, check_key=check.key, defaults={"ticked_by": by, "ticked_at": at or timezone.now()}
    )
    return _changed(item, "readiness.ticked", check, by=by, at=at, lent=lent) if is_new else item


@transaction.atomic
def untick(item, check_key: str, *, by, at: datetime | None = None) -> Item:
    """Take a tick back. Raises PermissionDenied, InvalidInput."""
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
    require(by, "item.refine", item)
    check = _by_hand(item, check_key)
    count, _ = ReadinessTick.objects.filter(item=item, check_key=check.key).delete()
    return _changed(item, "readiness.unticked", check, by=by, at=at, lent=lent) if count else item


def refresh(item_ids: Iterable[int]) -> dict[int, Readiness]:
    """Count again what the lists show of readiness: three statements for any number of items, by id.

    The rule about the order is left out of both counts: the queries that know the order add it.
    Rows whose counts stay as they were are not written.
    """
    ids = sorted(set(item_ids))
    assessed = assessments(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE backlog_item SET checks_met = met, checks_total = total, open_question_count = open_count
              FROM (
                   SELECT given.id, met, total,
                          (SELECT count(*) FROM backlog_question AS question
                            WHERE question.item_id = given.id AND answered_at IS NULL) AS open_count
                     FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS given (id, met, total)
                   ) AS counted
             WHERE backlog_item.id = counted.id
               AND (checks_met, checks_total, open_question_count) IS DISTINCT FROM (met, total, open_count)
            """,
            [ids, [assessed[pk].met for pk in ids], [assessed[pk].total for pk in ids]],
        )
    return assessed


def refresh_one(item) -> None:
    """Count again for one item, and say so in its fields too."""
    counted = refresh([item.pk])[item.pk]
    item.checks_met, item.checks_total = counted.met, counted.total


def refresh_product(product) -> None:
    """Count again for every item that a list may show, after the Definition of Ready changed."""
    items = lock_many(
        product.items.exclude(status__in=[Item.Status.ACCEPTED, Item.Status.DECLINED]).values_list("pk", flat=True)
    )
    ids = [item.pk for item in items]
    if ids:
        refresh(ids)
        feed.changed(product.pk, ids)


def _by_hand(item, key):
    for check in checklist(item.product, item.kind, item.type):
        if check.key == key:
            if check.rule is not None:
                raise InvalidInput("This check is made by the app.", field="check_key")
            return check
    raise InvalidInput("The Definition of Ready has no such check.", field="check_key")


def _changed(item, name, check, *, by, at, lent):
    events.record(name, target=item, by=by, at=at, check=check.key, label=check.label, **permissions.as_lent(lent))
    refresh_one(item)
    feed.changed(item.product_id, [item.pk])
    return item
