"""Pins and their price."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import deadlines, graph, pins, problem
from planning.pins import After, Slot, Top
from tests.planning import backlogs

CHAIN = problem.build([1, 1, 1, 1], [8, 4, 2, 1], [(2, 3)])


@pytest.mark.parametrize(
    ("pinned", "expected"),
    [
        ([], [0, 1, 2, 3]),
        ([Top((3,))], [2, 3, 0, 1]),
        ([Top((1, 3))], [1, 2, 3, 0]),
        ([After(1, 0)], [1, 0, 2, 3]),
        ([Slot(0, 3)], [1, 2, 3, 0]),
        ([Slot(3, 1)], [2, 3, 0, 1]),
        ([Slot(2, 3)], [0, 1, 2, 3]),
        ([Slot(3, 0)], [2, 3, 0, 1]),
        ([Top((3,)), Slot(0, 3)], [2, 3, 1, 0]),
    ],
    ids=str,
)
def test_pins_are_kept_as_far_as_dependencies_allow(pinned, expected):
    assert pins.order(CHAIN, pinned).sequence.tolist() == expected


def test_slots_that_cannot_be_kept_are_named():
    assert pins.order(CHAIN, [Slot(3, 0), Slot(0, 3)]).displaced == (Slot(3, 0),)


def test_a_sequence_that_closes_a_cycle_is_answered_with_it():
    assert pins.order(CHAIN, [After(3, 0), After(0, 2)]) == graph.Cycle([0, 2, 3, 0])
    assert pins.price(CHAIN, [], After(3, 2)) == graph.Cycle([2, 3, 2])


@pytest.mark.parametrize(
    "wrong", [[Top((4,))], [After(0, -1)], [Slot(0, 4)], [Slot(0, 1), Slot(0, 2)], [Slot(0, 1), Slot(2, 1)]], ids=str
)
def test_pins_that_name_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=r"pin|slots"):
        pins.order(CHAIN, wrong)


def test_the_price_of_a_pin_is_what_it_adds():
    # Last instead of first: the cost grows from 8+8+6+4 to 4+4+3+32.
    assert pins.price(CHAIN, [], Slot(0, 3)) == pins.Price(17, 17 / 26)
    assert pins.price(CHAIN, [], Slot(0, 0)) == pins.Price(0, 0)
    assert pins.price(CHAIN, [Slot(0, 3)], Slot(0, 3)) == pins.Price(17, 17 / 26)


@given(backlogs.small(most=8), st.data())
def test_a_slot_is_kept_wherever_the_dependencies_leave_room(backlog, data):
    item = data.draw(st.integers(0, backlog.count - 1))
    place = data.draw(st.integers(0, backlog.count - 1))
    before = graph.neighbours(backlog.count, backlog.enabled.tolist(), backlog.enablers.tolist())
    after = graph.neighbours(backlog.count, backlog.enablers.tolist(), backlog.enabled.tolist())
    has_room = len(graph.closure(before, [item])) - 1 <= place <= backlog.count - len(graph.closure(after, [item]))

    order = pins.order(backlog, [Slot(item, place)])

    assert problem.is_feasible(backlog, order.sequence)
    assert sorted(order.sequence.tolist()) == list(range(backlog.count))
    assert (order.sequence[place] == item) == has_room
    assert order.cost >= deadlines.order(backlog).cost - 1e-9


@given(backlogs.small(most=8), st.data())
def test_locked_items_stay_in_a_feasible_present_order(backlog, data):
    present = graph.topological_order(backlog.count, backlog.enablers.tolist(), backlog.enabled.tolist())
    flags = data.draw(st.lists(st.booleans(), min_size=backlog.count, max_size=backlog.count))
    pairs = np.c_[backlog.enablers, backlog.enabled]
    listed = backlogs.in_order(problem.build(backlog.sizes, backlog.weights, pairs, is_locked=flags), present)

    order = pins.order(listed, pins.from_locked(listed))

    assert order.displaced == ()
    assert problem.is_feasible(listed, order.sequence)
