"""When each item of one order will be done, by the teams that work through it, and whether such dates held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planning import forecast, problem

# Beyond these an order changes before its date comes: later items are read off the curves.
SIMULATED = 2_000
SINGLE_TRIALS = 10_000
TEAMS_TRIALS = 2_000
# Weeks ahead at which a past forecast is judged; those of the backtest (docs/planning.md).
HORIZONS = (4, 8, 13)
_MIDDLE = 85
_ABOUT_WEEKS = 0.5


@dataclass(frozen=True, eq=False)
class Dates:
    """weeks: for 50, 85 and 95 per cent (n,) whole weeks from now, infinite where there is no date.

    is_about: (n,) whether `forecast.walk` through the order differs by more than half a week at 85 %. teams: by number,
    the team's own forecast, or what it lacks.
    """

    weeks: Mapping[int, np.ndarray]
    is_about: np.ndarray
    teams: Mapping[int, forecast.Forecast | forecast.NotEnoughHistory]


@dataclass(frozen=True)
class Promise:
    """A past forecast of a team, once it can be judged.

    kept: by per cent, whether as many items were finished in that time as it said. ratio: weeks that the 50 % number
    took, over the weeks it said; at most 2. None until that many weeks have gone by.
    """

    horizon: int
    kept: Mapping[int, bool]
    ratio: float | None


def of_order(
    backlog: problem.Problem,
    throughput: Mapping[int, Sequence[float]],
    *,
    rng: np.random.Generator,
    resolved: Mapping[int, Sequence[float]] | None = None,
    not_before: Mapping[int, np.ndarray] | None = None,
) -> Dates:
    """Date every item of a backlog in its present order.

    throughput: by team number, items finished in each past week, oldest first. resolved: by team, as for
    `forecast.forecast`. not_before: for 50, 85 and 95 per cent (n,) weeks that items wait for work elsewhere, 0 where
    they do not; their team does other items meanwhile.
    An item has no date if its team lacks history, or the team of something it needs.
    One team: exact, by its forecast. Several: the first 2,000 items by simulation, later ones by the teams' curves.
    """
    resolved = resolved or {}
    teams = {
        team: forecast.forecast(past, rng=rng, resolved=resolved.get(team, ()), trials=SINGLE_TRIALS)
        for team, past in sorted(throughput.items())
    }
    weeks = {percent: np.full(backlog.count, np.inf) for percent in forecast.PERCENTS}
    known = {team: own for team, own in teams.items() if isinstance(own, forecast.Forecast)}
    dated = _dated(backlog, known)
    if len(dated):
        part = problem.select(backlog, dated)
        part = replace(part, sizes=np.ones(part.count))
        for percent, found in _weeks(part, known, throughput, rng).items():
            weeks[percent][dated] = found
            if not_before:
                _hold_back(backlog, dated, weeks[percent], not_before[percent])
    return Dates(weeks, _is_about(backlog, weeks[_MIDDLE], known), teams)


def whole_curve(own: forecast.Forecast, percent: int) -> list[int]:
    """Give the whole items finished by the end of each week with that chance, as a walk needs them: (weeks,)."""
    return np.floor(own.curve(percent) + 1e-6).astype(int).tolist()


def judged(curves: Mapping[int, Sequence[float]], finished: Sequence[int]) -> list[Promise]:
    """Compare a past forecast with what happened.

    curves: by per cent, items by the end of each week as forecast. finished: items in each whole week since, the first
    first. Returns one entry for each of the horizons that have gone by.
    """
    done = np.cumsum(finished)
    promises = []
    for horizon in HORIZONS:
        if len(done) < horizon or len(curves[50]) < horizon:
            break
        kept = {percent: bool(done[horizon - 1] >= curve[horizon - 1]) for percent, curve in curves.items()}
        promises.append(Promise(horizon, kept, _ratio(curves[50][horizon - 1], done, horizon)))
    return promises


def _ratio(said, done, horizon):
    if said < 1 or len(done) < 2 * horizon:
        return None
    took = float(forecast.weeks_until(done, [said])[0])
    return min(took, 2 * horizon) / horizon


def _dated(backlog, known):
    """Find the items that have a date, in an order that keeps dependencies."""
    before = backlog.before
    has_date = np.isin(backlog.teams, list(known))
    ordered = problem.as_it_comes(backlog, np.arange(backlog.count))
    for item in ordered.tolist():
        if before[item] and has_date[item]:
            has_date[item] = has_date[before[item]].all()
    return ordered[has_date[ordered]]


def _hold_back(backlog, dated, weeks, not_before):
    """Let items, and what needs them, wait for work elsewhere. dated: in an order that keeps dependencies."""
    weeks[dated] = np.maximum(weeks[dated], not_before[dated])
    for item in dated.tolist():
        if needs := backlog.before[item]:
            weeks[item] = max(weeks[item], weeks[needs].max())


def _weeks(part, known, throughput, rng):
    counts = _counts(part)
    if len(np.unique(part.teams)) == 1:
        own = known[int(part.teams[0])]
        return {percent: own.weeks(percent, counts) for percent in forecast.PERCENTS}
    sequence = np.arange(part.count)
    first = problem.select(part, sequence[:SIMULATED])
    simulated = forecast.forecast_teams(first, sequence[: first.count], throughput, rng=rng, trials=TEAMS_TRIALS)
    weeks = {}
    for percent in forecast.PERCENTS:
        found = forecast.walk(part, sequence, {team: own.curve(percent) for team, own in known.items()})
        found[: first.count] = np.ceil(simulated.weeks[percent]) + _corrections(first, known, percent, counts)
        weeks[percent] = _not_before(part, found, first.count)
    return weeks


def _is_about(backlog, weeks, known):
    walked = forecast.walk(backlog, np.arange(backlog.count), {team: own.curve(_MIDDLE) for team, own in known.items()})
    is_far = np.isfinite(walked) & np.isfinite(weeks)
    is_far[is_far] = np.abs(walked[is_far] - weeks[is_far]) > _ABOUT_WEEKS
    return is_far


def _counts(part):
    counts = np.empty(part.count)
    for items in problem.by_team(part, np.arange(part.count)).values():
        counts[items] = np.arange(1, len(items) + 1)
    return counts


def _corrections(first, known, percent, counts):
    """Weeks by which each team's own resolved forecasts shift what the simulation says."""
    shift = np.zeros(first.count)
    for team, own in known.items():
        items = np.flatnonzero(first.teams == team)
        if not own.is_corrected or not len(items):
            continue
        plain = replace(own, resolved=()).weeks(percent, counts[items])
        corrected = own.weeks(percent, counts[items])
        shift[items] = np.where(np.isfinite(plain), corrected - np.where(np.isfinite(plain), plain, 0), 0)
    return shift


def _not_before(part, weeks, start):
    """Let no item from a place on come before what it needs."""
    before = part.before
    for item in range(part.count):
        if before[item] and (item >= start or np.isfinite(weeks[item])):
            weeks[item] = max(weeks[item], weeks[before[item]].max())
    return weeks
