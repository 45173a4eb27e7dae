"""Dates with a chance: when each item of an order will be done, from what was finished in past weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planning import problem

PERCENTS = (50, 85, 95)
LEAST_WEEKS = 4
LEAST_RESOLVED = 10

# Chosen leave-one-project-out on public series; see docs/planning.md.
WINDOW_WEEKS = 52
HALF_LIFE_WEEKS = 13
LEVEL_SPREAD = 0.4
WALK_SPREAD = 0.1

HORIZON_WEEKS = 104
_PSEUDO_CASES = 30
_RESOLVED_KEPT = 26
_CURVE_COUNTS = 2_000
_GROWTH_SPREAD = 0.3
_HIGHEST_PERCENT = 95


@dataclass(frozen=True)
class NotEnoughHistory:
    """Too little to say anything: weeks of history there are, and whether nothing was finished in them."""

    weeks: int
    is_idle: bool


@dataclass(frozen=True)
class Chance:
    """A chance in whole per cent as it may be shown; above 95 it reads "> 95 %"."""

    percent: int
    is_above: bool


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a team finishes in the weeks ahead.

    totals: (trials, weeks) items finished by the end of each week, every week sorted from least to most.
    resolved: finish over 50 % forecast of the team's own past forecasts, the newest last.
    """

    totals: np.ndarray
    resolved: tuple[float, ...] = ()

    @property
    def is_corrected(self) -> bool:
        """Whether enough own forecasts have resolved to correct this one."""
        return len(self.resolved) >= LEAST_RESOLVED

    def curve(self, percent: int) -> np.ndarray:
        """Give the items finished by the end of each week with that chance: (weeks,); says the same as `weeks`.

        Corrected curves are read off at 2,000 counts at most, so very long ones are a little low in between.
        """
        if not self.is_corrected:
            return self._simulated(percent)
        most = int(self._simulated(1)[-1])
        counts = np.unique(np.ceil(np.linspace(0, most, min(most, _CURVE_COUNTS) + 1)))
        last_weeks = np.r_[0, self.weeks(percent, counts[1:])]
        week = np.arange(1, self.totals.shape[1] + 1)
        return counts[np.searchsorted(last_weeks, week, side="right") - 1]

    def weeks(self, percent: int, counts: Sequence[int]) -> np.ndarray:
        """Give the week, from 1, by whose end that many items are done with that chance; infinite past the horizon.

        counts: (k,) items from the top of the order. Once 10 own forecasts have resolved, the mean of this and of the
        50 % week times the quantile of resolved ratios, mixed with 30 of the simulation's own.
        """
        plain = weeks_until(self._simulated(percent), counts)
        if not self.is_corrected:
            return plain
        corrected = np.ceil((plain + self._conformal(percent, counts)) / 2)
        return np.where(corrected > self.totals.shape[1], np.inf, corrected)

    def chance(self, count: int, week: int) -> Chance:
        """Give the chance that so many items are done by the end of that week (from 1), without the correction.

        Weeks past the horizon count as its last one.
        """
        if week < 1:
            return shown_chance(float(count <= 0))
        by_then = self.totals[:, min(week, self.totals.shape[1]) - 1]
        return shown_chance(float((by_then >= count).mean()))

    def _simulated(self, percent):
        return self.totals[_rank_from_below(percent, len(self.totals))]

    def _conformal(self, percent, counts):
        middle = weeks_until(self._simulated(50), counts)
        levels = (np.arange(_PSEUDO_CASES) + 0.5) / _PSEUDO_CASES * 100
        with np.errstate(invalid="ignore"):
            pseudo = np.array([weeks_until(self._simulated(level), counts) for level in levels]) / middle
        own = np.array(self.resolved[-_RESOLVED_KEPT:])
        mixed = np.sort(np.r_[pseudo, np.repeat(own[:, None], len(middle), axis=1)], axis=0)
        rank = min(int(np.ceil(percent / 100 * (len(mixed) + 1))), len(mixed)) - 1
        return np.ceil(middle * np.where(np.isnan(mixed[rank]), np.inf, mixed[rank]))


@dataclass(frozen=True, eq=False)
class TeamsForecast:
    """weeks: for 50, 85 and 95 per cent (n,) weeks from now, by item number; infinite past the horizon."""

    weeks: Mapping[int, np.ndarray]


def forecast(
    throughput: Sequence[float],
    *,
    rng: np.random.Generator,
    resolved: Sequence[float] = (),
    growth: float = 0.0,
    horizon: int = HORIZON_WEEKS,
    trials: int = 10_000,
) -> Forecast | NotEnoughHistory:
    """Simulate what a team finishes in the weeks ahead.

    throughput: items (or points) finished in each past week, oldest first, weeks without any included.
    resolved: finish over 50 % forecast of the team's own past forecasts, oldest first. growth: items added on the way,
    as a share of those ahead, on average. horizon: weeks. Equal rng, equal forecast.
    Returns NotEnoughHistory below 4 weeks, or if nothing was finished.
    Raises ValueError if a number is negative.
    """
    lacking = _lacking(throughput)
    if lacking:
        return lacking
    totals = np.cumsum(draw_weeks(throughput, horizon, rng=rng, trials=trials), axis=1)
    if growth:
        totals /= _growth_factors(growth, (trials, 1), rng)
    return Forecast(np.sort(totals, axis=0), tuple(resolved))


def draw_weeks(
    throughput: Sequence[float],
    weeks: int,
    *,
    rng: np.random.Generator,
    trials: int,
    level_spread: float = LEVEL_SPREAD,
    walk_spread: float = WALK_SPREAD,
) -> np.ndarray:
    """Draw what future weeks bring: (trials, weeks).

    Each is a past week, a newer one the likelier (half as likely 13 weeks earlier), times exp(L + a random walk): the
    level of the next months is not that of the last ones. L ~ N(0, 0.4²), each step of the walk ~ N(0, 0.1²).
    """
    past = np.asarray(throughput[-WINDOW_WEEKS:], np.float32)
    likelihood = 0.5 ** (np.arange(len(past))[::-1] / HALF_LIFE_WEEKS)
    share = np.cumsum(likelihood / likelihood.sum())
    # Inverting the distribution on a fine grid once is much quicker than a search a draw.
    grid = past[np.minimum(np.searchsorted(share, (np.arange(2048) + 0.5) / 2048), len(past) - 1)]
    drawn = grid[rng.integers(0, len(grid), (trials, weeks), dtype=np.int16)]
    level = np.cumsum(rng.standard_normal((trials, weeks), np.float32) * np.float32(walk_spread), axis=1)
    level += rng.standard_normal((trials, 1), np.float32) * np.float32(level_spread)
    return drawn * np.exp(level)


def forecast_teams(
    backlog: problem.Problem,
    sequence: np.ndarray,
    throughput: Mapping[int, Sequence[float]],
    *,
    rng: np.random.Generator,
    growth: float = 0.0,
    horizon: int = HORIZON_WEEKS,
    trials: int = 2_000,
) -> TeamsForecast | Mapping[int, NotEnoughHistory]:
    """Simulate several teams that work through one order, each its own items, none before what it needs.

    sequence: (n,); an item above what it needs waits for it. throughput: by team number, as for `forecast`, in the unit
    of backlog.sizes (all 1 to count items). growth: by which sizes grow on average.
    Returns by team what is lacking if one has not enough history.
    """
    names = sorted(set(backlog.teams.tolist()))
    lacking = {team: missing for team in names if (missing := _lacking(throughput.get(team, ())))}
    if lacking:
        return lacking
    capacity = {}
    for team in names:
        totals = np.cumsum(draw_weeks(throughput[team], horizon, rng=rng, trials=trials), axis=1)
        capacity[team] = np.ascontiguousarray(np.c_[np.zeros(trials, np.float32), totals].T)
    before = backlog.before
    finish = np.empty((backlog.count, trials), np.float32)
    used = {team: np.zeros(trials, np.float32) for team in names}
    week = {team: np.zeros(trials, np.int64) for team in names}
    for item in problem.as_it_comes(backlog, sequence).tolist():
        team = int(backlog.teams[item])
        if before[item]:
            ready = finish[before[item]].max(axis=0)
            used[team] = np.maximum(used[team], _capacity_at(capacity[team], ready))
        work = np.float32(backlog.sizes[item])
        used[team] = used[team] + (work * _growth_factors(growth, trials, rng) if growth else work)
        finish[item] = _week_of(capacity[team], used[team], week[team])
    ranks = {percent: int(np.ceil(percent / 100 * trials - 1e-9)) - 1 for percent in PERCENTS}
    finish.partition(list(ranks.values()), axis=1)
    return TeamsForecast({percent: finish[:, rank].copy() for percent, rank in ranks.items()})


def walk(
    backlog: problem.Problem,
    sequence: Sequence[int],
    curves: Mapping[int, Sequence[float]],
    *,
    finished: Mapping[int, int] | None = None,
) -> np.ndarray:
    """Go through an order and read each item's week off its team's curve; none before what it needs.

    curves: by team, items finished by the end of each week; without a curve its items have no week. finished: by team,
    items done since the curves were made. Returns (n,) weeks from 1, infinite past the curve's end.
    This is the arithmetic that a browser repeats while an item is dragged: tests/planning/forecast_vectors.json.
    """
    finished = finished or {}
    before = backlog.before
    weeks = np.zeros(backlog.count)
    for team, items in problem.by_team(backlog, np.asarray(sequence, np.int64)).items():
        counts = np.arange(1, len(items) + 1) + finished.get(team, 0)
        weeks[items] = weeks_until(curves.get(team, ()), counts)
    for item in problem.as_it_comes(backlog, np.asarray(sequence, np.int64)).tolist():
        if before[item]:
            weeks[item] = max(weeks[item], weeks[before[item]].max())
    return weeks


def weeks_until(curve: np.ndarray, counts: Sequence[float]) -> np.ndarray:
    """Give the first week, from 1, in which a curve reaches each count; infinite if it never does."""
    reached = np.searchsorted(curve, counts) + 1.0
    return np.where(reached > len(curve), np.inf, reached)


def shown_chance(probability: float) -> Chance:
    """Round down to whole per cent; nothing reads higher than "> 95 %"."""
    percent = int(np.floor(probability * 100 + 1e-9))
    return Chance(min(percent, _HIGHEST_PERCENT), percent > _HIGHEST_PERCENT)


def _lacking(throughput):
    past = np.asarray(throughput, float)
    if (past < 0).any():
        raise ValueError("no week finishes less than nothing")
    is_idle = not past.any()
    return NotEnoughHistory(len(past), is_idle) if len(past) < LEAST_WEEKS or is_idle else None


def _rank_from_below(percent, trials):
    # At least percent of the trials reach this total: the rank from the top, counted from the bottom.
    return trials - int(np.ceil(percent / 100 * trials - 1e-9))


def _growth_factors(growth, shape, rng):
    log_factor = np.log1p(growth) - _GROWTH_SPREAD**2 / 2 + _GROWTH_SPREAD * rng.standard_normal(shape, np.float32)
    return np.exp(log_factor, dtype=np.float32)


def _capacity_at(capacity, time):
    """Read off each trial's capacity, (weeks + 1, trials), how much is used up by a time in weeks: (trials,)."""
    last = len(capacity) - 1
    within = np.minimum(time, last)
    week = np.minimum(within.astype(np.int64), last - 1)
    trial = np.arange(capacity.shape[1])
    start = capacity[week, trial]
    amount = start + (within - week) * (capacity[week + 1, trial] - start)
    return np.where(time > last, np.float32(np.inf), amount)


def _week_of(capacity, used, week):
    """Find when so much is used up, in weeks: (trials,). week: where the last search of the team ended; moves on."""
    last = len(capacity) - 1
    trial = np.arange(capacity.shape[1])
    behind = np.flatnonzero((week < last) & (capacity[np.minimum(week + 1, last), trial] < used))
    while len(behind):
        week[behind] += 1
        behind = behind[week[behind] < last]
        behind = behind[capacity[week[behind] + 1, behind] < used[behind]]
    start = capacity[week, trial]
    end = capacity[np.minimum(week + 1, last), trial]
    share = np.divide(used - start, end - start, out=np.ones_like(used), where=end > start)
    return np.where(week < last, week + np.clip(share, 0, 1), np.float32(np.inf)).astype(np.float32)
