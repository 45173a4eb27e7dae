"""Why an item stands where it does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import deadlines, problem, reasons, sidney
from planning.reasons import WhyHere
from tests.planning import backlogs


def test_an_enabler_stands_where_the_value_that_flows_back_puts_it():
    # 1 is worth nothing by itself, but 2 needs it.
    backlog = problem.build([5, 2, 2, 4], [20, 0, 40, 4], [(1, 2)])
    order = sidney.order(backlog)

    assert order.sequence.tolist() == [1, 2, 0, 3]
    assert reasons.why_here(backlog, order, 1) == WhyHere(
        item=1,
        place=0,
        weight=0,
        date_weight=0,
        size=2,
        received={2: pytest.approx(20)},
        handed_on={},
        ratio=10,
        block=(1, 2),
        ratio_above=None,
        ratio_below=4,
    )
    assert reasons.why_here(backlog, order, 2).handed_on == {1: pytest.approx(20)}
    last = reasons.why_here(backlog, order, 3)
    assert (last.block, last.ratio, last.ratio_above, last.ratio_below) == ((3,), 1, 4, None)


def test_what_a_due_date_adds_is_told_apart():
    backlog = problem.build([5, 5], [9, 8], due=[float("inf"), 4], penalties=[0, 50])

    why = reasons.why_here(backlog, deadlines.order(backlog), 1)

    assert (why.place, why.weight) == (0, 8)
    assert 0 < why.date_weight <= 50


@settings(max_examples=60)
@given(backlogs.small(most=9), st.data())
def test_the_numbers_add_up_to_the_ratio_of_the_block(backlog, data):
    order = sidney.order(backlog)
    item = data.draw(st.integers(0, backlog.count - 1))

    why = reasons.why_here(backlog, order, item)

    value = why.weight + sum(why.received.values()) - sum(why.handed_on.values())
    assert value / why.size == pytest.approx(why.ratio, abs=1e-6)
    assert item in why.block
    assert order.sequence[why.place] == item
    assert why.ratio_above is None or why.ratio_above >= why.ratio - 1e-9
    assert why.ratio_below is None or why.ratio_below <= why.ratio + 1e-9
