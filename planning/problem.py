"""A backlog as the decision core reads it: arrays with one entry an item, in the present order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from planning import graph


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Items, numbered 0 … n-1 in their present order, and what stands on what. Made by `build`.

    sizes: (n,) points, above zero. weights: (n,) value points a week lost while the item is not done.
    enablers, enabled: (m,) item numbers; enablers[k] has to come before enabled[k]; no cycle, no pair twice.
    due: (n,) points of work that will be finished by the due date; infinite without one.
    penalties: (n,) value points a week lost, besides the weight, once the due date is past.
    is_technical: (n,). teams: (n,) team number. is_locked: (n,) keeps its place in the list.
    """

    sizes: np.ndarray
    weights: np.ndarray
    enablers: np.ndarray
    enabled: np.ndarray
    due: np.ndarray
    penalties: np.ndarray
    is_technical: np.ndarray
    teams: np.ndarray
    is_locked: np.ndarray

    @property
    def count(self) -> int:
        return len(self.sizes)

    @cached_property
    def after(self) -> list[list[int]]:
        """For each item what it enables; not to be changed."""
        return graph.neighbours(self.count, self.enablers.tolist(), self.enabled.tolist())

    @cached_property
    def before(self) -> list[list[int]]:
        """For each item what it needs; not to be changed."""
        return graph.neighbours(self.count, self.enabled.tolist(), self.enablers.tolist())

    @property
    def has_due_dates(self) -> bool:
        return bool((np.isfinite(self.due) & (self.penalties > 0)).any())


def build(
    sizes: ArrayLike,
    weights: ArrayLike,
    dependencies: ArrayLike = (),
    *,
    due: ArrayLike | None = None,
    penalties: ArrayLike | None = None,
    is_technical: ArrayLike | None = None,
    teams: ArrayLike | None = None,
    is_locked: ArrayLike | None = None,
) -> Problem | graph.Cycle:
    """Check and complete the description of a backlog; the first cycle of the dependencies if they have one.

    dependencies: (m, 2) pairs of item numbers, what enables and what it enables; repeated pairs count once.
    The rest as in `Problem`, by default: no due dates, nothing technical, one team, nothing locked.
    Raises ValueError if the lengths differ, a size is not above zero, a weight or penalty is negative, or a
    dependency names no item.
    """
    sizes = np.asarray(sizes, float)
    count = len(sizes)
    pairs = _distinct_pairs(dependencies, count)
    given = Problem(
        sizes=sizes,
        weights=np.asarray(weights, float),
        enablers=pairs[:, 0],
        enabled=pairs[:, 1],
        due=_filled(due, count, np.inf, float),
        penalties=_filled(penalties, count, 0, float),
        is_technical=_filled(is_technical, count, False, bool),
        teams=_filled(teams, count, 0, np.int64),
        is_locked=_filled(is_locked, count, False, bool),
    )
    _refuse_unless_sound(given)
    cycle = graph.find_any_cycle(count, given.enablers.tolist(), given.enabled.tolist())
    return cycle or given


def select(backlog: Problem, items: ArrayLike) -> Problem:
    """Keep some of the items, renumbered in the order given, with the dependencies among them."""
    items = np.asarray(items, np.int64)
    number = np.full(backlog.count, -1, np.int64)
    number[items] = np.arange(len(items))
    enablers, enabled = number[backlog.enablers], number[backlog.enabled]
    inside = (enablers >= 0) & (enabled >= 0)
    arrays = ("sizes", "weights", "due", "penalties", "is_technical", "teams", "is_locked")
    kept = {name: getattr(backlog, name)[items] for name in arrays}
    return replace(backlog, enablers=enablers[inside], enabled=enabled[inside], **kept)


def finish_points(backlog: Problem, sequence: np.ndarray) -> np.ndarray:
    """Give each item the points of work that are done once it is: (n,), by item number."""
    finish = np.empty(backlog.count)
    finish[sequence] = np.cumsum(backlog.sizes[sequence])
    return finish


def cost(backlog: Problem, sequence: np.ndarray) -> float:
    """Add up the cost of delay of an order: sum of weight times finish, and of penalty times lateness.

    sequence: (n,) item numbers, first to last; it need not keep the dependencies.
    Returns value points a week times points of work; divided by points a week it is value points.
    """
    finish = finish_points(backlog, sequence)
    late = np.maximum(finish - backlog.due, 0)
    return float(backlog.weights @ finish + backlog.penalties @ late)


def by_team(backlog: Problem, sequence: np.ndarray) -> dict[int, np.ndarray]:
    """Project one order on the teams: for each its own items, first to last.

    One order for all, projected, beats an order a team, which does not see what other teams wait for.
    """
    teams = backlog.teams[sequence]
    return {int(team): sequence[teams == team] for team in np.unique(teams)}


def as_it_comes(backlog: Problem, sequence: np.ndarray) -> np.ndarray:
    """Let every item of a list that stands above what it needs wait for it: (n,) an order that keeps dependencies."""
    if is_feasible(backlog, sequence):
        return sequence
    place = np.empty(backlog.count, np.int64)
    place[sequence] = np.arange(backlog.count)
    return np.array(graph.order_along(backlog.after, place.tolist()), np.int64)


def is_feasible(backlog: Problem, sequence: np.ndarray) -> bool:
    """Tell whether an order keeps every dependency."""
    place = np.empty(backlog.count, np.int64)
    place[sequence] = np.arange(backlog.count)
    return bool((place[backlog.enablers] < place[backlog.enabled]).all())


def weights_from_fields(business_value: ArrayLike, risk_reduction: ArrayLike, interest: ArrayLike, points: ArrayLike):
    """Add up business value, risk reduction and debt interest as value points a week: (n,).

    business_value, risk_reduction: value points a week; NaN where unknown, which adds nothing.
    interest: (n,) points of work a week that the debt costs; points: (n,) sizes, NaN where not estimated. A point
    of work is worth what the open items are worth on average: their value divided by their points.
    """
    value, risk, burden = (
        np.nan_to_num(np.asarray(field, float)) for field in (business_value, risk_reduction, interest)
    )
    all_points = np.nansum(np.asarray(points, float))
    value_of_a_point = value.sum() / all_points if all_points else 0.0
    return value + risk + burden * value_of_a_point


def fill_sizes(points: Sequence[float | None]) -> np.ndarray:
    """Give items without points, or with none above zero, the median of the others; 1 if there are none."""
    sizes = np.array([np.nan if size is None else size for size in points], float)
    sizes[~(sizes > 0)] = np.nan
    known = sizes[~np.isnan(sizes)]
    return np.where(np.isnan(sizes), np.median(known) if len(known) else 1.0, sizes)


def _filled(given, count, default, kind):
    return np.full(count, default, kind) if given is None else np.asarray(given, kind)


def _distinct_pairs(dependencies, count):
    pairs = np.asarray(dependencies, np.int64).reshape(-1, 2)
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= count):
        raise ValueError("a dependency names an item that is not there")
    return np.stack(np.divmod(np.unique(pairs[:, 0] * count + pairs[:, 1]), max(count, 1)), axis=1)


def _refuse_unless_sound(backlog):
    per_item = ("weights", "due", "penalties", "is_technical", "teams", "is_locked")
    if any(getattr(backlog, name).shape != backlog.sizes.shape for name in per_item):
        raise ValueError("every array has one entry an item")
    if not (np.isfinite(backlog.sizes) & (backlog.sizes > 0)).all():
        raise ValueError("a size is a number above zero")
    for name in ("weights", "penalties"):
        values = getattr(backlog, name)
        if not (np.isfinite(values) & (values >= 0)).all():
            raise ValueError(f"{name} are numbers, zero or more")
    if np.isnan(backlog.due).any():
        raise ValueError("a due date is a number of points, or infinite")
