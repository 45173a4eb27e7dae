"""The technical share of the order ahead and its price."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import problem, technical_share
from tests.planning import backlogs


def test_an_item_across_the_line_counts_in_part():
    backlog = problem.build([4, 4, 4], [3, 2, 1], is_technical=[False, True, False])

    assert technical_share.share_ahead(backlog, np.arange(3), 6) == pytest.approx(2 / 6)
    assert technical_share.share_ahead(backlog, np.arange(3), 100) == pytest.approx(4 / 12)
    assert technical_share.share_ahead(backlog, np.arange(3), 0) == 0


def test_a_share_that_holds_by_itself_costs_nothing():
    backlog = backlogs.made_up(200, 1, 2)

    found = technical_share.price(backlog, 0, 1, 100)

    assert (found.factor, found.cost, found.is_reached) == (1, 0, True)
    assert found.share == found.natural_share


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_more_technical_work_costs_more(seed):
    backlog = backlogs.made_up(200, 1, seed)
    horizon = 0.3 * backlog.sizes.sum()
    natural = technical_share.price(backlog, 0, 1, horizon).natural_share

    prices = [technical_share.price(backlog, natural + more, 1, horizon) for more in (0.02, 0.1, 0.2)]

    assert all(found.is_reached and found.factor > 1 for found in prices)
    assert [found.cost for found in prices] == sorted(found.cost for found in prices)
    assert all(problem.is_feasible(backlog, found.sequence) for found in prices)


def test_too_much_technical_work_is_brought_down():
    backlog = problem.build([1, 1, 1, 1], [9, 8, 2, 1], is_technical=[True, True, False, False])

    found = technical_share.price(backlog, 0, 0.5, 2)

    assert (found.natural_share, found.share, found.is_reached) == (1, 0.5, True)
    assert found.factor < 1
    assert found.cost == pytest.approx(6)


def test_a_share_beyond_reach_is_said_to_be():
    backlog = problem.build([1, 1], [2, 1], is_technical=[False, False])

    found = technical_share.price(backlog, 0.5, 1, 1)

    assert (found.is_reached, found.share) == (False, 0)


@pytest.mark.parametrize("wrong", [(-0.1, 1), (0.5, 0.4), (0, 1.1)])
def test_what_is_no_range_is_refused(wrong):
    with pytest.raises(ValueError, match="share"):
        technical_share.price(backlogs.made_up(5, 0, 0), *wrong, 10)


@given(backlogs.small(most=9), st.floats(0.5, 60))
def test_a_share_is_a_share(backlog, horizon):
    assert technical_share.share_ahead(backlog, np.arange(backlog.count), horizon) == 0
    technical = problem.build(backlog.sizes, backlog.weights, is_technical=np.ones(backlog.count))
    assert technical_share.share_ahead(technical, np.arange(backlog.count), horizon) == pytest.approx(1)
