"""What to take into a sprint: the most value that fits, with one line to commit to and one to stretch to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, vstack

from planning import deadlines, forecast, graph, problem

LEAST_SPRINTS = 4
SPRINTS_LOOKED_AT = 8
COMMIT_PERCENT = 85
STRETCH_PERCENT = 50

# Only so many items from the top of the best order, and what they need, are worth a look.
ITEM_LIMIT = 300
_TIME_LIMIT_SECONDS = 1.0


@dataclass(frozen=True)
class Choice:
    """A set of items that fits.

    items: numbers, ascending. value: value points a week. points: their sizes. gap: share by which another choice may
    be better, at most; 0 where this one is proven best.
    """

    items: tuple[int, ...]
    value: float
    points: float
    gap: float


@dataclass(frozen=True)
class LeftOut:
    """Why an item is not in the scope: a message key and numbers.

    Keys: far_down (not looked at); needs_left_out (need); larger_than_capacity (points with its needs, capacity);
    above_technical_range and below_technical_range (share with it); no_room (points with its needs, room);
    worth_less (value_per_point, least_value_per_point of what is in).
    """

    item: int
    key: str
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Recommendation:
    """commit, stretch: items in working order; the stretch comes on top. chances: of each of them, done with all before
    it. capacity: by team, points of the commit and the stretch line. left_out: every other item."""

    commit: tuple[int, ...]
    stretch: tuple[int, ...]
    chances: Mapping[int, forecast.Chance]
    capacity: Mapping[int, tuple[float, float]]
    commit_gap: float
    stretch_gap: float
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class NotEnoughSprints:
    """Teams with fewer than 4 past sprints that delivered points, and how many they have."""

    sprint_counts: Mapping[int, int]


def capacity(delivered: Sequence[float], percent: int) -> float | None:
    """Give the points that a sprint delivers with that chance; None below 4 sprints.

    delivered: points of past sprints, oldest first; sprints without any are left out, the last 8 of the rest count.
    """
    past = counted(delivered)
    if len(past) < LEAST_SPRINTS:
        return None
    return float(np.quantile(past, 1 - percent / 100, method="median_unbiased"))


def chance(points: float, delivered: Sequence[float]) -> forecast.Chance | None:
    """Give the chance that a sprint delivers so many points; None below 4 sprints. delivered: as for `capacity`.

    Points are counted as estimated, here and in the past, so errors of estimation are in the past figures already.
    """
    past = counted(delivered)
    if len(past) < LEAST_SPRINTS:
        return None
    levels = (np.arange(2_000) + 0.5) / 2_000
    reached = np.quantile(past, levels, method="median_unbiased") >= points - 1e-9
    return forecast.shown_chance(float(reached.mean()))


def choose(
    backlog: problem.Problem,
    capacities: Mapping[int, float],
    technical_range: tuple[float, float] = (0.0, 1.0),
    held: Sequence[int] = (),
) -> Choice:
    """Choose the items of most weight that fit, each with everything it needs.

    capacities: points by team; a team that is not named takes nothing. technical_range: least and most technical points
    as a share of all chosen. held: items that are in whatever else is. Due dates before the end of the sprint after
    count with their penalty. Among equals the earlier item wins.
    Raises ValueError if what is held does not fit.
    Source: the precedence-constrained knapsack, solved by HiGHS; Huangfu and Hall (2018).
    """
    count = backlog.count
    if not count:
        return Choice((), 0.0, 0.0, 0.0)
    value = _value(backlog, 2 * sum(capacities.values()))
    least = np.zeros(count)
    least[list(held)] = 1
    solved = milp(
        -(value + 1e-6 * max(value.max(), 1.0) * (1 - np.arange(count) / count) / count),
        constraints=_rows(backlog, capacities, technical_range),
        integrality=np.ones(count),
        bounds=Bounds(least, np.ones(count)),
        options={"time_limit": _TIME_LIMIT_SECONDS, "mip_rel_gap": 1e-9},
    )
    if solved.status == 2:
        raise ValueError("what is held does not fit")
    chosen = np.flatnonzero(solved.x > 0.5) if solved.x is not None else np.array(held, np.int64)
    worth = float(value[chosen].sum())
    best = -solved.mip_dual_bound if solved.mip_dual_bound is not None else float(value.sum())
    gap = 0.0 if solved.status == 0 else max(best / worth - 1 if worth else np.inf, 0.0)
    return Choice(tuple(chosen.tolist()), worth, float(backlog.sizes[chosen].sum()), gap)


def recommend(
    backlog: problem.Problem,
    delivered: Mapping[int, Sequence[float]],
    technical_range: tuple[float, float] = (0.0, 1.0),
) -> Recommendation | NotEnoughSprints:
    """Recommend what to commit to (each team with a chance of 85 %) and how far to stretch (50 %).

    backlog: the items that may be taken. delivered: by team, points of its past sprints, as for `capacity`; teams that
    are not named take nothing. technical_range: as for `choose`.
    """
    lines = {}
    for team, past in delivered.items():
        lines[team] = tuple(capacity(past, percent) for percent in (COMMIT_PERCENT, STRETCH_PERCENT))
    lacking = {team: len(counted(delivered[team])) for team, line in lines.items() if None in line}
    if lacking:
        return NotEnoughSprints(lacking)

    sequence = deadlines.order(backlog).sequence
    looked_at = _top_and_needs(backlog, sequence)
    part = problem.select(backlog, looked_at)
    commit = choose(part, {team: line[0] for team, line in lines.items()}, technical_range)
    stretch = choose(part, {team: line[1] for team, line in lines.items()}, technical_range, held=commit.items)

    committed = {int(looked_at[item]) for item in commit.items}
    chosen = {int(looked_at[item]) for item in stretch.items}
    in_order = [item for item in sequence.tolist() if item in committed]
    on_top = [item for item in sequence.tolist() if item in chosen - committed]
    return Recommendation(
        commit=tuple(in_order),
        stretch=tuple(on_top),
        chances=_chances(backlog, [*in_order, *on_top], delivered),
        capacity=lines,
        commit_gap=commit.gap,
        stretch_gap=stretch.gap,
        left_out=tuple(_left_out(backlog, sequence, looked_at, chosen, lines, technical_range)),
    )


def counted(delivered: Sequence[float]) -> list[float]:
    """Give the points of the past sprints that count: the last 8 of those that delivered any."""
    return [points for points in delivered if points > 0][-SPRINTS_LOOKED_AT:]


def _value(backlog, horizon):
    return backlog.weights + np.where(backlog.due <= horizon, backlog.penalties, 0)


def _rows(backlog, capacities, technical_range):
    count, arcs = backlog.count, len(backlog.enablers)
    teams = np.unique(backlog.teams)
    load = np.where(backlog.teams == teams[:, None], backlog.sizes, 0)
    limits = [max(capacities.get(team, 0.0), 0.0) for team in teams.tolist()]
    needs = csr_matrix(
        (np.repeat([1.0, -1.0], arcs), (np.tile(np.arange(arcs), 2), np.r_[backlog.enabled, backlog.enablers])),
        shape=(arcs, count),
    )
    technical = backlog.sizes * backlog.is_technical
    least, most = (technical - share * backlog.sizes for share in technical_range)
    # least·x ≥ 0 is written as -least·x ≤ 0, so that every row has only an upper limit.
    rows = vstack([csr_matrix(load), needs, csr_matrix(np.stack([-least, most]))]).tocsr()
    return LinearConstraint(rows, -np.inf, np.r_[limits, np.zeros(arcs), 1e-9, 1e-9])


def _top_and_needs(backlog, sequence):
    before = backlog.before
    kept = graph.closure(before, sequence[:ITEM_LIMIT].tolist())
    return np.array([item for item in sequence.tolist() if item in kept], np.int64)


def _chances(backlog, working_order, delivered):
    points = dict.fromkeys(delivered, 0.0)
    chances = {}
    for item in working_order:
        team = int(backlog.teams[item])
        points[team] += backlog.sizes[item]
        chances[item] = chance(points[team], delivered[team])
    return chances


def _left_out(backlog, sequence, looked_at, chosen, lines, technical_range):
    considered = set(looked_at.tolist())
    before = backlog.before
    state = _Chosen(backlog, chosen, lines, technical_range, before)
    for item in sequence.tolist():
        if item in chosen:
            continue
        key, numbers = state.why_not(item) if item in considered else ("far_down", {})
        yield LeftOut(item, key, numbers)


class _Chosen:
    """The chosen scope, as seen from an item that is not in it."""

    def __init__(self, backlog, chosen, lines, technical_range, before):
        self.backlog, self.chosen, self.before = backlog, chosen, before
        self.least, self.most = technical_range
        self.limit = {team: line[1] for team, line in lines.items()}
        inside = np.array(sorted(chosen), np.int64)
        self.points = backlog.sizes[inside].sum()
        self.technical_points = backlog.sizes[inside][backlog.is_technical[inside]].sum()
        self.room = {
            team: limit - backlog.sizes[inside][backlog.teams[inside] == team].sum()
            for team, limit in self.limit.items()
        }
        self.least_ratio = float((backlog.weights[inside] / backlog.sizes[inside]).min()) if len(inside) else 0.0

    def why_not(self, item):
        backlog, team = self.backlog, int(self.backlog.teams[item])
        missing = graph.closure(self.before, [item]) - self.chosen
        load = float(sum(backlog.sizes[need] for need in missing if backlog.teams[need] == team))
        if load > self.limit.get(team, 0.0):
            return "larger_than_capacity", {"points": load, "capacity": self.limit.get(team, 0.0)}
        if direct := [need for need in self.before[item] if need not in self.chosen]:
            return "needs_left_out", {"need": direct[0]}
        if load > self.room[team]:
            ratio = float(backlog.weights[item] / backlog.sizes[item])
            if ratio > self.least_ratio:
                return "no_room", {"points": load, "room": float(self.room[team])}
            return "worth_less", {"value_per_point": ratio, "least_value_per_point": self.least_ratio}
        technical = self.technical_points + (load if backlog.is_technical[item] else 0.0)
        share = float(technical / (self.points + load))
        if backlog.is_technical[item] and share > self.most:
            return "above_technical_range", {"share": share}
        if not backlog.is_technical[item] and share < self.least:
            return "below_technical_range", {"share": share}
        return "worth_less", {
            "value_per_point": float(backlog.weights[item] / backlog.sizes[item]),
            "least_value_per_point": self.least_ratio,
        }
