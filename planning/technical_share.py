"""The technical share of the work ahead, and what it costs to bring it into an agreed range."""

from dataclasses import dataclass, replace

import numpy as np

from planning import cores, problem, sidney

# The factor on technical value is looked for between 1/400 and 400.
_LARGEST_LOG_FACTOR = 6.0
_STEPS = 14


@dataclass(frozen=True, eq=False)
class SharePrice:
    """What a share costs.

    natural_share, share: technical points among the points of the horizon, without and with the factor, 0 … 1.
    factor: on the value of technical items; 1 if the natural share will do. is_reached: false where no factor does it.
    cost, cost_share: added cost of delay, in the units of `problem.cost` and as a share. sequence: (n,) the order.
    """

    natural_share: float
    share: float
    factor: float
    is_reached: bool
    cost: float
    cost_share: float
    sequence: np.ndarray


def share_ahead(backlog: problem.Problem, sequence: np.ndarray, horizon: float) -> float:
    """Give the technical share, 0 … 1, of the first `horizon` points of an order; 0 if there are none.

    An item across the line counts with its part ahead of it.
    """
    sizes = backlog.sizes[sequence]
    ahead = np.clip(horizon - (np.cumsum(sizes) - sizes), 0, sizes)
    total = ahead.sum()
    return float(ahead[backlog.is_technical[sequence]].sum() / total) if total else 0.0


def price(backlog: problem.Problem, least: float, most: float, horizon: float) -> SharePrice:
    """Find the smallest change of technical value that brings the technical share into a range, and what it costs.

    least, most: the range, 0 … 1. horizon: points of work ahead, such as three sprints' worth. One factor on the value
    of all technical items is found by bisection; due dates do not enter the order, but its cost.
    Raises ValueError unless 0 ≤ least ≤ most ≤ 1.
    """
    if not 0 <= least <= most <= 1:
        raise ValueError("a share lies between 0 and 1, the least not above the most")
    natural = _ordered(backlog, 0.0)
    natural_share = share_ahead(backlog, natural, horizon)
    if least <= natural_share <= most:
        return SharePrice(natural_share, natural_share, 1.0, True, 0.0, 0.0, natural)

    direction = 1 if natural_share < least else -1
    too_little, enough = 0.0, direction * _LARGEST_LOG_FACTOR
    for _ in range(_STEPS):
        middle = (too_little + enough) / 2
        share = share_ahead(backlog, _ordered(backlog, middle), horizon)
        is_enough = share >= least if direction > 0 else share <= most
        too_little, enough = (too_little, middle) if is_enough else (middle, enough)

    sequence = _ordered(backlog, enough)
    share = share_ahead(backlog, sequence, horizon)
    is_reached = share >= least if direction > 0 else share <= most
    before = problem.cost(backlog, natural)
    added = max(problem.cost(backlog, sequence) - before, 0.0)
    cost_share = added / before if before else 0.0
    return SharePrice(natural_share, share, float(np.exp(enough)), is_reached, added, cost_share, sequence)


def _ordered(backlog, log_factor):
    factor = np.where(backlog.is_technical, np.exp(log_factor), 1.0)
    effort = cores.QUICK if backlog.count <= sidney.FULL_ITEM_LIMIT else cores.LIGHT
    return sidney.order(replace(backlog, weights=backlog.weights * factor), effort).sequence
