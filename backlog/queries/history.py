"""What happened to the order: each step, and what came of them since some day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from backlog.models import Item, Move, OrderedList
from backlog.queries import order_log
from backlog.queries.readers import reader
from core.errors import InvalidInput

PAGE_SIZE = 50
# An import is one step of thousands of items: so many of a step are named.
NAMED = 50


@dataclass(frozen=True)
class NamedItem:
    id: int
    key: str
    title: str


@dataclass(frozen=True)
class Step:
    """One line of the log.

    items: the first 50 of item_count, in their new order. before, after: what the first of them stood and stands
    behind; None at the top (is_at_top), or where that is hidden from the reader. delegation_id: under which it was
    done.
    """

    version: int
    at: datetime
    kind: str
    words: str
    items: list[NamedItem]
    item_count: int
    before: NamedItem | None
    after: NamedItem | None
    is_at_top: bool
    by: str
    on_behalf_of: str | None
    delegation_id: int | None
    reason: str
    undoes: int | None
    redoes: int | None
    can_be_undone: bool


@dataclass(frozen=True)
class OrderHistory:
    """Steps, the newest first. next: the cursor of the page that follows, None on the last one."""

    steps: list[Step]
    next: int | None


@dataclass(frozen=True)
class Displacement:
    """An item that stands elsewhere than it did. Positions count from 1, among the items the reader sees; by, at and
    reason are those of its last move."""

    item: NamedItem
    from_position: int
    to_position: int
    by: str
    on_behalf_of: str | None
    at: datetime
    reason: str


@dataclass(frozen=True)
class Difference:
    """What came of all steps after `version`: where an item went and came back, nothing."""

    version: int
    moved: list[Displacement]
    came: list[NamedItem]
    left: list[NamedItem]


def order_history(product, user, *, before: int | None = None, size: int = PAGE_SIZE) -> OrderHistory:
    """A page of the order's steps that touch items the person sees, in four statements at most.

    before: the cursor of an earlier page.
    """
    who = reader(product, user)
    moves = Move.objects.filter(list__product=product).select_related("by", "on_behalf_of").order_by("-version")
    if before is not None:
        moves = moves.filter(version__lt=before)
    found = list(moves[: size + 1])
    page = found[:size]
    named = _named(product, who, {item for move in page for item in _mentioned(move)})
    steps = [_step(move, named) for move in page if any(item in named for item in move.items[:NAMED])]
    return OrderHistory(steps, page[-1].version if len(found) > size else None)


def difference(product, user, *, since_version: int | None = None, since_time: datetime | None = None) -> Difference:
    """The net effect of the steps after a version or a time, in six statements at most.

    Raises InvalidInput if there is no such version.
    """
    ordered = OrderedList.objects.get(product=product)
    who = reader(product, user)
    version = _version_at(ordered, since_time) if since_time else since_version
    if version is None or not 0 <= version <= ordered.version:
        raise InvalidInput("There is no such version.", field="since")
    steps = order_log.since(ordered, version)
    now = order_log.present(ordered)
    then = order_log.rewound(now, steps)
    hidden = _hidden(product, who)
    then, now = ([item for item in order if item not in hidden] for order in (then, now))
    came, left = set(now) - set(then), set(then) - set(now)
    mentioned = {item for step in steps for item in step.items} - came - left - hidden
    moved = order_log.fewest_moved([i for i in then if i not in left], [i for i in now if i not in came], mentioned)
    named = _named(product, who, moved | came | left)
    return Difference(
        version=version,
        moved=_displacements(moved, then, now, _last_moves(ordered, steps), named),
        came=[named[item] for item in now if item in came],
        left=[named[item] for item in then if item in left],
    )


def _version_at(ordered, time):
    earlier = Move.objects.filter(list=ordered, at__lte=time).order_by("-version")
    return earlier.values_list("version", flat=True).first() or 0


def _mentioned(move) -> Iterable[int]:
    return {*move.items[:NAMED], *move.former[:1], move.after} - {None}


def _named(product, who, ids):
    items = Item.objects.filter(who.readable(), pk__in=ids)
    return {
        pk: NamedItem(pk, f"{product.key}-{number}", title)
        for pk, number, title in items.values_list("pk", "number", "title")
    }


def _hidden(product, who):
    if who.sees_all:
        return set()
    restricted = Item.objects.filter(product=product, is_restricted=True)
    return set(restricted.exclude(who.readable()).values_list("pk", flat=True))


def _step(move, named):
    is_move = move.kind == Move.Kind.MOVE
    items = [named[item] for item in move.items[:NAMED] if item in named]
    return Step(
        version=move.version,
        at=move.at,
        kind=move.kind,
        words=move.get_kind_display(),
        items=items,
        item_count=len(items) + len(move.items[NAMED:]),
        before=named.get(move.former[0]) if is_move and move.former else None,
        after=named.get(move.after),
        is_at_top=is_move and move.after is None,
        by=str(move.by),
        on_behalf_of=str(move.on_behalf_of) if move.on_behalf_of else None,
        delegation_id=move.delegation_id,
        reason=move.reason,
        undoes=move.undoes,
        redoes=move.redoes,
        can_be_undone=move.kind in (Move.Kind.MOVE, Move.Kind.PERMUTE),
    )


def _last_moves(ordered, steps):
    people = Move.objects.filter(list=ordered, version__in=[step.version for step in steps])
    named = {move.version: move for move in people.select_related("by", "on_behalf_of")}
    return {item: named[step.version] for step in steps for item in step.items}


def _displacements(moved, then, now, last_moves, named):
    former = {item: position for position, item in enumerate(then, 1)}
    return [
        Displacement(
            item=named[item],
            from_position=former[item],
            to_position=position,
            by=str(last_moves[item].by),
            on_behalf_of=str(last_moves[item].on_behalf_of) if last_moves[item].on_behalf_of else None,
            at=last_moves[item].at,
            reason=last_moves[item].reason,
        )
        for position, item in enumerate(now, 1)
        if item in moved
    ]
