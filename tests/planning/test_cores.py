"""Hard cores: exact where small, bounded where not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import cores, problem
from tests.planning import backlogs


def as_core(backlog):
    return cores.Core(backlog.sizes, backlog.weights, backlog.enablers, backlog.enabled)


def is_block(backlog):
    """No initial set has a higher ratio than the whole."""
    ratio = backlog.weights.sum() / backlog.sizes.sum()
    pairs = list(zip(backlog.enablers.tolist(), backlog.enabled.tolist(), strict=True))
    for chosen in range(1, 1 << backlog.count):
        if all(chosen >> a & 1 or not chosen >> b & 1 for a, b in pairs):
            inside = np.array([bool(chosen >> k & 1) for k in range(backlog.count)])
            if backlog.weights[inside].sum() > ratio * backlog.sizes[inside].sum() + 1e-9:
                return False
    return True


@given(backlogs.small(most=8))
def test_the_exact_order_costs_least(backlog):
    core = as_core(backlog)

    sequence = cores.exact_sequence(core, 10_000)

    assert problem.is_feasible(backlog, sequence)
    assert core.cost(sequence) == backlogs.least_cost(backlog)


def test_among_equals_the_exact_order_is_the_present_one():
    core = as_core(problem.build([1, 2, 3, 1], [2, 4, 6, 2], [(0, 2), (0, 3), (1, 3)]))

    assert cores.exact_sequence(core, 1_000).tolist() == [0, 1, 2, 3]


def test_too_many_initial_sets_are_not_tried():
    free = as_core(problem.build(np.ones(20), np.arange(20.0)))

    assert cores.exact_sequence(free, 1_000) is None
    with pytest.raises(ValueError, match="at most 60 items"):
        cores.exact_sequence(as_core(problem.build(np.ones(61), np.ones(61))), 1_000)


@given(backlogs.small(most=9))
def test_every_schedule_keeps_the_dependencies(backlog):
    core = as_core(backlog)
    value_first = cores.schedule_by_passed_value(core)
    forest, forest_bound = cores.schedule_by_forest(core, value_first)
    closures = cores.schedule_by_closures(core)

    for sequence in (value_first, forest, closures):
        assert sorted(sequence.tolist()) == list(range(backlog.count))
        assert problem.is_feasible(backlog, sequence)
    assert forest_bound <= backlogs.least_cost(backlog) + 1e-9


@given(backlogs.small(most=9))
def test_forests_are_ordered_exactly(backlog):
    first_need = np.unique(backlog.enabled, return_index=True)[1]
    pairs = np.c_[backlog.enablers[first_need], backlog.enabled[first_need]]
    forest = problem.build(backlog.sizes, backlog.weights, pairs)
    core = as_core(forest)

    sequence, bound = cores.schedule_by_forest(core, core.schedule(range(forest.count)))

    assert core.cost(sequence) == pytest.approx(backlogs.least_cost(forest))
    assert bound == pytest.approx(core.cost(sequence))


@given(backlogs.small(most=8).filter(lambda backlog: backlog.weights.any()).filter(is_block))
def test_the_bounds_of_a_block_hold(backlog):
    core = as_core(backlog)

    bounds = (*cores.block_bounds(core), cores.flow_bound(core))

    assert max(bounds) <= backlogs.least_cost(backlog) + 1e-6


@given(backlogs.small(most=9), st.integers(1, 9), st.integers(0, 100))
def test_insertion_never_makes_an_order_dearer(backlog, window, seed):
    core = as_core(backlog)
    start = core.schedule(np.random.default_rng(seed).random(backlog.count))

    better = cores.improve_by_insertion(
        start,
        core.sizes,
        core.enablers,
        core.enabled,
        lambda items, finish: core.weights[items] * finish,
        window=window,
        passes=3,
    )

    assert problem.is_feasible(backlog, better)
    assert core.cost(better) <= core.cost(start)


def test_insertion_finds_the_best_order_of_free_items():
    core = as_core(problem.build([3, 1, 2, 5], [1, 7, 2, 30]))

    better = cores.improve_by_insertion(
        np.arange(4),
        core.sizes,
        core.enablers,
        core.enabled,
        lambda items, finish: core.weights[items] * finish,
        window=4,
        passes=9,
    )

    assert better.tolist() == [1, 3, 2, 0]


def test_a_core_that_is_too_large_to_be_exact_is_bounded():
    backlog = backlogs.layered(90, 3, 3, 0)
    core = as_core(backlog)

    solution = cores.solve(core, cores.FULL)

    assert problem.is_feasible(backlog, solution.sequence)
    assert solution.cost == pytest.approx(core.cost(solution.sequence))
    assert solution.lower_bound <= solution.cost
