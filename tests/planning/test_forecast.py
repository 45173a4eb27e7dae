"""Forecasts: chances that mean what they say, and no number without history."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import forecast, problem, sidney
from planning.forecast import Chance, NotEnoughHistory
from tests.planning import backlogs

STEADY = [5] * 12


def seeded():
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("throughput", "expected"),
    [
        ([], NotEnoughHistory(0, True)),
        ([3, 4, 5], NotEnoughHistory(3, False)),
        ([0] * 10, NotEnoughHistory(10, True)),
    ],
)
def test_without_enough_history_there_is_no_number(throughput, expected):
    backlog = problem.build([1], [1])

    assert forecast.forecast(throughput, rng=seeded()) == expected
    assert forecast.forecast_teams(backlog, np.arange(1), {0: throughput}, rng=seeded()) == {0: expected}


def test_a_team_that_is_not_named_has_no_history():
    backlog = problem.build([1, 1], [1, 1], teams=[0, 1])

    lacking = forecast.forecast_teams(backlog, np.arange(2), {0: STEADY}, rng=seeded())

    assert lacking == {1: NotEnoughHistory(0, True)}


def test_a_week_below_zero_is_refused():
    with pytest.raises(ValueError, match="less than nothing"):
        forecast.forecast([1, 2, -1, 3], rng=seeded())


def test_a_steady_team_is_forecast_at_its_pace_with_room_for_change():
    found = forecast.forecast(STEADY, rng=seeded())

    (middle,), (likely,), (nearly_sure,) = (found.weeks(percent, [50]) for percent in forecast.PERCENTS)

    assert 9 <= middle <= 11
    assert middle < likely < nearly_sure < 30


def test_newer_weeks_count_more():
    slowing = forecast.forecast([20] * 26 + [4] * 26, rng=seeded())
    speeding = forecast.forecast([4] * 26 + [20] * 26, rng=seeded())

    assert speeding.weeks(50, [100])[0] * 2 < slowing.weeks(50, [100])[0]


def test_beyond_the_horizon_there_is_no_date():
    found = forecast.forecast([1, 0, 0, 0], rng=seeded(), horizon=10)

    assert found.weeks(95, [1_000]).tolist() == [np.inf]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 30), min_size=4, max_size=60).filter(any), st.integers(0, 2**32))
def test_dates_come_in_order(throughput, seed):
    found = forecast.forecast(throughput, rng=np.random.default_rng(seed), trials=200, horizon=30)

    weeks = np.array([found.weeks(percent, range(1, 60)) for percent in forecast.PERCENTS])

    assert (weeks >= 1).all()
    assert (weeks[:, 1:] >= weeks[:, :-1]).all()
    assert (weeks[1:] >= weeks[:-1]).all()


@settings(max_examples=30)
@given(st.lists(st.integers(0, 30), min_size=4, max_size=60).filter(any), st.integers(1, 40))
def test_a_week_at_85_per_cent_has_that_chance_and_the_one_before_has_not(throughput, count):
    found = forecast.forecast(throughput, rng=seeded(), trials=400, horizon=60)
    (week,) = found.weeks(85, [count])

    if np.isfinite(week):
        assert found.chance(count, int(week)).percent >= 85
        assert found.chance(count, int(week) - 1).percent < 85


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (1.0, Chance(95, True)),
        (0.96, Chance(95, True)),
        (0.959, Chance(95, False)),
        (0.95, Chance(95, False)),
        (0.849, Chance(84, False)),
        (0.0, Chance(0, False)),
    ],
)
def test_nothing_reads_higher_than_above_95(probability, expected):
    assert forecast.shown_chance(probability) == expected


def test_equal_rng_gives_an_equal_forecast():
    first, second = (forecast.forecast(STEADY, rng=seeded(), trials=500) for _ in range(2))

    assert (first.totals == second.totals).all()


def test_growth_makes_it_later():
    plain = forecast.forecast(STEADY, rng=seeded())
    growing = forecast.forecast(STEADY, rng=seeded(), growth=0.3)

    assert growing.weeks(50, [50])[0] > plain.weeks(50, [50])[0]


def test_own_forecasts_correct_the_dates_once_ten_have_resolved():
    counts = [20, 40, 60]

    def weeks(resolved):
        return forecast.forecast(STEADY, rng=seeded(), resolved=resolved).weeks(85, counts)

    plain = weeks(())
    assert (weeks([3.0] * 9) == plain).all()
    assert (weeks([3.0] * 10) > plain).all()
    assert (weeks([1.0] * 26) <= plain).all()


def test_one_team_of_several_is_as_fast_as_alone():
    backlog = problem.build(np.ones(40), np.ones(40))
    alone = forecast.forecast(STEADY, rng=seeded())

    teams = forecast.forecast_teams(backlog, np.arange(40), {0: STEADY}, rng=seeded(), trials=10_000)

    for percent in forecast.PERCENTS:
        assert np.abs(np.ceil(teams.weeks[percent]) - alone.weeks(percent, range(1, 41))).max() <= 1


def test_no_item_is_done_before_what_it_needs():
    backlog = backlogs.made_up(60, 1, 3, teams=np.arange(60) % 3)
    sequence = sidney.order(backlog).sequence
    throughput = {0: [30] * 8, 1: [4] * 8, 2: [10, 20, 0, 30]}

    found = forecast.forecast_teams(backlog, sequence, throughput, rng=seeded(), growth=0.1)

    for weeks in found.weeks.values():
        assert (weeks[backlog.enablers] <= weeks[backlog.enabled]).all()
    assert (found.weeks[50] <= found.weeks[85]).all()
    assert (found.weeks[85] <= found.weeks[95]).all()


def test_a_team_waits_for_another():
    backlog = problem.build([10, 1], [1, 1], [(0, 1)], teams=[0, 1])
    slow, quick = [1, 1, 1, 1], [100, 100, 100, 100]

    found = forecast.forecast_teams(backlog, np.arange(2), {0: slow, 1: quick}, rng=seeded())

    assert found.weeks[50][1] > found.weeks[50][0] > 7


def test_several_teams_past_the_horizon_have_no_date():
    backlog = problem.build([500, 1], [1, 1], [(0, 1)], teams=[0, 1])

    found = forecast.forecast_teams(backlog, np.arange(2), {0: [1] * 4, 1: [9] * 4}, rng=seeded(), horizon=20)

    assert found.weeks[95].tolist() == [np.inf, np.inf]


def test_an_order_is_walked_along_the_curves():
    backlog = problem.build(np.ones(5), np.ones(5), [(3, 1)], teams=[0, 0, 0, 1, 1])
    curves = {0: np.array([1, 3, 3]), 1: np.array([0, 0, 1])}

    weeks = forecast.walk(backlog, [0, 3, 1, 2, 4], curves)

    assert weeks.tolist() == [1, 3, 2, 3, np.inf]


def test_an_item_above_what_it_needs_is_walked_after_it():
    backlog = problem.build(np.ones(4), np.ones(4), [(3, 2), (2, 0)])

    weeks = forecast.walk(backlog, range(4), {0: np.array([1, 2, 3, 4])})
    simulated = forecast.forecast_teams(backlog, np.arange(4), {0: [1] * 4}, rng=seeded())

    assert weeks.tolist() == [4, 2, 4, 4]
    assert np.argsort(simulated.weeks[50]).tolist() == [1, 3, 2, 0]


@given(st.lists(st.floats(0.3, 4), min_size=10, max_size=30), st.integers(0, 100))
def test_a_corrected_curve_says_what_the_weeks_say(resolved, seed):
    throughput = np.random.default_rng(seed).integers(0, 9, 20)
    found = forecast.forecast([*throughput, 1], rng=seeded(), resolved=resolved, trials=200, horizon=30)

    for percent in forecast.PERCENTS:
        counts = np.arange(1, 120)
        assert (forecast.weeks_until(found.curve(percent), counts) == found.weeks(percent, counts)).all()


def test_walking_along_one_curve_is_the_forecast_of_each_item():
    backlog = problem.build(np.ones(30), np.ones(30))
    found = forecast.forecast(STEADY, rng=seeded())

    assert (forecast.walk(backlog, range(30), {0: found.curve(85)}) == found.weeks(85, range(1, 31))).all()


VECTORS = json.loads((Path(__file__).parent / "forecast_vectors.json").read_text())


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_the_walk_says_what_the_browser_says(case):
    """The same file is read in tests/browser/test_forecast_lines.py."""
    backlog = problem.build(
        np.ones(len(case["teams"])), np.zeros(len(case["teams"])), case["needs"], teams=case["teams"]
    )
    curves = {int(team): curve for team, curve in case["curves"].items()}
    finished = {int(team): count for team, count in case["finished"].items()}

    weeks = forecast.walk(backlog, case["sequence"], curves, finished=finished)

    assert weeks.tolist() == [np.inf if week is None else week for week in case["weeks"]]
