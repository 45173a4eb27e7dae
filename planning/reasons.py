"""Why an item stands where it does in the best order, in numbers for a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from planning import problem, sidney


@dataclass(frozen=True)
class WhyHere:
    """What decides the place of an item.

    place: in the best order, from 0; the item's number is its present place. weight: its own, value points a week;
    date_weight: what its due date adds. size: points. received: by item that it enables, value points a week that come
    back from it. handed_on: by item that it needs, what goes on to that. ratio: (weight + date_weight + received -
    handed_on) / size, the same for its whole block. block: the items that belong together with it, in order.
    ratio_above, ratio_below: of the blocks before and after; None at the ends.
    """

    item: int
    place: int
    weight: float
    date_weight: float
    size: float
    received: Mapping[int, float]
    handed_on: Mapping[int, float]
    ratio: float
    block: tuple[int, ...]
    ratio_above: float | None
    ratio_below: float | None


def why_here(backlog: problem.Problem, order: sidney.Order, item: int) -> WhyHere:
    """Explain the place of one item.

    order: of this backlog, by `sidney.order` or `deadlines.order`. In a block value flows back along dependencies until
    every item has the block's ratio; of all such flows the one that moves least is given.
    Source: the multipliers of the dependencies, as in `cores.flow_bound`.
    """
    label = order.blocks[item]
    ratios = _ratios(backlog, order)
    in_order = order.sequence[order.blocks[order.sequence] == label]
    arcs, flows = _flows(backlog, order, in_order, ratios[label])
    enablers, enabled = backlog.enablers[arcs], backlog.enabled[arcs]
    return WhyHere(
        item=item,
        place=int(np.flatnonzero(order.sequence == item)[0]),
        weight=float(backlog.weights[item]),
        date_weight=float(order.weights[item] - backlog.weights[item]),
        size=float(backlog.sizes[item]),
        received=_shares(enabled[enablers == item], flows[enablers == item]),
        handed_on=_shares(enablers[enabled == item], flows[enabled == item]),
        ratio=float(ratios[label]),
        block=tuple(in_order.tolist()),
        ratio_above=float(ratios[label - 1]) if label > 0 else None,
        ratio_below=float(ratios[label + 1]) if label + 1 < len(ratios) else None,
    )


def _ratios(backlog, order):
    return np.bincount(order.blocks, order.weights) / np.bincount(order.blocks, backlog.sizes)


def _flows(backlog, order, members, ratio):
    """Find the least flows λ ≥ 0 with w_i + Σ_out λ - Σ_in λ = ratio p_i in a block."""
    number = np.full(backlog.count, -1, np.int64)
    number[members] = np.arange(len(members))
    arcs = np.flatnonzero((number[backlog.enablers] >= 0) & (number[backlog.enabled] >= 0))
    if not len(arcs):
        return arcs, np.zeros(0)
    ends = np.r_[number[backlog.enablers[arcs]], number[backlog.enabled[arcs]]]
    balance = csr_matrix(
        (np.repeat([1.0, -1.0], len(arcs)), (ends, np.tile(np.arange(len(arcs)), 2))), shape=(len(members), len(arcs))
    )
    lacking = ratio * backlog.sizes[members] - order.weights[members]
    solved = linprog(np.ones(len(arcs)), A_eq=balance, b_eq=lacking, bounds=(0, None), method="highs")
    return arcs, solved.x if solved.status == 0 else np.zeros(len(arcs))


def _shares(items, flows):
    return {int(item): float(flow) for item, flow in zip(items, flows, strict=True) if flow > 1e-9}
