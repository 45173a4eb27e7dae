"""The order of least cost of delay and its certificate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import cores, problem, sidney
from tests.planning import backlogs

DENSITIES = (0.3, 0.7, 1.0, 1.5, 2.0)


def check_exact(seeds):
    for seed in seeds:
        family = ("real", "uniform")[seed % 2]
        backlog = backlogs.made_up(6 + seed % 9, DENSITIES[seed % 5], seed, family)

        order = sidney.order(backlog)

        least = backlogs.least_cost(backlog)
        assert problem.is_feasible(backlog, order.sequence)
        assert order.cost == pytest.approx(least, rel=1e-12)
        assert order.lower_bound == pytest.approx(least, rel=1e-12)


def test_small_backlogs_are_ordered_exactly():
    check_exact(range(150))


@pytest.mark.long
def test_a_thousand_small_backlogs_are_ordered_exactly():
    check_exact(range(150, 1_350))


@given(backlogs.small(most=8))
def test_exact_with_ties_and_zeros(backlog):
    order = sidney.order(backlog)

    assert order.cost == pytest.approx(backlogs.least_cost(backlog), abs=1e-9)


@given(backlogs.small(most=8))
def test_the_light_path_never_claims_more_than_it_knows(backlog):
    no_exact_cores = cores.Effort(state_limit=1, greedy_limit=0, insertion_limit=0, has_flow_bound=True)

    order = sidney.order(backlog, no_exact_cores)

    least = backlogs.least_cost(backlog)
    assert order.lower_bound <= least * (1 + 1e-12)
    assert least <= order.cost * (1 + 1e-12)


@given(backlogs.small(most=12))
def test_an_order_is_a_permutation_that_keeps_every_dependency(backlog):
    order = sidney.order(backlog)

    assert sorted(order.sequence.tolist()) == list(range(backlog.count))
    assert problem.is_feasible(backlog, order.sequence)
    assert order.cost == pytest.approx(problem.cost(backlog, order.sequence))
    assert order.lower_bound <= order.cost


@given(st.integers(1, 12), st.integers(0, 5), st.data())
def test_equal_ratios_keep_the_present_order(count, ratio, data):
    sizes = data.draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    numbers = st.integers(0, count - 1)
    pairs = [(min(p), max(p)) for p in data.draw(st.lists(st.tuples(numbers, numbers))) if p[0] != p[1]]
    backlog = problem.build(sizes, [ratio * size for size in sizes], pairs)

    assert sidney.order(backlog).sequence.tolist() == list(range(count))


@given(backlogs.small(most=12))
def test_the_result_as_present_order_stays_as_it_is_in_cost(backlog):
    order = sidney.order(backlog)
    again = sidney.order(backlogs.in_order(backlog, order.sequence))

    assert again.cost == pytest.approx(order.cost)


@given(backlogs.small(most=10), st.sampled_from([2.0, 0.125, 1024.0]))
def test_scale_changes_nothing(backlog, scale):
    pairs = np.c_[backlog.enablers, backlog.enabled]
    dearer = problem.build(backlog.sizes, backlog.weights * scale, pairs)
    larger = problem.build(backlog.sizes * scale, backlog.weights, pairs)

    sequence = sidney.order(backlog).sequence.tolist()

    assert sidney.order(dearer).sequence.tolist() == sequence
    assert sidney.order(larger).sequence.tolist() == sequence


@given(backlogs.small(most=12))
def test_blocks_come_by_falling_ratio(backlog):
    order = sidney.order(backlog)

    label = order.blocks[order.sequence]
    sizes, weights = (np.bincount(order.blocks, array) for array in (backlog.sizes, backlog.weights))
    # Items of equal ratio may be exchanged to keep the dependencies.
    ratio = (weights / sizes)[label]
    assert (np.diff(ratio) <= 1e-9).all()


def test_equal_input_gives_equal_output():
    backlog = backlogs.made_up(300, 2, 5)

    assert (sidney.order(backlog).sequence == sidney.order(backlog).sequence).all()


def test_without_items_there_is_an_empty_order():
    order = sidney.order(problem.build([], []))

    assert (order.sequence.tolist(), order.blocks.tolist(), order.cost, order.gap) == ([], [], 0, 0)


@pytest.mark.parametrize("turned", [False, True], ids=["worth it", "worthless"])
def test_a_chain_of_twenty_thousand(turned):
    count = 20_000
    weights = np.arange(count, dtype=float)[:: -1 if turned else 1]
    pairs = np.c_[np.arange(count - 1), np.arange(1, count)]

    order = sidney.order(problem.build(np.ones(count), weights, pairs))

    assert order.sequence.tolist() == list(range(count))
    assert order.gap == 0


def test_realistic_backlogs_are_certified_within_one_per_cent():
    gaps = [sidney.order(backlogs.made_up(200, density, seed)).gap for density in DENSITIES for seed in range(6)]

    assert max(gaps) <= 0.01
    assert np.quantile(gaps, 0.95) <= 0.005


@pytest.mark.parametrize("density", [0.3, 1.0, 2.0])
def test_large_backlogs_are_certified_within_a_thousandth(density):
    assert sidney.order(backlogs.made_up(2_000, density, 1)).gap <= 0.001


@pytest.mark.long
@pytest.mark.parametrize("density", [0.3, 1.0, 2.0])
def test_a_hundred_thousand_items_take_the_light_path(density):
    order = sidney.order(backlogs.made_up(100_000, density, 1))

    assert order.gap <= 0.001


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_adversarial_backlogs_come_with_a_true_bound(seed):
    for backlog in (backlogs.bipartite(12, 2, seed), backlogs.layered(12, 3, 2, seed)):
        order = sidney.order(backlog)

        assert order.cost == pytest.approx(backlogs.least_cost(backlog))
