"""Sidney decomposition: an order of least cost of delay under dependencies, with a proof of how good it is.

The items that come first are the initial set (with an item everything it needs) whose value over size is highest;
an optimum exists that keeps these blocks one after the other. Each block is found by minimum cuts, its forced first
and last items are taken off, its parts are decomposed again, and what no longer splits goes to `cores`.
Sources: Sidney, "Decomposition algorithms for single-machine sequencing with precedence relations" (1975);
Chekuri and Motwani, "Precedence constrained scheduling to minimize sum of weighted completion times" (1999);
Margot, Queyranne and Wang, "Decompositions, network flows, and a precedence constrained scheduling problem" (2003).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from planning import cores, graph, problem

# With more items than these the hard cores get less effort.
DEEP_ITEM_LIMIT = 1_000
FULL_ITEM_LIMIT = 20_000

# scipy's maximum flow counts in 32 bits.
_CAPACITY = 2e9
_UNBOUNDED = np.iinfo(np.int32).max
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Order:
    """An order of a backlog and its certificate.

    sequence: (n,) item numbers, first to last. blocks: (n,) the Sidney block of each item, numbered from the front.
    weights: (n,) value points a week that the blocks go by: with due dates, what a date adds is in them.
    cost, lower_bound: value points a week times points of work; no order costs less than the bound.
    """

    sequence: np.ndarray
    blocks: np.ndarray
    weights: np.ndarray
    cost: float
    lower_bound: float

    @property
    def gap(self) -> float:
        """The share by which the order may be above the best possible, at most: 0.003 for 0.3 %."""
        return self.cost / self.lower_bound - 1 if self.lower_bound > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Blocks:
    """label: (n,) the block of each item, 0 … b-1 in no order; ratios: (b,) weight over size of each block."""

    label: np.ndarray
    ratios: np.ndarray


def order(backlog: problem.Problem, effort: cores.Effort | None = None) -> Order:
    """Order a backlog by cost of delay so that every item comes after what it needs.

    Due dates are left to `deadlines`. Equal ratios keep the present order, as far as dependencies allow.
    effort: by default cores.DEEP up to 1,000 items, cores.FULL up to 20,000, cores.LIGHT above.
    """
    layout = _Layout(backlog, effort or _usual_effort(backlog.count))
    while len(layout.items):
        layout.split_into_blocks()
        is_whole = layout.strip_ends()
        layout.solve_cores(is_whole)
    sequence = np.argsort(layout.place, kind="stable")
    slack_free = _linear_cost(backlog, sequence) - layout.slack
    # Items of exactly one ratio may have come out against an arc between them; to exchange them costs nothing.
    sequence = problem.as_it_comes(backlog, sequence)
    cost = _linear_cost(backlog, sequence)
    return Order(sequence, layout.blocks, backlog.weights, cost, min(slack_free, cost))


def blocks(
    sizes: np.ndarray, weights: np.ndarray, enablers: np.ndarray, enabled: np.ndarray, sets: np.ndarray
) -> Blocks:
    """Split sets of items into their Sidney blocks; all open sets share one minimum cut.

    sizes, weights: (n,). enablers, enabled: (m,) arcs, none between two sets. sets: (n,) set numbers from 0.
    A set V of ratio λ = w(V)/p(V) is cut at the initial set S of largest Σ_S (w - λ p); if that is 0, V is a block,
    and if in addition every item has ratio λ, each is a block of its own.
    """
    label = sets.copy()
    count = int(label.max(initial=-1)) + 1
    is_open = _has_arc(label, enablers, count)
    joined = np.ones(len(enablers), bool)
    while is_open.any():
        early = _early_items(sizes, weights, label, is_open, enablers[joined], enabled[joined])
        split = np.unique(label[early])
        fresh = np.arange(count)
        fresh[split] = count + np.arange(len(split))
        label[early] = fresh[label[early]]
        count += len(split)
        # What did not split is a block.
        has_changed = np.zeros(count, bool)
        has_changed[split] = has_changed[count - len(split) :] = True
        joined = label[enablers] == label[enabled]
        is_open = has_changed & _has_arc(label, enablers[joined], count)
        joined &= is_open[label[enablers]]
    joined = label[enablers] == label[enabled]
    return _finished(sizes, weights, label, _has_arc(label, enablers[joined], count))


def _usual_effort(count):
    if count <= DEEP_ITEM_LIMIT:
        return cores.DEEP
    return cores.FULL if count <= FULL_ITEM_LIMIT else cores.LIGHT


class _Layout:
    """The order while it takes shape: the first place of the set that each item is in, until it is alone."""

    def __init__(self, backlog, effort):
        self.backlog, self.effort = backlog, effort
        self.place = np.zeros(backlog.count, np.int64)
        self.blocks = np.zeros(0, np.int64)
        self.slack = 0.0
        self.items = np.arange(backlog.count)
        self.enablers, self.enabled = backlog.enablers, backlog.enabled

    def split_into_blocks(self):
        enablers, enabled = self._numbers(self.enablers), self._numbers(self.enabled)
        sets = _components(len(self.items), enablers, enabled)
        sizes, weights = self.backlog.sizes[self.items], self.backlog.weights[self.items]
        found = blocks(sizes, weights, enablers, enabled, sets)
        self.place[self.items] = _block_places(self.place[self.items], found)
        if not len(self.blocks):
            self.blocks = np.unique(self.place, return_inverse=True)[1]
        self._keep(np.bincount(found.label)[found.label] > 1)

    def strip_ends(self):
        places = self.place[self.items]
        stripped = graph.strip(
            places.tolist(), self._numbers(self.enablers).tolist(), self._numbers(self.enabled).tolist()
        )
        from_front, from_back = np.array(stripped.from_front, int), np.array(stripped.from_back, int)
        size = np.bincount(places, minlength=1)
        front_size = np.bincount(places, from_front >= 0, minlength=1).astype(np.int64)
        taken_size = front_size + np.bincount(places, from_back >= 0, minlength=1).astype(np.int64)
        new_places = places + front_size[places]
        new_places[from_front >= 0] = (places + from_front)[from_front >= 0]
        new_places[from_back >= 0] = (places + size[places] - 1 - from_back)[from_back >= 0]
        self.place[self.items] = new_places
        is_left = (from_front < 0) & (from_back < 0) & (size - taken_size > 1)[places]
        self._keep(is_left)
        return (taken_size == 0)[places[is_left]]

    def solve_cores(self, is_whole):
        if not len(self.items):
            return
        enablers, enabled = self._numbers(self.enablers), self._numbers(self.enabled)
        part = _components(len(self.items), enablers, enabled)
        place_of_part = np.empty(part.max() + 1, np.int64)
        place_of_part[part] = self.place[self.items]
        is_connected = (np.bincount(place_of_part) == 1)[self.place[self.items]]
        is_hard = is_whole & is_connected
        for members, arcs in _groups(part, part[enablers], np.unique(part[is_hard])):
            self._solve_core(self.items[members], self.enablers[arcs], self.enabled[arcs])
        self._keep(~is_hard)

    def _solve_core(self, items, enablers, enabled):
        core = cores.Core(
            self.backlog.sizes[items],
            self.backlog.weights[items],
            np.searchsorted(items, enablers),
            np.searchsorted(items, enabled),
        )
        solution = cores.solve(core, self.effort)
        self.place[items[solution.sequence]] = self.place[items[0]] + np.arange(len(items))
        self.slack += solution.cost - solution.lower_bound

    def _keep(self, is_kept):
        self.items = self.items[is_kept]
        stays = np.zeros(self.backlog.count, bool)
        stays[self.items] = True
        inside = stays[self.enablers] & stays[self.enabled]
        inside &= self.place[self.enablers] == self.place[self.enabled]
        self.enablers, self.enabled = self.enablers[inside], self.enabled[inside]

    def _numbers(self, items):
        return np.searchsorted(self.items, items)


def _components(count, enablers, enabled):
    arcs = csr_matrix((np.ones(len(enablers), np.int8), (enablers, enabled)), shape=(count, count))
    return connected_components(arcs, directed=False)[1].astype(np.int64)


def _groups(part, part_of_arc, wanted):
    items_by_part, arcs_by_part = np.argsort(part, kind="stable"), np.argsort(part_of_arc, kind="stable")
    items_from, items_to = (np.searchsorted(part[items_by_part], wanted, side) for side in ("left", "right"))
    arcs_from, arcs_to = (np.searchsorted(part_of_arc[arcs_by_part], wanted, side) for side in ("left", "right"))
    for bounds in zip(items_from, items_to, arcs_from, arcs_to, strict=True):
        yield items_by_part[bounds[0] : bounds[1]], arcs_by_part[bounds[2] : bounds[3]]


def _block_places(places, found):
    """Lay the blocks of each set one after the other from the set's first place, the highest ratio first."""
    count = len(found.ratios)
    size = np.bincount(found.label, minlength=count)
    set_place = np.empty(count, np.int64)
    set_place[found.label] = places
    first_item = np.full(count, len(places))
    np.minimum.at(first_item, found.label, np.arange(len(places)))
    laid = np.lexsort((first_item, -found.ratios, set_place))
    before = np.cumsum(size[laid]) - size[laid]
    is_first = np.r_[True, set_place[laid][1:] != set_place[laid][:-1]]
    block_place = np.empty(count, np.int64)
    block_place[laid] = set_place[laid] + before - before[is_first][np.cumsum(is_first) - 1]
    return block_place[found.label]


def _has_arc(label, enablers, count):
    has_arc = np.zeros(count, bool)
    has_arc[label[enablers]] = True
    return has_arc


def _early_items(sizes, weights, label, is_open, enablers, enabled):
    """Find, in each open set that splits, the items of its best initial set."""
    count = len(is_open)
    members = np.flatnonzero(is_open[label])
    group = label[members]
    number = np.full(len(label), -1, np.int64)
    number[members] = np.arange(len(members))
    ratio = _ratios(sizes[members], weights[members], group, count)
    excess = weights[members] - ratio[group] * sizes[members]
    early = _best_initial_sets(excess, group, number[enablers], number[enabled])
    # The cut counts in whole numbers, so what it found is checked in full.
    set_size, early_size = (np.bincount(group[part], sizes[members[part]], count) for part in (slice(None), early))
    early_weight = np.bincount(group[early], weights[members[early]], count)
    splits = (early_size < set_size) & (early_weight > ratio * early_size * (1 + _TIE))
    return members[early & splits[group]]


def _best_initial_sets(excess, group, enablers, enabled):
    """Mark the items of the initial sets of largest excess: the source's side of a minimum cut."""
    count = len(excess)
    gain = np.bincount(group, np.maximum(excess, 0))
    # Sets only meet in source and sink, so each may use the full range of whole numbers.
    capacity = np.abs(excess) * (_CAPACITY / np.where(gain > 0, gain, np.inf))[group]
    capacity = np.minimum(np.rint(capacity), _CAPACITY).astype(np.int32)
    source, sink = count, count + 1
    gains, losses = np.flatnonzero((excess > 0) & (capacity > 0)), np.flatnonzero((excess < 0) & (capacity > 0))
    tails = np.concatenate([np.full(len(gains), source), losses, enabled])
    heads = np.concatenate([gains, np.full(len(losses), sink), enablers])
    limits = np.concatenate([capacity[gains], capacity[losses], np.full(len(enablers), _UNBOUNDED, np.int32)])
    network = csr_matrix((limits, (tails, heads)), shape=(count + 2, count + 2))
    flow = maximum_flow(network, source, sink, method="dinic").flow
    left = network.astype(np.int64) - flow.astype(np.int64)
    left.data = (left.data > 0).astype(np.int8)
    left.eliminate_zeros()
    reached = np.zeros(count + 2, bool)
    reached[breadth_first_order(left, source, return_predecessors=False)] = True
    return reached[:count]


def _finished(sizes, weights, label, has_arc):
    count = len(has_arc)
    ratio = _ratios(sizes, weights, label, count)
    fair = ratio[label] * sizes
    is_flat = np.ones(count, bool)
    is_flat[label[np.abs(weights - fair) > 1e-12 * (weights + fair)]] = False
    is_alone = (is_flat | ~has_arc)[label]
    names, label_of_item = np.unique(np.where(is_alone, count + np.arange(len(label)), label), return_inverse=True)
    ratios = np.empty(len(names))
    # A flat set's own ratio for all its items: they have to compare as equal.
    ratios[label_of_item] = np.where(has_arc[label], ratio[label], weights / sizes)
    return Blocks(label_of_item, ratios)


def _ratios(sizes, weights, label, count):
    total = np.bincount(label, sizes, count)
    return np.bincount(label, weights, count) / np.where(total > 0, total, 1)


def _linear_cost(backlog, sequence):
    return float(backlog.weights[sequence] @ np.cumsum(backlog.sizes[sequence]))
