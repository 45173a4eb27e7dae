"""Where things go in an order: reads the neighbours, computes keys, writes the rows that move.

Ranks are unique over all entries of a list. Items out of the list for now keep theirs, so neighbours are looked
for among all entries, while a place is said in terms of the listed ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.db import connection

from backlog.models import OrderedList, OrderEntry
from backlog.queries.unseen import unseen
from core.errors import InvalidInput, RuleViolation
from planning import ranking

LARGEST_BLOCK = 500
_LARGEST_ID = 2**63 - 1


class StaleAnchor(RuleViolation):
    code = "stale_anchor"
    message = "The item you put it next to is no longer in the list."


class NotListed(RuleViolation):
    code = "item_not_listed"
    message = "That item is not in the list, so it can't be moved."


@dataclass(frozen=True)
class Place:
    """Before or after a listed item, at the top, at the bottom, or at a position counted from 1."""

    word: str
    item_id: int | None = None
    number: int | None = None

    @property
    def anchors(self) -> list[int]:
        """The item it is next to, if any."""
        return [] if self.item_id is None else [self.item_id]

    @classmethod
    def before(cls, item_id: int) -> "Place":
        return cls("before", item_id)

    @classmethod
    def after(cls, item_id: int) -> "Place":
        return cls("after", item_id)

    @classmethod
    def top(cls) -> "Place":
        return cls("top")

    @classmethod
    def bottom(cls) -> "Place":
        return cls("bottom")

    @classmethod
    def position(cls, number: int) -> "Place":
        """The position it shall have; a number past the end is the end."""
        if number < 1:
            raise InvalidInput("Positions count from 1.", field="position")
        return cls("position", number=min(number, _LARGEST_ID))


@dataclass(frozen=True)
class Row:
    """An entry; predecessor: the listed item before it."""

    rank: str
    is_listed: bool
    is_pinned: bool
    predecessor: int | None


@dataclass(frozen=True)
class Run:
    """Items to put in a row directly behind the entry of another item; None: before all."""

    behind: int | None
    items: list[int]


@dataclass(frozen=True)
class Fit:
    """Ranks for runs, and the listed item that each item comes to stand behind, one after the other."""

    items: list[int]
    ranks: list[str]
    predecessors: list[int | None]


@dataclass(frozen=True)
class _Gap:
    low: str
    high: str
    after: int | None


_ROWS = """
    SELECT entry.item_id, entry.rank, entry.is_listed, entry.is_pinned, (
        SELECT listed.item_id FROM backlog_orderentry listed
        WHERE listed.list_id = entry.list_id AND listed.is_listed AND listed.rank < entry.rank
        ORDER BY listed.rank DESC LIMIT 1)
    FROM backlog_orderentry entry
    WHERE entry.list_id = %s AND entry.item_id = ANY(%s)
"""

# The row without an item is the top. Entries that are about to move don't count as neighbours.
_GAPS = """
    SELECT anchor.item_id, anchor.rank, (
        SELECT next.rank FROM backlog_orderentry next
        WHERE next.list_id = %(list)s AND next.rank > anchor.rank AND next.item_id <> ALL(%(moving)s)
        ORDER BY next.rank LIMIT 1), (
        SELECT listed.item_id FROM backlog_orderentry listed
        WHERE listed.list_id = %(list)s AND listed.is_listed AND listed.rank <= anchor.rank
            AND listed.item_id <> ALL(%(moving)s)
        ORDER BY listed.rank DESC LIMIT 1)
    FROM (
        SELECT NULL::bigint AS item_id, '' COLLATE "C" AS rank
        UNION ALL
        SELECT item_id, rank FROM backlog_orderentry WHERE list_id = %(list)s AND item_id = ANY(%(behind)s)
    ) anchor
"""

# Nothing that a list shows changes by it.
_RESPACE = """
    UPDATE backlog_orderentry entry SET rank = fresh.rank
    FROM unnest(%s::bigint[], %s::text[]) AS fresh (item_id, rank)
    WHERE entry.list_id = %s AND entry.item_id = fresh.item_id
"""


def rows(ordered: OrderedList, item_ids: Iterable[int]) -> dict[int, Row]:
    """The entries of those items that have one in this list, in one statement."""
    items = list(item_ids)
    if not items:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [ordered.pk, items])
        return {item: Row(*values) for item, *values in cursor.fetchall()}


def require_listed(found: dict[int, Row], item_ids: Iterable[int]) -> None:
    """Raises NotListed."""
    missing = [item for item in item_ids if item not in found or not found[item].is_listed]
    if missing:
        raise NotListed(items=missing)


def require_anchor(found: dict[int, Row], place: Place, item_ids: list[int], *, by) -> None:
    """Raises StaleAnchor, with the neighbours that the items have now, as far as the person sees them."""
    anchor = found.get(place.item_id)
    if place.item_id is not None and not (anchor and anchor.is_listed):
        now = {item: found[item].predecessor for item in item_ids if item in found}
        hidden = unseen(filter(None, now.values()), by)
        raise StaleAnchor(
            anchor=place.item_id,
            neighbours=[{"item": item, "after": after} for item, after in now.items() if after not in hidden],
        )


def block(item_ids: Iterable[int], place: Place) -> list[int]:
    """The items of one move, checked. Raises InvalidInput."""
    items = list(item_ids)
    if not items:
        raise InvalidInput("Say which items to move.", field="items")
    if len(items) > LARGEST_BLOCK:
        raise InvalidInput(f"At most {LARGEST_BLOCK} items can be moved at once.", field="items")
    if not all(0 < item <= _LARGEST_ID for item in [*items, *place.anchors]):
        raise InvalidInput("This is not an item's id.", field="items")
    if len(set(items)) < len(items):
        raise InvalidInput("An item is named twice.", field="items")
    if place.item_id in items:
        raise InvalidInput("An item can't be put next to itself.", field=place.word)
    return items


def behind(ordered: OrderedList, place: Place, moving: list[int]) -> int | None:
    """The item whose entry the place lies directly behind; None: before all entries."""
    others = OrderEntry.objects.filter(list=ordered).exclude(item_id__in=moving)
    match place.word:
        case "top":
            return None
        case "after":
            return place.item_id
        case "before":
            rank = OrderEntry.objects.filter(list=ordered, item_id=place.item_id).values("rank")
            return _item_of(others.filter(rank__lt=rank).order_by("-rank"))
        case "bottom":
            return _item_of(others.order_by("-rank"))
        case "position" if place.number == 1:
            return None
        case "position":
            listed = others.filter(is_listed=True).order_by("rank")
            found = listed.values_list("item_id", flat=True)[place.number - 2 : place.number - 1]
            return found[0] if found else _item_of(others.order_by("-rank"))


def runs_of(wanted: list[int], moving: set[int]) -> list[Run]:
    """What moves, in the runs in which it stands in a wanted order, each behind the item before it that stays."""
    runs, behind, items = [], None, []
    for item in wanted:
        if item in moving:
            items.append(item)
            continue
        if items:
            runs.append(Run(behind, items))
        behind, items = item, []
    return [*runs, Run(behind, items)] if items else runs


def fit(ordered: OrderedList, runs: list[Run]) -> Fit:
    """Find ranks for the runs; where the keys become too long, re-space what is around them first."""
    moving = [item for run in runs for item in run.items]
    while True:
        gaps = _gaps(ordered, runs, moving)
        ranks = [_keys(gaps[run.behind], len(run.items)) for run in runs]
        if None not in ranks:
            return _fit(runs, moving, gaps, ranks)
        crowded = gaps[runs[ranks.index(None)].behind]
        _respace(ordered, crowded.low or crowded.high)


def _item_of(entries):
    return entries.values_list("item_id", flat=True).first()


def _gaps(ordered, runs, moving):
    with connection.cursor() as cursor:
        anchors = [run.behind for run in runs if run.behind is not None]
        cursor.execute(_GAPS, {"list": ordered.pk, "moving": moving, "behind": anchors})
        return {item: _Gap(low, high or "", after) for item, low, high, after in cursor.fetchall()}


def _keys(gap, count):
    if gap.low and gap.high:
        keys = ranking.between_many(gap.low, gap.high, count)
        return keys if max(map(len, keys)) <= ranking.MAX_KEY_BYTES else None
    if gap.low:
        return ranking.after_many(gap.low, count)
    if gap.high:
        return ranking.before_many(gap.high, count)
    return ranking.even(count)


def _fit(runs, moving, gaps, ranks):
    items, predecessors, last_after = [], [], {}
    for run in sorted(runs, key=lambda run: gaps[run.behind].low):
        # Between two runs there may be nothing but items out of the list.
        after = gaps[run.behind].after
        predecessors += [last_after.get(after, after), *run.items[:-1]]
        items += run.items
        last_after[after] = run.items[-1]
    rank_of = dict(zip(moving, chain.from_iterable(ranks), strict=True))
    return Fit(items, [rank_of[item] for item in items], predecessors)


def _respace(ordered, rank):
    entries = OrderEntry.objects.filter(list=ordered).values_list("item_id", "rank")
    size = ranking.WINDOW
    while True:
        below = list(entries.filter(rank__lte=rank).order_by("-rank")[: size + 1])
        above = list(entries.filter(rank__gt=rank).order_by("rank")[: size + 1])
        low, high = (side[size][1] if len(side) > size else "" for side in (below, above))
        window = [item for item, _ in [*below[:size][::-1], *above[:size]]]
        ranks = ranking.spread(low, high, len(window))
        if ranks:
            with connection.cursor() as cursor:
                cursor.execute(_RESPACE, [window, ranks, ordered.pk])
            return
        size *= ranking.WINDOW_GROWTH
