"""The one order of a product: who may put what where."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction

from backlog.actions import moves, places
from backlog.actions.moves import lock
from backlog.actions.places import NotListed, Place, Run, StaleAnchor
from backlog.actions.undoing import (
    NothingToRedo,
    NothingToUndo,
    redo,
    restore,
    revert_delegation,
    undo,
    undo_move,
)
from backlog.models import Move, OrderedList, OrderEntry
from backlog.queries import order_log, slots
from core import events
from core.errors import InvalidInput
from core.permissions import can, require

__all__ = [
    "NotListed",
    "NothingToRedo",
    "NothingToUndo",
    "Place",
    "StaleAnchor",
    "arrange",
    "enter",
    "leave",
    "lock",
    "move",
    "permute_technical",
    "pin",
    "redo",
    "rejoin",
    "restore",
    "revert_delegation",
    "undo",
    "undo_move",
    "unpin",
]

logger = structlog.get_logger(__name__)


@transaction.atomic
def move(
    product, item_ids: Iterable[int], place: Place, *, by, reason: str = "", at: datetime | None = None
) -> Move | None:
    """Put items at a place, in the order given, as one block; None if they are there already.

    Who may not move everything, but has technical slots, moves among those: nothing else changes its place, and
    a position counts the slots.

    item_ids: at most 500.
    Raises PermissionDenied, InvalidInput, NotListed, StaleAnchor.
    """
    ordered = lock(product.pk)
    may_move_all = can(by, "order.move", product)
    if not may_move_all:
        require(by, "order.move_technical", product)
    items = places.block(item_ids, place)
    found = places.rows(ordered, [*items, *place.anchors])
    places.require_listed(found, items)
    places.require_anchor(found, place, items, by=by)
    if not may_move_all:
        return _move_among_slots(ordered, items, place, by=by, reason=reason, at=at)
    run = Run(places.behind(ordered, place, items), items)
    return moves.put(ordered, [run], found, by=by, reason=reason, at=at)


@transaction.atomic
def arrange(product, wanted: Iterable[int], *, by, reason: str = "", at: datetime | None = None) -> Move | None:
    """Give some of the listed items another order among one another, as one step; None if they have it.

    wanted: their ids, first to last. Pinned ones must follow one another as they do now. As few items move as that
    takes, each to directly behind the one before it.
    Raises PermissionDenied, InvalidInput, NotListed.
    """
    ordered = lock(product.pk)
    require(by, "order.arrange", product)
    items = list(wanted)
    if len(set(items)) < len(items):
        raise InvalidInput("An item is named twice.", field="items")
    entries = OrderEntry.objects.filter(list=ordered, is_listed=True, item_id__in=items).order_by("rank")
    now = list(entries.values_list("item_id", "is_pinned"))
    if len(now) < len(items):
        raise NotListed(items=sorted(set(items) - {item for item, _ in now}))
    free = {item for item, is_pinned in now if not is_pinned}
    moving = order_log.fewest_moved([item for item, _ in now], items, free)
    if not moving:
        return None
    return moves.put(ordered, places.runs_of(items, moving), places.rows(ordered, moving), by=by, reason=reason, at=at)


@transaction.atomic
def permute_technical(
    product, item_ids: Iterable[int], *, by, reason: str = "", at: datetime | None = None
) -> Move | None:
    """Give unpinned technical items a new order over the places they hold; None if they have it.

    The product owner may name any of them, others those of components lent to them.
    Raises PermissionDenied, InvalidInput.
    """
    ordered = lock(product.pk)
    may_move_all = can(by, "order.move", product)
    if not may_move_all:
        require(by, "order.move_technical", product)
    items = places.block(item_ids, Place.top())
    lent = slots.of_items(ordered, items) if may_move_all else slots.lent(ordered, by)
    _require_slots(lent, items, by)
    before = [item for item in lent.items if item in set(items)]
    return moves.permute(ordered, before, items, lent.rank_of, **lent.authority(items[0]), by=by, reason=reason, at=at)


@transaction.atomic
def pin(item, *, by, at: datetime | None = None) -> Move | None:
    """Mark that the item keeps its place, for proposals and delegated moves; None if it is marked.

    Raises PermissionDenied, NotListed.
    """
    return _pin(item, Move.Kind.PIN, "item.pinned", by=by, at=at)


@transaction.atomic
def unpin(item, *, by) -> Move | None:
    """Take the mark away; None if there is none. Raises PermissionDenied, NotListed."""
    return _pin(item, Move.Kind.UNPIN, "item.unpinned", by=by)


def enter(ordered: OrderedList, item_ids: Iterable[int], place: Place, *, by, at: datetime | None = None) -> Move:
    """Give new items their places, in the order given; for actions that have locked the list.

    Like `leave` and `rejoin` it tells the readers of the feed: write the items first, and call it last.
    Raises StaleAnchor.
    """
    items = list(item_ids)
    places.require_anchor(places.rows(ordered, place.anchors), place, items, by=by)
    fitted = places.fit(ordered, [Run(places.behind(ordered, place, []), items)])
    moves.advance(ordered)
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
    return moves.log(ordered, Move.Kind.ENTER, items, predecessors=fitted.predecessors, by=by, at=at)


def leave(ordered: OrderedList, item_ids: Iterable[int], *, by, at: datetime | None = None) -> Move | None:
    """Take items out of the list, their ranks kept for a return; None if none of them was in it."""
    found = {item: row for item, row in places.rows(ordered, item_ids).items() if row.is_listed}
    if not found:
        return None
    items = sorted(found, key=lambda item: found[item].rank)
    moves.mark(ordered, items, is_listed=False)
    former = [found[item].predecessor for item in items]
    return moves.log(ordered, Move.Kind.LEAVE, items, former=former, by=by, at=at)


def rejoin(ordered: OrderedList, item_ids: Iterable[int], *, by, at: datetime | None = None) -> Move | None:
    """Bring items back to the places they left; None if all of them are in the list."""
    away = [item for item, row in places.rows(ordered, item_ids).items() if not row.is_listed]
    if not away:
        return None
    moves.mark(ordered, away, is_listed=True)
    found = places.rows(ordered, away)
    items = sorted(found, key=lambda item: found[item].rank)
    predecessors = [found[item].predecessor for item in items]
    return moves.log(ordered, Move.Kind.ENTER, items, predecessors=predecessors, by=by, at=at)


def _move_among_slots(ordered, items, place, **logged):
    lent = slots.lent(ordered, logged["by"])
    _require_slots(lent, [*items, *place.anchors], logged["by"])
    rest = [item for item in lent.items if item not in set(items)]
    start = _index(rest, place)
    after = rest[:start] + items + rest[start:]
    return moves.permute(ordered, lent.items, after, lent.rank_of, **lent.authority(items[0]), **logged)


def _index(rest, place):
    match place.word:
        case "top":
            return 0
        case "before":
            return rest.index(place.item_id)
        case "after":
            return rest.index(place.item_id) + 1
        case "bottom":
            return len(rest)
        case "position":
            return min(place.number - 1, len(rest))


def _require_slots(lent, items, by):
    outside = [item for item in items if item not in lent.component_of]
    if outside:
        # The transaction ends without an event, so the refusal is kept in the log (D12).
        logger.warning("order.refused", by=by.pk, items=outside)
        raise PermissionDenied(
            "You may move only unpinned technical items of components lent to you, among each other."
        )


def _pin(item, kind, event, *, by, at=None):
    ordered = lock(item.product_id)
    require(by, "order.pin", item)
    found = places.rows(ordered, [item.pk])
    places.require_listed(found, [item.pk])
    is_pinned = kind == Move.Kind.PIN
    if found[item.pk].is_pinned == is_pinned:
        return None
    moves.mark(ordered, [item.pk], is_pinned=is_pinned)
    events.record(event, target=item, by=by, at=at)
    return moves.log(ordered, kind, [item.pk], by=by, at=at)
