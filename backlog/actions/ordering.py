"""The one order of a product: who may put what where, and the log of it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from backlog.actions import feed, places
from backlog.actions.places import NotListed, Place, Run, StaleAnchor
from backlog.models import Move, OrderedList, OrderEntry
from core import events
from core.permissions import require

__all__ = ["NotListed", "Place", "StaleAnchor", "enter", "leave", "lock", "move", "rejoin"]

_LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended('list:' || id, 0)) FROM backlog_orderedlist WHERE product_id = %s
"""

_ADVANCE = """
    UPDATE backlog_orderedlist SET version = version + 1, feed_version = feed_version + 1 WHERE id = %s
    RETURNING version, feed_version
"""


def lock(product_id: int) -> OrderedList:
    """Queue for the product's order; the transaction has it to itself from here on.

    Read what you decide by after this: only a statement that begins under the lock sees the last move.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an order is locked inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [product_id])
    return OrderedList.objects.get(product_id=product_id)


@transaction.atomic
def move(product, item_ids: Iterable[int], place: Place, *, by, reason: str = "", at: datetime | None = None):
    """Put items at a place, in the order given, as one block; returns the Move, or None if they are there already.

    item_ids: at most 500.
    Raises PermissionDenied, InvalidInput, NotListed, StaleAnchor.
    """
    ordered = lock(product.pk)
    require(by, "order.move", product)
    items = places.block(item_ids, place)
    found = places.rows(ordered, [*items, place.item_id or 0])
    places.require_listed(found, items)
    places.require_anchor(found, place, items)
    behind = places.behind(ordered, place, items)
    return _put(ordered, [Run(behind, items)], found, by=by, reason=reason, at=at)


def enter(ordered: OrderedList, item_ids: Iterable[int], place: Place, *, by, at: datetime | None = None) -> Move:
    """Give new items their places, in the order given; for actions that have locked the list.

    Like `leave` and `rejoin`, it tells the readers of the feed: write the items first, call it last.
    Raises StaleAnchor.
    """
    items = list(item_ids)
    places.require_anchor(places.rows(ordered, [place.item_id or 0]), place, items)
    fitted = places.fit(ordered, [Run(places.behind(ordered, place, []), items)])
    _advance(ordered)
    entries = (
        OrderEntry(
            product_id=ordered.product_id,
            list=ordered,
            item_id=item,
            rank=rank,
            changed_version=ordered.feed_version,
        )
        for item, rank in zip(fitted.items, fitted.ranks, strict=True)
    )
    OrderEntry.objects.bulk_create(entries, batch_size=2000)
    return _log(ordered, Move.Kind.ENTER, items, predecessors=fitted.predecessors, by=by, at=at)


def leave(ordered: OrderedList, item_ids: Iterable[int], *, by, at: datetime | None = None) -> Move | None:
    """Take items out of the list, their ranks kept for a return; None if none of them was in it."""
    found = {item: row for item, row in places.rows(ordered, item_ids).items() if row.is_listed}
    if not found:
        return None
    items = sorted(found, key=lambda item: found[item].rank)
    _advance(ordered)
    _set(ordered, items, is_listed=False)
    return _log(ordered, Move.Kind.LEAVE, items, former=[found[item].predecessor for item in items], by=by, at=at)


def rejoin(ordered: OrderedList, item_ids: Iterable[int], *, by, at: datetime | None = None) -> Move | None:
    """Bring items back to the places they left; None if all of them are in the list."""
    away = [item for item, row in places.rows(ordered, item_ids).items() if not row.is_listed]
    if not away:
        return None
    _advance(ordered)
    _set(ordered, away, is_listed=True)
    found = places.rows(ordered, away)
    items = sorted(found, key=lambda item: found[item].rank)
    predecessors = [found[item].predecessor for item in items]
    return _log(ordered, Move.Kind.ENTER, items, predecessors=predecessors, by=by, at=at)


def _put(ordered, runs, found, *, by, at=None, is_forced=False, **logged):
    fitted = places.fit(ordered, runs)
    former = [found[item].predecessor for item in fitted.items]
    if former == fitted.predecessors and not is_forced:
        return None
    _advance(ordered)
    places.write(ordered, fitted.items, fitted.ranks, feed_version=ordered.feed_version)
    made = _log(
        ordered, Move.Kind.MOVE, fitted.items, predecessors=fitted.predecessors, former=former, by=by, at=at, **logged
    )
    _record(ordered, made, at=at)
    return made


def _set(ordered, items, **values):
    entries = OrderEntry.objects.filter(list=ordered, item_id__in=items)
    entries.update(changed_version=ordered.feed_version, **values)


def _advance(ordered):
    # Locks the list's row until the commit, so its entries are written after it, as everywhere.
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [ordered.pk])
        ordered.version, ordered.feed_version = cursor.fetchone()


def _log(ordered, kind, items, *, predecessors=(), at=None, **logged):
    if predecessors:
        is_block = predecessors[1:] == items[:-1]
        logged |= {"after": predecessors[0], "afters": [] if is_block else predecessors}
    if at is not None:
        logged["at"] = at
    made = Move.objects.create(list=ordered, version=ordered.version, kind=kind, items=items, **logged)
    feed.tell(ordered.product_id, ordered.feed_version)
    return made


def _record(ordered, made, *, at):
    events.record(
        "item.moved",
        target=ordered,
        by=made.by,
        on_behalf_of=made.on_behalf_of,
        at=at,
        version=made.version,
        kind=made.kind,
        items=made.items,
        after=made.after,
        reason=made.reason,
    )
