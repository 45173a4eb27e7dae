"""What every change of an order does, whoever may do it: lock, write the rows, log the step.

From `advance` on, the list's row is locked until the commit: write items first, and the order last.
"""

from datetime import datetime

from django.db import connection, transaction

from backlog.actions import feed, places
from backlog.actions.places import Row, Run
from backlog.models import Move, OrderedList, OrderEntry
from core import events
from core.errors import InvalidInput

LONGEST_REASON = Move._meta.get_field("reason").max_length

_LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended('list:' || id, 0)) FROM backlog_orderedlist WHERE product_id = %s
"""

_LIST = "SELECT id, version, feed_version FROM backlog_orderedlist WHERE product_id = %s"

_ADVANCE = """
    UPDATE backlog_orderedlist SET version = version + 1, feed_version = feed_version + 1 WHERE id = %s
    RETURNING version, feed_version
"""

# The list's row first: whoever holds it may write entries.
_REWRITE = """
    WITH list AS (
        UPDATE backlog_orderedlist SET version = version + 1, feed_version = feed_version + 1 WHERE id = %s
        RETURNING id, version, feed_version
    ), written AS (
        UPDATE backlog_orderentry entry SET rank = fresh.rank, changed_version = list.feed_version
        FROM list, unnest(%s::bigint[], %s::text[]) AS fresh (item_id, rank)
        WHERE entry.list_id = list.id AND entry.item_id = fresh.item_id
    )
    SELECT version, feed_version FROM list
"""


def lock(product_id: int) -> OrderedList:
    """Queue for the product's order; the transaction has it to itself from here on.

    Read what you decide by after this: only a statement that begins under the lock sees the last move.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an order is locked inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [product_id])
        cursor.execute(_LIST, [product_id])
        list_id, version, feed_version = cursor.fetchone()
    return OrderedList(list_id, product_id=product_id, version=version, feed_version=feed_version)


def put(ordered: OrderedList, runs: list[Run], found: dict[int, Row], *, is_forced=False, **logged) -> Move | None:
    """Write runs of items to their places; None, unless forced, if they are there already.

    found: the items' rows from before.
    """
    fitted = places.fit(ordered, runs)
    former = [found[item].predecessor for item in fitted.items]
    if former == fitted.predecessors and not is_forced:
        return None
    _rewrite(ordered, fitted.items, fitted.ranks)
    return log(
        ordered, Move.Kind.MOVE, fitted.items, predecessors=fitted.predecessors, former=former, is_event=True, **logged
    )


def permute(
    ordered: OrderedList, before: list[int], after: list[int], rank_of: dict[int, str], *, is_forced=False, **logged
) -> Move | None:
    """Give the places of the items to the same items in another order; None, unless forced, if nothing changes."""
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    if not changed and not is_forced:
        return None
    former, items = [old for old, _ in changed], [new for _, new in changed]
    _rewrite(ordered, items, [rank_of[old] for old in former])
    return log(ordered, Move.Kind.PERMUTE, items, former=former, is_event=True, **logged)


def mark(ordered: OrderedList, items: list[int], **values) -> None:
    """Count one step and set other fields of entries than their rank."""
    advance(ordered)
    entries = OrderEntry.objects.filter(list=ordered, item_id__in=items)
    entries.update(changed_version=ordered.feed_version, **values)


def advance(ordered: OrderedList) -> None:
    """Count one step of the order, and one change of its feed."""
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [ordered.pk])
        ordered.version, ordered.feed_version = cursor.fetchone()


def log(
    ordered: OrderedList,
    kind: Move.Kind,
    items: list[int],
    *,
    predecessors: list[int | None] | None = None,
    at: datetime | None = None,
    is_event: bool = False,
    **logged,
) -> Move:
    """Write the step to the log, tell the feed's readers and, where no other event does, record it.

    Raises InvalidInput for a reason that is too long.
    """
    if predecessors:
        is_block = predecessors[1:] == items[:-1]
        logged |= {"after": predecessors[0], "afters": [] if is_block else predecessors}
    if at is not None:
        logged["at"] = at
    if len(logged.get("reason", "")) > LONGEST_REASON:
        raise InvalidInput(f"A reason has at most {LONGEST_REASON} characters.", field="reason")
    move = Move.objects.create(list=ordered, version=ordered.version, kind=kind, items=items, **logged)
    if is_event:
        _record(ordered, move, at)
    feed.tell(ordered.product_id, ordered.feed_version)
    return move


def _rewrite(ordered, items, ranks):
    with connection.cursor() as cursor:
        cursor.execute(_REWRITE, [ordered.pk, items, ranks])
        ordered.version, ordered.feed_version = cursor.fetchone()


def _record(ordered, move, at):
    events.record(
        "item.moved",
        target=ordered,
        by=move.by,
        on_behalf_of=move.on_behalf_of,
        at=at,
        version=move.version,
        kind=move.kind,
        items=move.items,
        after=move.after,
        reason=move.reason,
        delegation=move.delegation_id,
        undoes=move.undoes,
        redoes=move.redoes,
    )
