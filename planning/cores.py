"""Hard cores: the pieces of a backlog that no decomposition splits further, ordered exactly or nearly so."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from planning import graph

# An initial set is one bit an item of a 64-bit number.
EXACT_ITEM_LIMIT = 60
# Keeps the table of states and items in the processor's cache, and small.
_STATES_AT_ONCE = 16_384


@dataclass(frozen=True)
class Effort:
    """How much work a core is worth.

    state_limit: initial sets that the exact method may visit, and steps from them that it may look at at a time.
    greedy_limit, insertion_limit: the most items for which closures are tried, and insertions. has_flow_bound: also
    solve a linear program for the lower bound.
    """

    state_limit: int
    greedy_limit: int
    insertion_limit: int
    has_flow_bound: bool


DEEP = Effort(state_limit=1_000_000, greedy_limit=400, insertion_limit=3_000, has_flow_bound=True)
FULL = Effort(state_limit=20_000, greedy_limit=400, insertion_limit=3_000, has_flow_bound=True)
QUICK = Effort(state_limit=3_000, greedy_limit=0, insertion_limit=200, has_flow_bound=False)
LIGHT = Effort(state_limit=200, greedy_limit=0, insertion_limit=0, has_flow_bound=False)


@dataclass(frozen=True, eq=False)
class Core:
    """Connected items that form one Sidney block: (n,) sizes and weights, and (m,) enablers and what they enable."""

    sizes: np.ndarray
    weights: np.ndarray
    enablers: np.ndarray
    enabled: np.ndarray

    @property
    def count(self) -> int:
        return len(self.sizes)

    def cost(self, sequence: np.ndarray) -> float:
        """Add up weight times finish."""
        return float(self.weights[sequence] @ np.cumsum(self.sizes[sequence]))

    def schedule(self, priority: Sequence[float]) -> np.ndarray:
        """Order the items by ascending priority as far as the dependencies allow."""
        order = graph.topological_order(self.count, self.enablers.tolist(), self.enabled.tolist(), priority)
        return np.array(order, np.int64)


@dataclass(frozen=True, eq=False)
class Solution:
    """An order of a core, (n,) item numbers, and a cost that no order undercuts; equal to its own if exact."""

    sequence: np.ndarray
    cost: float
    lower_bound: float


def solve(core: Core, effort: Effort) -> Solution:
    """Order a core: exactly if few enough initial sets, else by the best of three schedules, improved.

    Among orders of equal cost the exact method prefers the present one.
    """
    exact = exact_sequence(core, effort.state_limit) if core.count <= EXACT_ITEM_LIMIT else None
    if exact is not None:
        cost = core.cost(exact)
        return Solution(exact, cost, cost)
    value_first = schedule_by_passed_value(core)
    forest, forest_bound = schedule_by_forest(core, value_first)
    found = [value_first, forest]
    if core.count <= effort.greedy_limit:
        found.append(schedule_by_closures(core))
    found.sort(key=core.cost)
    if core.count <= effort.insertion_limit:
        found = [_improve(core, sequence) for sequence in found[:2]]
    best = min(found, key=core.cost)
    cost = core.cost(best)
    bound = max(forest_bound, *block_bounds(core), flow_bound(core) if effort.has_flow_bound else 0.0)
    return Solution(best, cost, min(bound, cost))


def exact_sequence(core: Core, state_limit: int) -> np.ndarray | None:
    """Find an order of least cost by dynamic programming over the initial sets; None if they are too many.

    An initial set holds, with an item, everything that the item needs. At most 60 items.
    Raises ValueError if there are more.
    """
    if core.count > EXACT_ITEM_LIMIT:
        raise ValueError(f"an exact core has at most {EXACT_ITEM_LIMIT} items")
    bits = np.uint64(1) << np.arange(core.count, dtype=np.uint64)
    needs = np.zeros(core.count, np.uint64)
    np.bitwise_or.at(needs, core.enabled, bits[core.enablers])
    states, costs, times = np.zeros(1, np.uint64), np.zeros(1), np.zeros(1)
    layers, visited = [], 1
    for _ in range(core.count):
        origin, item = _followers(states, bits, needs)
        if len(origin) > state_limit:
            return None
        grown = states[origin] | bits[item]
        finish = times[origin] + core.sizes[item]
        reached = costs[origin] + core.weights[item] * finish
        # The cheapest way into each set; among equals the item of the highest number comes last.
        best_first = np.lexsort((-item, reached, grown))
        grown = grown[best_first]
        first = best_first[np.r_[True, grown[1:] != grown[:-1]]]
        states, costs, times = states[origin[first]] | bits[item[first]], reached[first], finish[first]
        layers.append((origin[first], item[first]))
        visited += len(states)
        if visited > state_limit:
            return None
    return _trace(layers)


def schedule_by_passed_value(core: Core) -> np.ndarray:
    """Let each item hand its value back to what it needs, in equal parts, and schedule by value over size."""
    before = graph.neighbours(core.count, core.enabled.tolist(), core.enablers.tolist())
    value = core.weights.tolist()
    for item in reversed(core.schedule(np.zeros(core.count)).tolist()):
        for enabler in before[item]:
            value[enabler] += value[item] / len(before[item])
    return core.schedule((-np.array(value) / core.sizes).tolist())


def schedule_by_forest(core: Core, base: np.ndarray) -> tuple[np.ndarray, float]:
    """Keep of what each item needs only the one that comes last in base, order that forest exactly, then repair.

    base: (n,) an order that keeps the dependencies.
    Returns the order and the cost of the forest's optimum, which bounds every order's cost from below.
    Source: Horn, "Single-machine job sequencing with treelike precedence ordering" (1972).
    """
    place = np.empty(core.count, np.int64)
    place[base] = np.arange(core.count)
    parent = np.full(core.count, -1, np.int64)
    by_place = np.argsort(place[core.enablers], kind="stable")
    parent[core.enabled[by_place]] = core.enablers[by_place]
    relaxed = _order_forest(core.sizes.tolist(), core.weights.tolist(), parent.tolist())
    place[relaxed] = np.arange(core.count)
    return core.schedule(place.tolist()), core.cost(relaxed)


def schedule_by_closures(core: Core) -> np.ndarray:
    """Repeatedly take the item whose open needs, itself included, have the highest value over size, with them."""
    topological = core.schedule(np.zeros(core.count))
    before = graph.neighbours(core.count, core.enabled.tolist(), core.enablers.tolist())
    needs = np.zeros((core.count, core.count), bool)
    for item in topological:
        needs[item, item] = True
        for enabler in before[item]:
            needs[item] |= needs[enabler]
    weights, sizes = needs @ core.weights, needs @ core.sizes
    is_open = np.ones(core.count, bool)
    sequence = []
    while is_open.any():
        best = np.argmax(np.where(is_open, weights / np.where(is_open, sizes, 1), -1))
        taken = topological[(needs[best] & is_open)[topological]]
        is_open[taken] = False
        weights = weights - needs[:, taken] @ core.weights[taken]
        sizes = sizes - needs[:, taken] @ core.sizes[taken]
        sequence.extend(taken.tolist())
    return np.array(sequence, np.int64)


def improve_by_insertion(
    sequence: np.ndarray,
    sizes: np.ndarray,
    enablers: np.ndarray,
    enabled: np.ndarray,
    delay_cost: Callable[[np.ndarray, np.ndarray], np.ndarray],
    *,
    window: int,
    passes: int,
) -> np.ndarray:
    """Move one item after the other to its best place within the window, until a pass changes nothing.

    sequence: (n,) an order that keeps the dependencies, as does the result.
    delay_cost: (items, finish in points of work) to the cost of each; both (k,). window: places each way.
    """
    count = len(sequence)
    order = sequence.copy()
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    before = graph.neighbours(count, enabled.tolist(), enablers.tolist())
    after = graph.neighbours(count, enablers.tolist(), enabled.tolist())
    finish = np.cumsum(sizes[order])
    for _ in range(passes):
        has_changed = False
        for item in order.tolist():
            here = int(place[item])
            first = max([int(place[need]) + 1 for need in before[item]] + [here - window, 0])
            last = min([int(place[dependant]) - 1 for dependant in after[item]] + [here + window, count - 1])
            there = _best_place(order, sizes, finish, delay_cost, here, first, last)
            if there == here:
                continue
            has_changed = True
            low, high = min(here, there), max(here, there)
            order[low : high + 1] = np.roll(order[low : high + 1], 1 if there < here else -1)
            place[order[low : high + 1]] = np.arange(low, high + 1)
            start = finish[low - 1] if low else 0.0
            finish[low : high + 1] = start + np.cumsum(sizes[order[low : high + 1]])
        if not has_changed:
            break
    return order


def block_bounds(core: Core) -> tuple[float, float]:
    """Bound the cost from below by what holds in every Sidney block.

    In a block no initial set has a higher ratio than r = W/P, so w(prefix) ≤ r p(prefix) and
    Σ w C = W P - Σ p_k w(before k) ≥ ½ W P + ½ r Σ p²; the second bound is the same seen from the end.
    Source: Queyranne and Wang, "Single-machine scheduling polyhedra with precedence constraints" (1991).
    """
    sizes, weights = core.sizes, core.weights
    ratio = weights.sum() / sizes.sum()
    half = weights.sum() * sizes.sum() / 2
    if not ratio:
        return 0.0, 0.0
    return half + ratio * (sizes @ sizes) / 2, half + weights @ sizes - (weights @ weights) / ratio / 2


def flow_bound(core: Core) -> float:
    """Bound the cost from below by weak duality; 0 if the linear program is not solved.

    λ_ij ≥ 0 is the value that j hands back to its enabler i. Where every item then has the block's ratio r, the
    cost is at least ½ W P + ½ r Σ p² + Σ λ_ij p_j; the program finds the λ that make it largest.
    """
    count, arcs = core.count, len(core.enablers)
    if not arcs:
        return 0.0
    ratio = core.weights.sum() / core.sizes.sum()
    balance = csr_matrix(
        (np.repeat([1.0, -1.0], arcs), (np.r_[core.enablers, core.enabled], np.tile(np.arange(arcs), 2))),
        shape=(count, arcs),
    )
    solved = linprog(
        -core.sizes[core.enabled],
        A_eq=balance,
        b_eq=ratio * core.sizes - core.weights,
        bounds=(0, None),
        method="highs",
    )
    return block_bounds(core)[0] - solved.fun if solved.status == 0 else 0.0


def _followers(states, bits, needs):
    """Pair each state with each item that may follow: numbers of states and of items, ascending."""
    pairs = []
    for start in range(0, len(states), _STATES_AT_ONCE):
        some = states[start : start + _STATES_AT_ONCE, None]
        state, item = np.nonzero(((some & bits) == 0) & ((some & needs) == needs))
        pairs.append(((state + start).astype(np.int32), item.astype(np.int8)))
    return tuple(np.concatenate(part) for part in zip(*pairs, strict=True))


def _trace(layers):
    sequence, state = [], 0
    for origin, item in reversed(layers):
        sequence.append(item[state])
        state = origin[state]
    return np.array(sequence[::-1], np.int64)


def _improve(core, sequence):
    return improve_by_insertion(
        sequence,
        core.sizes,
        core.enablers,
        core.enabled,
        lambda items, finish: core.weights[items] * finish,
        window=core.count if core.count < 300 else 60,
        passes=6,
    )


def _best_place(order, sizes, finish, delay_cost, here, first, last):
    item = order[here]
    now = delay_cost(order[here : here + 1], finish[here : here + 1])[0]
    gain, there = 1e-9 * max(now, 1.0), here
    if first < here:
        passed = order[first:here]
        losses = delay_cost(passed, finish[first:here] + sizes[item]) - delay_cost(passed, finish[first:here])
        new_finish = finish[first:here] - sizes[passed] + sizes[item]
        own = now - delay_cost(np.full(len(passed), item), new_finish)
        gains = own - np.cumsum(losses[::-1])[::-1]
        best = int(np.argmax(gains))
        if gains[best] > gain:
            gain, there = gains[best], first + best
    if last > here:
        passed = order[here + 1 : last + 1]
        savings = delay_cost(passed, finish[here + 1 : last + 1]) - delay_cost(
            passed, finish[here + 1 : last + 1] - sizes[item]
        )
        own = now - delay_cost(np.full(len(passed), item), finish[here + 1 : last + 1])
        gains = own + np.cumsum(savings)
        best = int(np.argmax(gains))
        if gains[best] > gain:
            there = here + 1 + best
    return there


def _order_forest(sizes, weights, parent):
    # Merge the cluster of the highest ratio into the cluster of its root's parent, or emit it if it has none.
    count = len(sizes)
    sizes, weights = list(sizes), list(weights)
    cluster, last, following = list(range(count)), list(range(count)), [-1] * count
    version, is_emitted = [0] * count, [False] * count
    heap = [(-weights[item] / sizes[item], item, 0) for item in range(count)]
    heapq.heapify(heap)
    sequence = []
    while heap:
        _, root, seen_version = heapq.heappop(heap)
        if is_emitted[root] or cluster[root] != root or version[root] != seen_version:
            continue
        above = _find(cluster, parent[root]) if parent[root] >= 0 else -1
        if above < 0 or is_emitted[above]:
            is_emitted[root] = True
            item = root
            while item != -1:
                sequence.append(item)
                item = following[item]
            continue
        cluster[root] = above
        following[last[above]] = root
        last[above] = last[root]
        sizes[above] += sizes[root]
        weights[above] += weights[root]
        version[above] += 1
        heapq.heappush(heap, (-weights[above] / sizes[above], above, version[above]))
    return np.array(sequence, np.int64)


def _find(cluster, item):
    while cluster[item] != item:
        cluster[item] = cluster[cluster[item]]
        item = cluster[item]
    return item
