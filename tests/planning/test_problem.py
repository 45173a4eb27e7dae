"""The description of a backlog that the decision core works on."""

import numpy as np
import pytest
from hypothesis import given

from planning import graph, problem
from tests.planning import backlogs


def test_a_backlog_is_completed():
    backlog = problem.build([1, 2], [3, 4], [(1, 0), (1, 0)])

    assert (backlog.enablers.tolist(), backlog.enabled.tolist()) == ([1], [0])
    assert backlog.teams.tolist() == [0, 0]
    assert not backlog.has_due_dates
    assert problem.build([], []).count == 0


def test_a_cycle_is_answered_as_a_value():
    cycle = problem.build([1, 1, 1, 1], [1, 1, 1, 1], [(0, 1), (1, 2), (2, 1), (2, 3)])

    assert cycle == graph.Cycle([1, 2, 1])
    assert problem.build([1], [1], [(0, 0)]) == graph.Cycle([0, 0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"sizes": [0, 1]},
        {"sizes": [np.nan, 1]},
        {"weights": [-1, 1]},
        {"weights": [1]},
        {"weights": [np.inf, 1]},
        {"dependencies": [(0, 2)]},
        {"dependencies": [(-1, 0)]},
        {"due": [np.nan, 1]},
        {"penalties": [-1, 0]},
        {"teams": [0]},
    ],
    ids=str,
)
def test_what_is_not_a_backlog_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        problem.build(**{"sizes": [1, 1], "weights": [1, 1], **wrong})


def test_the_cost_of_an_order_counts_value_and_lateness():
    backlog = problem.build([2, 3], [10, 1], due=[4, np.inf], penalties=[100, 0])

    assert problem.cost(backlog, np.array([0, 1])) == 10 * 2 + 1 * 5
    assert problem.cost(backlog, np.array([1, 0])) == 10 * 5 + 1 * 3 + 100 * 1
    assert problem.finish_points(backlog, np.array([1, 0])).tolist() == [5, 3]


def test_selected_items_keep_the_dependencies_among_them():
    backlog = problem.build([1, 2, 3], [4, 5, 6], [(0, 1), (1, 2)], teams=[7, 8, 9])

    part = problem.select(backlog, [2, 1])

    assert part.sizes.tolist() == [3, 2]
    assert part.teams.tolist() == [9, 8]
    assert (part.enablers.tolist(), part.enabled.tolist()) == ([1], [0])


def test_one_order_is_projected_on_the_teams():
    backlog = problem.build(np.ones(5), np.ones(5), teams=[2, 7, 2, 7, 2])

    projected = problem.by_team(backlog, np.array([4, 3, 0, 1, 2]))

    assert {team: items.tolist() for team, items in projected.items()} == {2: [4, 0, 2], 7: [3, 1]}


def test_a_list_comes_as_its_dependencies_let_it():
    backlog = problem.build(np.ones(4), np.ones(4), [(3, 2), (2, 0)])

    assert problem.as_it_comes(backlog, np.arange(4)).tolist() == [1, 3, 2, 0]
    assert problem.as_it_comes(backlog, np.array([3, 2, 1, 0])).tolist() == [3, 2, 1, 0]


def test_weights_add_value_risk_and_the_interest_of_debt():
    weights = problem.weights_from_fields([20, np.nan, 10], [np.nan, 2, 1], [0, 4, 0], [5, 5, np.nan])

    # 30 value points on 10 points of work: a point is worth 3.
    assert weights.tolist() == [20, 2 + 4 * 3, 11]
    assert problem.weights_from_fields([1], [0], [5], [np.nan]).tolist() == [1]


def test_items_without_points_get_the_median():
    assert problem.fill_sizes([1, None, 3, 8, 0]).tolist() == [1, 3, 3, 8, 3]
    assert problem.fill_sizes([None, None]).tolist() == [1, 1]


@given(backlogs.small())
def test_the_present_order_is_feasible_if_it_keeps_every_dependency(backlog):
    keeps = all(a < b for a, b in zip(backlog.enablers, backlog.enabled, strict=True))

    assert problem.is_feasible(backlog, np.arange(backlog.count)) == keeps
