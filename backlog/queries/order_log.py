"""The log of an order, replayed forwards and backwards."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set

from backlog.models import Move, OrderedList, OrderEntry


class Sequence:
    """An order in which a step costs the same whatever the length: two links an item."""

    def __init__(self, ids: Iterable[int] = ()):
        self._next, self._previous = {}, {}
        last = None
        for item in ids:
            self.put(item, last)
            last = item

    def __iter__(self) -> Iterator[int]:
        item = self._next.get(None)
        while item is not None:
            yield item
            item = self._next[item]

    def put(self, item: int, behind: int | None) -> None:
        """Raises KeyError if `behind` isn't there, ValueError if the item is."""
        if item in self._previous:
            raise ValueError(item)
        following = self._next.get(None) if behind is None else self._next[behind]
        self._link(behind, item)
        self._link(item, following)

    def take(self, item: int) -> None:
        """Raises KeyError if the item isn't there."""
        self._link(self._previous.pop(item), self._next.pop(item))

    def exchange(self, before: list[int], after: list[int]) -> None:
        """Give the places of the items in `before` to those in `after`, a permutation of them."""
        replaced = dict(zip(before, after, strict=True))
        around = {item: (self._previous[item], self._next[item]) for item in before}
        for item, (previous, following) in around.items():
            self._link(replaced.get(previous, previous), replaced[item])
            self._link(replaced[item], replaced.get(following, following))

    def replay(self, move: Move) -> None:
        """Do what the log says was done. Raises KeyError or ValueError if that was not possible."""
        match move.kind:
            case Move.Kind.PERMUTE:
                self.exchange(move.former, move.items)
            case Move.Kind.ENTER:
                self._put_all(zip(move.items, move.predecessors, strict=True))
            case Move.Kind.LEAVE:
                self._take_all(move.items)
            case Move.Kind.MOVE:
                self._take_all(move.items)
                self._put_all(zip(move.items, move.predecessors, strict=True))

    def take_back(self, move: Move) -> None:
        """Undo the last step of the log. Raises KeyError or ValueError if it can't have been that."""
        match move.kind:
            case Move.Kind.PERMUTE:
                self.exchange(move.items, move.former)
            case Move.Kind.ENTER:
                self._take_all(move.items)
            case Move.Kind.LEAVE:
                self._put_runs(former_runs(move))
            case Move.Kind.MOVE:
                self._take_all(move.items)
                self._put_runs(former_runs(move))

    def _link(self, item, following):
        self._next[item] = following
        if following is not None:
            self._previous[following] = item

    def _take_all(self, items):
        for item in items:
            self.take(item)

    def _put_all(self, pairs):
        for item, behind in pairs:
            self.put(item, behind)

    def _put_runs(self, runs):
        for behind, items in runs:
            for item in items:
                self.put(item, behind)
                behind = item


def former_runs(move: Move) -> list[tuple[int | None, list[int]]]:
    """Where a move's items stood before: (an item outside the move, those that followed it in a row)."""
    follower = dict(zip(move.former, move.items, strict=True))
    runs = []
    for behind in move.former:
        if behind not in move.items:
            run, item = [], follower[behind]
            while item is not None:
                run.append(item)
                item = follower.get(item)
            runs.append((behind, run))
    return runs


def present(ordered: OrderedList) -> list[int]:
    """The ids of the listed items, in order."""
    entries = OrderEntry.objects.filter(list=ordered, is_listed=True)
    return list(entries.order_by("rank").values_list("item_id", flat=True))


def since(ordered: OrderedList, version: int) -> list[Move]:
    """The moves after that version, oldest first."""
    return list(Move.objects.filter(list=ordered, version__gt=version).order_by("version"))


def rewound(order: Iterable[int], moves: list[Move]) -> list[int]:
    """The order before these moves, which led to the given one."""
    sequence = Sequence(order)
    for move in reversed(moves):
        sequence.take_back(move)
    return list(sequence)


def fewest_moved(before: list[int], after: list[int], mentioned: Set[int]) -> set[int]:
    """Which of the mentioned items have to move to turn one order into the other, where all the others stay.

    before, after: two orders of the same items.
    """
    former = {item: place for place, item in enumerate(before)}
    former_gap, gap = _gaps(before, mentioned), _gaps(after, mentioned)
    staying = defaultdict(list)
    for item in after:
        if item in mentioned and former_gap[item] == gap[item]:
            staying[gap[item]].append(item)
    kept = {item for items in staying.values() for item in _longest_ascending(items, former)}
    return {item for item in after if item in mentioned and item not in kept}


def _gaps(order, mentioned):
    gaps, others = {}, 0
    for item in order:
        if item in mentioned:
            gaps[item] = others
        else:
            others += 1
    return gaps


def _longest_ascending(items, place):
    # Patience sorting: ends[k] is the smallest place that a chain of k + 1 items can end with.
    ends, last, before = [], [], {}
    for item in items:
        length = bisect_left(ends, place[item])
        before[item] = last[length - 1] if length else None
        ends[length : length + 1] = [place[item]]
        last[length : length + 1] = [item]
    chain, item = [], last[-1] if last else None
    while item is not None:
        chain.append(item)
        item = before[item]
    return chain[::-1]
