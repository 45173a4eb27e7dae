"""Proposed moves: the few that bring most, each with its gain, instead of a backlog sorted anew."""

import heapq
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

import numpy as np

from planning import cores, graph, problem, sidney

# Larger backlogs are looked at down to here, and what those items need.
HORIZON = 2_000
LEAST_SHARE = 0.0005
LEAST_ROBUSTNESS = 0.8
REFUSED_DAYS = 30
REFUSED_CHANGE = 0.2
_DRAWS = 200
_DRAW_SPREAD = 0.3
_NOTHING = 1e-9
# Blocks of the best order with more items than this are not moved as one.
_LARGEST_GROUP = 16


class Direction(IntEnum):
    """Which way a move goes in the list."""

    EARLIER = 1
    LATER = -1


@dataclass(frozen=True)
class Reason:
    """Why a move pays: a message key, and what the message says in numbers and item numbers.

    Keys: needs_first and behind_its_need put an item that stands above what it needs right; the rest gain:
    earlier, earlier_with_needs, earlier_for_date, earlier_as_group, later, later_with_dependants, later_as_group.
    Numbers: passed (how many items), passed_points; lever, the item whose sooner finish saves most, with lever_points
    (how much sooner, in points of work), lever_saving and, of that, date_saving; saved and lost, whose difference is
    the gain where the list kept all dependencies before.
    """

    key: str
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Move:
    """Put an item, and what has to move with it, directly before (EARLIER) or behind (LATER) the anchor.

    bundle: the items that move, in order. from_place, to_place: of the item, from 0, in the list as the moves before it
    left it. gain: in the units of `problem.cost`; share: of the cost before all moves, 0.021 for 2.1 %.
    robustness: the share of draws of all weights and sizes in which it gains; 1 where it repairs the list.
    """

    item: int
    bundle: tuple[int, ...]
    direction: Direction
    anchor: int
    from_place: int
    to_place: int
    gain: float
    share: float
    robustness: float
    reason: Reason


@dataclass(frozen=True, eq=False)
class Proposal:
    """Moves, one after the other, and what they lead to; gains add up to cost_before - cost_after.

    sequence: (n,) item numbers after all moves. cost_before counts no item as finished before what it needs.
    Beyond the horizon costs leave out the items that were not looked at.
    """

    moves: tuple[Move, ...]
    sequence: np.ndarray
    cost_before: float
    cost_after: float


@dataclass(frozen=True, eq=False)
class Effect:
    """What a chosen set of moves does: the sequence, and each move's gain, None where it no longer applies."""

    sequence: np.ndarray
    gains: tuple[float | None, ...]
    cost_before: float
    cost_after: float


def propose(
    backlog: problem.Problem,
    *,
    rng: np.random.Generator,
    limit: int = 20,
    horizon: int = HORIZON,
    least_share: float = LEAST_SHARE,
    least_robustness: float = LEAST_ROBUSTNESS,
    refused: Collection[tuple[int, Direction]] = (),
) -> Proposal:
    """Propose the moves that gain most, the best first; none that gains little or only by luck.

    First an item that stands above what it needs gets its needs in front of it, or goes behind them, whichever costs
    less; these take up half of the moves at most. Then, again and again, comes the best move of one item with the needs
    (or dependants) that it meets on its way, or of a small block of the best order as a group.
    limit: of moves. horizon: items from the top. least_share: of the cost before. refused: moves not to be repeated.
    Locked items keep their places and are passed. The same input and rng give the same moves.
    """
    if backlog.count > horizon:
        return _propose_within(backlog, horizon, rng, limit, least_share, least_robustness, refused)
    listed = _List(backlog)
    cost_before = listed.cost()
    moves = list(_repairs(listed, cost_before, (limit + 1) // 2, refused))
    search = _Search(listed, rng, least_share * cost_before, least_robustness, frozenset(refused))
    while len(moves) < limit and (move := search.next_move(cost_before)):
        moves.append(move)
    return Proposal(tuple(moves), listed.full(), cost_before, listed.cost())


def effect(backlog: problem.Problem, moves: Sequence[Move]) -> Effect:
    """Make some of the proposed moves, in their order, on the list as it is now.

    A move takes along what it needs (or what needs it) between the item and its anchor; one whose item already stands
    on the wanted side of the anchor, or that a locked item blocks, is left out. Gains add up.
    """
    listed = _List(backlog)
    cost_before = cost = listed.cost()
    gains = []
    for move in moves:
        changed = listed.moved(_with_companions(move), move.direction, move.anchor)
        if changed is None:
            gains.append(None)
            continue
        listed.take(changed)
        gains.append(cost - listed.cost())
        cost = listed.cost()
    return Effect(listed.full(), tuple(gains), cost_before, cost)


def inputs(backlog: problem.Problem, move: Move) -> tuple[tuple[float, float], ...]:
    """Give weight and size of each item that a move takes along and of its anchor, to keep with a refusal."""
    return tuple((float(backlog.weights[item]), float(backlog.sizes[item])) for item in (*move.bundle, move.anchor))


def is_still_refused(
    then: Sequence[tuple[float, float]], now: Sequence[tuple[float, float]], refused_on: date, today: date
) -> bool:
    """Tell whether a refused move should stay away: for 30 days, unless an input has changed by more than a fifth.

    then, now: `inputs` at the refusal and as the items stand today, in the same order.
    """
    if (today - refused_on).days >= REFUSED_DAYS or len(then) != len(now):
        return False
    before, after = np.array(then, float), np.array(now, float)
    return bool((np.abs(after - before) <= REFUSED_CHANGE * before).all())


def kept_items(present: Sequence[int], target: Sequence[int]) -> list[int]:
    """Find the most items that may stay where they are, in order, if all others move to reach the target.

    present, target: the same items. Source: the longest increasing subsequence; Fredman (1975).
    """
    place = {item: index for index, item in enumerate(target)}
    ends, end_places, previous = [], [], {}
    for item in present:
        length = bisect_left(end_places, place[item])
        previous[item] = ends[length - 1] if length else None
        ends[length:] = [item, *ends[length + 1 :]]
        end_places[length:] = [place[item], *end_places[length + 1 :]]
    kept = []
    item = ends[-1] if ends else None
    while item is not None:
        kept.append(item)
        item = previous[item]
    return kept[::-1]


def _groups(backlog):
    """The Sidney blocks of a few items, by item: they belong together in the best order."""
    label = sidney.order(backlog, cores.LIGHT).blocks
    members = {}
    for item, block in enumerate(label.tolist()):
        members.setdefault(block, []).append(item)
    return {item: group for group in members.values() if 1 < len(group) <= _LARGEST_GROUP for item in group}


def _with_companions(move):
    return (move.item, *(member for member in move.bundle if member != move.item))


class _List:
    """The backlog's list while moves are made. Locked items keep their places; the rest, the free ones, move."""

    def __init__(self, backlog):
        self.backlog = backlog
        self.before = backlog.before
        self.after = backlog.after
        self._companions = {}
        self.slots = np.flatnonzero(~backlog.is_locked)
        self.low = np.zeros(backlog.count, np.int64)
        self.high = np.full(backlog.count, len(self.slots) - 1)
        self._bound_by_locked()
        self.take(self.slots)

    def _bound_by_locked(self):
        is_locked = self.backlog.is_locked
        for item in np.flatnonzero(is_locked).tolist():
            free_before = int(np.searchsorted(self.slots, item))
            for enabled in self.after[item]:
                self.low[enabled] = max(self.low[enabled], free_before)
            for enabler in self.before[item]:
                self.high[enabler] = min(self.high[enabler], free_before - 1)

    def take(self, free):
        self.free = free
        self.place = np.full(self.backlog.count, -1, np.int64)
        self.place[free] = np.arange(len(free))
        self.finish = problem.finish_points(self.backlog, self.full())

    def full(self, free=None):
        sequence = np.arange(self.backlog.count)
        sequence[self.slots] = self.free if free is None else free
        return sequence

    def full_place(self, item):
        return int(self.slots[self.place[item]])

    def cost(self, free=None):
        return problem.cost(self.backlog, problem.as_it_comes(self.backlog, self.full(free)))

    def companions(self, items, direction):
        """What comes along with the items: what they need on the way up, what needs them on the way down."""
        found = self._companions.get((items, direction))
        if found is None:
            found = np.array(sorted(graph.closure(self.before if direction > 0 else self.after, items)), np.int64)
            self._companions[items, direction] = found
        return found

    def passed(self, item, direction):
        """The free items from this one to the end of the list, nearest first."""
        here = self.place[item]
        return self.free[:here][::-1] if direction > 0 else self.free[here + 1 :]

    def comes_along(self, items, direction, length):
        places = self.place[self.companions(items, direction)]
        distance = direction * (self.place[items[0]] - places[places >= 0]) - 1
        along = np.zeros(length, bool)
        along[distance[(distance >= 0) & (distance < length)]] = True
        return along

    def moved(self, items, direction, anchor):
        """The free items after the move; None if the anchor is not on its way or a locked item forbids it."""
        item = items[0]
        here, there = self.place[item], self.place[anchor]
        if here < 0 or there < 0 or direction * (here - there) <= 0:
            return None
        way = self.passed(item, direction)[: abs(here - there)]
        along = self.comes_along(items, direction, len(way))
        if along[-1]:
            return None
        low, high = min(here, there), max(here, there)
        # The way is listed nearest first; on the way up it is laid from its far end.
        span = (
            np.r_[way[along][::-1], item, way[~along][::-1]] if direction > 0 else np.r_[way[~along], item, way[along]]
        )
        places = np.arange(low, high + 1)
        if (places < self.low[span]).any() or (places > self.high[span]).any():
            return None
        changed = self.free.copy()
        changed[low : high + 1] = span
        return changed

    def may_stop(self, item, direction, way, along):
        """Tell for each item of the way whether the move may end there as far as locked items are concerned."""
        stop = self.place[way]
        pushed = np.where(along, 0, 1 + np.cumsum(along))
        if direction > 0:
            limit = np.maximum(np.maximum.accumulate(np.where(along, self.low[way], 0)), self.low[item])
            fits = self.place[way] + pushed <= self.high[way]
            return (stop >= limit) & np.logical_and.accumulate(fits | along)
        limit = np.minimum(np.minimum.accumulate(np.where(along, self.high[way], len(self.free))), self.high[item])
        fits = self.place[way] - pushed >= self.low[way]
        return (stop <= limit) & np.logical_and.accumulate(fits | along)


class _Search:
    """The best move of the list as it stands, found again after each; stale gains are looked at anew when they lead."""

    def __init__(self, listed, rng, least_gain, least_robustness, refused):
        self.listed, self.backlog, self.rng = listed, listed.backlog, rng
        self.least_gain, self.least_robustness, self.refused = least_gain, least_robustness, refused
        self.heap, self.dropped, self.draws = [], set(), None
        self.groups = _groups(self.backlog)

    def next_move(self, cost_before):
        while self.heap or self._refill():
            _, item = heapq.heappop(self.heap)
            gain, option = self._best_of(item)
            if gain <= 0:
                continue
            if self.heap and gain < -self.heap[0][0] * (1 - _NOTHING):
                heapq.heappush(self.heap, (-gain, item))
                continue
            move = self._made(option, cost_before)
            if move is None:
                self.dropped.add(option)
                continue
            self._push(item)
            return move
        return None

    def _refill(self):
        for item in self.listed.free.tolist():
            self._push(item)
        return bool(self.heap)

    def _push(self, item):
        gain, _ = self._best_of(item)
        if gain > 0:
            heapq.heappush(self.heap, (-gain, item))

    def _best_of(self, item):
        best_gain, best = 0.0, None
        for direction in Direction:
            if (item, direction) in self.refused:
                continue
            for items in self._bundles_of(item):
                gain, anchor = self._best_stop(items, direction)
                option = (items, direction, anchor)
                if gain > max(best_gain, self.least_gain) and option not in self.dropped:
                    best_gain, best = gain, option
        return best_gain, best

    def _bundles_of(self, item):
        group = self.groups.get(item)
        return [(item,)] if group is None else [(item,), (item, *(member for member in group if member != item))]

    def _best_stop(self, items, direction):
        item, listed, backlog = items[0], self.listed, self.backlog
        way = listed.passed(item, direction)
        if not len(way):
            return 0.0, None
        along = listed.comes_along(items, direction, len(way))
        sizes, weights = backlog.sizes[way], backlog.weights[way]
        bundle_weight = backlog.weights[item] + np.cumsum(np.where(along, weights, 0))
        bundle_size = backlog.sizes[item] + np.cumsum(np.where(along, sizes, 0))
        gains = direction * np.cumsum(np.where(along, 0, bundle_weight * sizes - bundle_size * weights))
        if backlog.has_due_dates:
            gains = gains + self._date_gains(item, direction, way, along, bundle_size)
        gains[along] = 0
        if backlog.is_locked.any():
            gains[~listed.may_stop(item, direction, way, along)] = 0
        best = int(np.argmax(gains))
        return float(gains[best]), int(way[best])

    def _date_gains(self, item, direction, way, along, bundle_size):
        sizes, finish = self.backlog.sizes[way], self.listed.finish
        passed_points = np.cumsum(np.where(along, 0, sizes))
        shifted = finish[way] + direction * bundle_size
        gains = np.cumsum(np.where(along, 0, self._penalty(way, finish[way]) - self._penalty(way, shifted)))
        joined = [(item, 0, 0.0)]
        joined += [(way[k], k, passed_points[k]) for k in np.flatnonzero(along & (self.backlog.penalties[way] > 0))]
        for member, start, points in joined:
            new_finish = finish[member] - direction * (passed_points[start:] - points)
            gains[start:] += self._penalty(member, finish[member]) - self._penalty(member, new_finish)
        return gains

    def _penalty(self, items, finish):
        return self.backlog.penalties[items] * np.maximum(finish - self.backlog.due[items], 0)

    def _made(self, option, cost_before):
        changed = self.listed.moved(*option)
        if changed is None:
            return None
        gain = self.listed.cost() - self.listed.cost(changed)
        if gain <= self.least_gain:
            return None
        robustness = self._robustness(changed)
        if robustness < self.least_robustness:
            return None
        return _record(self.listed, changed, option, cost_before, robustness)

    def _robustness(self, changed):
        if self.draws is None:
            shape = (2, _DRAWS, self.backlog.count)
            self.draws = np.exp(self.rng.normal(0, _DRAW_SPREAD, shape).astype(np.float32))
        now, then = self.listed.full(), self.listed.full(changed)
        touched = np.flatnonzero(now != then)
        span = slice(touched[0], touched[-1] + 1)
        start = self.listed.finish[now[span.start]] - self.backlog.sizes[now[span.start]]
        return float((self._drawn_cost(now[span], start) > self._drawn_cost(then[span], start)).mean())

    def _drawn_cost(self, items, start):
        weight_factor, size_factor = self.draws[0][:, items], self.draws[1][:, items]
        finish = np.cumsum(self.backlog.sizes[items] * size_factor, axis=1)
        cost = (finish * self.backlog.weights[items] * weight_factor).sum(axis=1)
        if self.backlog.has_due_dates:
            late = np.maximum(start + finish - self.backlog.due[items], 0)
            cost = cost + (late * self.backlog.penalties[items] * weight_factor).sum(axis=1)
        return cost


def _propose_within(backlog, horizon, rng, limit, least_share, least_robustness, refused):
    before = backlog.before
    items = np.array(sorted(graph.closure(before, range(horizon))), np.int64)
    number = {item: index for index, item in enumerate(items.tolist())}
    found = propose(
        problem.select(backlog, items),
        rng=rng,
        limit=limit,
        horizon=len(items),
        least_share=least_share,
        least_robustness=least_robustness,
        refused={(number[item], direction) for item, direction in refused if item in number},
    )
    listed = _List(backlog)
    moves = []
    for move in found.moves:
        item, anchor = int(items[move.item]), int(items[move.anchor])
        from_place = listed.full_place(item)
        move = replace(
            move,
            item=item,
            anchor=anchor,
            bundle=tuple(items[list(move.bundle)].tolist()),
            reason=_renumbered(move.reason, items),
        )
        listed.take(listed.moved(_with_companions(move), move.direction, anchor))
        moves.append(replace(move, from_place=from_place, to_place=listed.full_place(item)))
    return Proposal(tuple(moves), listed.full(), found.cost_before, found.cost_after)


def _renumbered(reason, items):
    return Reason(reason.key, {**reason.numbers, "lever": int(items[reason.numbers["lever"]])})


def _repairs(listed, cost_before, limit, refused):
    """Put right, from the top, what stands above what it needs: pull the need up, or the item down."""
    enablers, enabled = listed.backlog.enablers, listed.backlog.enabled
    hopeless = np.zeros(len(enablers), bool)
    for _ in range(limit):
        while True:
            from_place, to_place = listed.place[enablers], listed.place[enabled]
            inverted = np.flatnonzero((from_place > to_place) & (to_place >= 0) & ~hopeless)
            if not len(inverted):
                return
            first = inverted[np.lexsort((from_place[inverted], to_place[inverted]))[0]]
            need, item = int(enablers[first]), int(enabled[first])
            options = [((need,), Direction.EARLIER, item), ((item,), Direction.LATER, need)]
            options = [option for option in options if (option[0][0], option[1]) not in refused]
            changes = [(listed.moved(*option), option) for option in options]
            changes = [(listed.cost(changed), changed, option) for changed, option in changes if changed is not None]
            if changes:
                break
            hopeless[first] = True
        _, changed, option = min(changes, key=lambda change: change[0])
        yield _record(listed, changed, option, cost_before, None)


def _record(listed, changed, option, cost_before, robustness):
    """Make the move and write down what it did; robustness is None for a repair."""
    items, direction, anchor = option
    item, backlog = items[0], listed.backlog
    was_full, cost = listed.full(), listed.cost()
    way = listed.passed(item, direction)[: abs(listed.place[item] - listed.place[anchor])]
    along = listed.comes_along(items, direction, len(way))
    companions = way[along][::-1].tolist() if direction > 0 else way[along].tolist()
    bundle = (*companions, item) if direction > 0 else (item, *companions)
    from_place = listed.full_place(item)
    listed.take(changed)
    gain = cost - listed.cost()
    numbers = _numbers(backlog, was_full, listed.full(), way[~along])
    if robustness is None:
        key = "needs_first" if direction > 0 else "behind_its_need"
    else:
        key = _gain_key(direction, companions, len(items) > 1, numbers)
    return Move(
        item=item,
        bundle=tuple(int(member) for member in bundle),
        direction=direction,
        anchor=anchor,
        from_place=from_place,
        to_place=listed.full_place(item),
        gain=gain,
        share=gain / cost_before if cost_before else 0.0,
        robustness=1.0 if robustness is None else robustness,
        reason=Reason(key, numbers),
    )


def _numbers(backlog, was_full, full, passed):
    was, now = problem.finish_points(backlog, was_full), problem.finish_points(backlog, full)
    saving = backlog.weights * (was - now) + _lateness(backlog, was) - _lateness(backlog, now)
    lever = int(np.argmax(saving))
    return {
        "passed": len(passed),
        "passed_points": float(backlog.sizes[passed].sum()),
        "lever": lever,
        "lever_points": float(was[lever] - now[lever]),
        "saved": float(saving[saving > 0].sum()),
        "lost": float(-saving[saving < 0].sum()),
        "date_saving": float(_lateness(backlog, was)[lever] - _lateness(backlog, now)[lever]),
        "lever_saving": float(saving[lever]),
    }


def _gain_key(direction, companions, is_group, numbers):
    if is_group and companions:
        return "earlier_as_group" if direction > 0 else "later_as_group"
    if direction < 0:
        return "later_with_dependants" if companions else "later"
    if numbers["date_saving"] > numbers["lever_saving"] / 2:
        return "earlier_for_date"
    return "earlier_with_needs" if companions else "earlier"


def _lateness(backlog, finish):
    return backlog.penalties * np.maximum(finish - backlog.due, 0)
