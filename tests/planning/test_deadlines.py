"""Orders with due dates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import deadlines, problem, sidney
from tests.planning import backlogs


def gaps(seeds, count):
    for seed in seeds:
        backlog = backlogs.with_due_dates(backlogs.made_up(count, 1, seed), seed)
        order = deadlines.order(backlog)
        least = backlogs.least_cost(backlog)
        assert order.lower_bound <= least * (1 + 1e-9)
        yield order.cost / least - 1


def test_orders_with_due_dates_are_close_to_the_best():
    found = list(gaps(range(60), 11))

    assert np.mean(found) <= 0.002
    assert max(found) <= 0.03


@pytest.mark.long
def test_a_thousand_orders_with_due_dates_are_close_to_the_best():
    found = list(gaps(range(100, 1_100), 12))

    assert np.mean(found) <= 0.001


@settings(max_examples=40)
@given(backlogs.small(most=7), st.data())
def test_the_bound_holds_and_dependencies_are_kept(backlog, data):
    numbers = st.lists(st.integers(0, 12), min_size=backlog.count, max_size=backlog.count)
    dated = problem.build(
        backlog.sizes,
        backlog.weights,
        np.c_[backlog.enablers, backlog.enabled],
        due=data.draw(numbers),
        penalties=data.draw(numbers),
    )

    order = deadlines.order(dated)

    assert problem.is_feasible(dated, order.sequence)
    assert order.cost == pytest.approx(problem.cost(dated, order.sequence))
    assert order.lower_bound <= backlogs.least_cost(dated) + 1e-9


def test_an_item_with_a_date_comes_in_time():
    sizes, weights = [5, 5, 5], [9, 8, 1]

    without = deadlines.order(problem.build(sizes, weights))
    with_date = deadlines.order(problem.build(sizes, weights, due=[np.inf, np.inf, 10], penalties=[0, 0, 50]))

    assert without.sequence.tolist() == [0, 1, 2]
    assert with_date.sequence.tolist() == [0, 2, 1]


def test_without_dates_nothing_changes():
    backlog = backlogs.made_up(100, 1, 0)

    assert (deadlines.order(backlog).sequence == sidney.order(backlog).sequence).all()


def test_a_penalty_without_a_date_counts_for_nothing():
    backlog = problem.build([1, 1], [2, 1], due=[np.inf, 0.0], penalties=[7, 5])

    assert deadlines.order(backlog).sequence.tolist() == [1, 0]
