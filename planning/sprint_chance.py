"""Whether a running sprint holds, and which one change would help it most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planning import forecast

TRIALS = 4_000
LEAST_GAIN_PERCENT = 5
# How far estimates are off, item by item.
_SIZE_SPREAD = 0.35
# What is begun is half done, on average; what is stuck is not.
_BEGUN_SHARE = 0.5


@dataclass(frozen=True)
class Work:
    """An unfinished item of a sprint. points: as estimated. needs: items of the sprint, by id, unfinished too.

    is_blocked: needs something that nobody works on. is_stuck: begun, and long without a step.
    """

    id: int
    points: float
    is_begun: bool = False
    is_stuck: bool = False
    is_blocked: bool = False
    is_for_goal: bool = True
    needs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Change:
    """One corrective action. kind: reorder, ask, swap, split or drop; item: the one it is about, None for reorder;
    into: what comes in for it, for swap. percent: the chance with it."""

    kind: str
    item: int | None
    into: int | None
    percent: int


def goal_chance(works: Sequence[Work], reach: Sequence[float], *, rng: np.random.Generator) -> int:
    """Give the chance in whole per cent that all that the goal needs is done.

    works: in the order they are worked on; what is begun goes first, and each after what it needs. reach: points that
    the team delivers in the days that are left, as past sprints say, each equally likely. Equal rng, equal chance.
    """
    wanted = _wanted(works)
    if not wanted:
        return 100
    if any(work.is_blocked for work in works if work.id in wanted) or not len(reach):
        return 0
    queue = _queue(works)
    last = max(index for index, work in enumerate(queue) if work.id in wanted)
    ahead = np.array([_remaining(work) for work in queue[: last + 1]])
    noise = np.exp(_SIZE_SPREAD * rng.standard_normal((TRIALS, len(ahead))) - _SIZE_SPREAD**2 / 2)
    levels = np.quantile(np.asarray(reach, float), rng.random(TRIALS), method="median_unbiased")
    return forecast.shown_chance(float((noise @ ahead <= levels + 1e-9).mean())).percent


def best_change(
    works: Sequence[Work], spare: Sequence[Work], reach: Sequence[float], *, seed: int, before: int
) -> Change | None:
    """Find the one change that helps the goal most, by simulating each; None where none gains 5 points.

    spare: ready items of the backlog that could come in. before: the chance as it stands. Among equals the change
    comes first that takes least out of the sprint.
    """
    found = [replace(change, percent=_simulated(changed, reach, seed)) for change, changed in _changes(works, spare)]
    best = max(found, key=lambda change: change.percent, default=None)
    return best if best and best.percent >= before + LEAST_GAIN_PERCENT else None


def second_half(points):
    """Give the whole points that leave when an item is split: the smaller half."""
    return points // 2


def _simulated(works, reach, seed):
    return goal_chance(works, reach, rng=np.random.default_rng(seed))


def _changes(works, spare):
    """Every change with the works as they would be, the mildest kinds first."""
    wanted = _wanted(works)
    yield Change("reorder", None, None, 0), sorted(works, key=lambda work: work.id not in wanted)
    for work in works:
        if work.is_stuck or work.is_blocked:
            yield Change("ask", work.id, None, 0), _with(works, work, is_stuck=False, is_blocked=False)
    free = [work for work in works if work.id not in wanted and not work.is_begun]
    free = [work for work in free if not any(work.id in other.needs for other in works)]
    for work in free:
        smaller = [other for other in spare if other.points < work.points]
        if smaller:
            into = max(smaller, key=lambda other: other.points)
            rest = [other for other in works if other is not work]
            yield Change("swap", work.id, into.id, 0), [*rest, replace(into, is_for_goal=False)]
    for work in works:
        if work.id in wanted and not work.is_begun and work.points >= 3:
            yield Change("split", work.id, None, 0), _with(works, work, points=work.points - second_half(work.points))
    for work in free:
        yield Change("drop", work.id, None, 0), [other for other in works if other is not work]


def _with(works, work, **changes):
    return [replace(other, **changes) if other is work else other for other in works]


def _wanted(works):
    by_id = {work.id: work for work in works}
    found, waiting = set(), [work.id for work in works if work.is_for_goal]
    while waiting:
        pk = waiting.pop()
        if pk in by_id and pk not in found:
            found.add(pk)
            waiting += by_id[pk].needs
    return found


def _queue(works):
    """What is begun first, then the order given; none before what it needs."""
    by_id = {work.id: work for work in works}
    queue, seen = [], set()

    def take(work):
        if work.id in seen:
            return
        seen.add(work.id)
        for need in work.needs:
            if need in by_id:
                take(by_id[need])
        queue.append(work)

    for work in sorted(works, key=lambda work: not work.is_begun):
        take(work)
    return queue


def _remaining(work):
    return work.points * (_BEGUN_SHARE if work.is_begun and not work.is_stuck else 1.0)
