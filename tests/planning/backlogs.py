"""Made-up backlogs: like real ones, uniformly random, adversarial, and tiny for hypothesis."""

import numpy as np
from hypothesis import strategies as st

from planning import graph, problem

SIZES = np.array([1, 2, 3, 5, 8, 13])
SIZE_SHARES = [0.14, 0.22, 0.26, 0.22, 0.11, 0.05]


def made_up(count, arcs_per_item, seed, family="real", **more):
    rng = np.random.default_rng(seed)
    sizes = rng.choice(SIZES, count, p=SIZE_SHARES).astype(float)
    value = np.ceil(np.exp(rng.normal(2, 1.1, count)))
    is_technical = rng.random(count) < 0.25
    own_share = rng.choice([0.02, 0.1, 0.4, 1], count, p=[0.35, 0.3, 0.2, 0.15])
    weights = np.maximum(np.where(is_technical, np.ceil(value * own_share), value), 1)
    arc_count = round(arcs_per_item * count)
    pairs = {"real": _real_pairs, "uniform": _uniform_pairs}[family](count, arc_count, is_technical, rng)
    return problem.build(sizes, weights, pairs, is_technical=is_technical, **more)


def bipartite(count, needs, seed):
    """Worthless enablers, each feature needs a few of them."""
    rng = np.random.default_rng(seed)
    half = count // 2
    weights = np.r_[np.full(half, 0.01), rng.integers(1, 30, count - half)]
    pairs = [(enabler, item) for item in range(half, count) for enabler in rng.choice(half, needs, replace=False)]
    return problem.build(rng.choice(SIZES, count), weights, pairs)


def layered(count, layers, needs, seed):
    """Each item needs a few of the layer before its own."""
    rng = np.random.default_rng(seed)
    width = count // layers
    pairs = [
        (enabler, item)
        for item in range(width, width * layers)
        for enabler in (item // width - 1) * width + rng.choice(width, min(needs, width), replace=False)
    ]
    return problem.build(rng.choice(SIZES, count), np.ceil(np.exp(rng.normal(2, 1.1, count))), pairs)


def pull_enablers(backlog, first_to_last):
    """Keep a wished order, but pull what an item needs in front of it."""
    before = [[] for _ in range(backlog.count)]
    for enabler, enabled in zip(backlog.enablers.tolist(), backlog.enabled.tolist(), strict=True):
        before[enabled].append(enabler)
    ratio = backlog.weights / backlog.sizes
    sequence, seen = [], set()
    for item in first_to_last:
        stack = [int(item)]
        while stack:
            missing = [need for need in before[stack[-1]] if need not in seen]
            if stack[-1] in seen or not missing:
                done = stack.pop()
                if done not in seen:
                    seen.add(done)
                    sequence.append(done)
            else:
                stack.extend(sorted(missing, key=lambda need: ratio[need]))
    return np.array(sequence)


def wsjf_and_pull(backlog):
    """What teams do now: sort by value over size, pull enablers ahead."""
    return pull_enablers(backlog, np.argsort(-backlog.weights / backlog.sizes, kind="stable"))


def present_order(backlog, seed, noise=0.6):
    """The order of a product owner with noisy estimates, a tenth of whose items has since been moved by feel."""
    rng = np.random.default_rng(seed)
    guess = backlog.weights * np.exp(rng.normal(0, noise, backlog.count)) / backlog.sizes
    sequence = pull_enablers(backlog, np.argsort(-guess, kind="stable")).tolist()
    for _ in range(backlog.count // 10):
        sequence.insert(rng.integers(backlog.count), sequence.pop(rng.integers(backlog.count)))
    place = np.argsort(sequence)
    return np.array(
        graph.topological_order(backlog.count, backlog.enablers.tolist(), backlog.enabled.tolist(), place.tolist())
    )


def without_cycles(pairs):
    """The pairs that close no cycle with those before, and how many do."""
    kept, skipped = graph.break_cycles(pairs)
    return kept, len(skipped)


def in_order(backlog, sequence):
    """The same backlog with its items renumbered so that the sequence is the present order."""
    return problem.select(backlog, sequence)


def least_cost(backlog):
    """The cost of the best order, by dynamic programming over all initial sets, due dates included."""
    needs = [0] * backlog.count
    for enabler, enabled in zip(backlog.enablers.tolist(), backlog.enabled.tolist(), strict=True):
        needs[enabled] |= 1 << enabler
    sizes, weights = backlog.sizes.tolist(), backlog.weights.tolist()
    due, penalties = backlog.due.tolist(), backlog.penalties.tolist()
    layer = {0: (0.0, 0.0)}
    for _ in range(backlog.count):
        grown = {}
        for done, (spent, time) in layer.items():
            for item in range(backlog.count):
                bit = 1 << item
                if done & bit or needs[item] & ~done:
                    continue
                finish = time + sizes[item]
                total = spent + weights[item] * finish + penalties[item] * max(0.0, finish - due[item])
                if total < grown.get(done | bit, (np.inf,))[0]:
                    grown[done | bit] = (total, finish)
        layer = grown
    return layer[(1 << backlog.count) - 1][0]


def with_due_dates(backlog, seed):
    """An eighth of the items, two at least, with a due date and a penalty of 3 to 30 times their weight."""
    rng = np.random.default_rng(seed)
    due, penalties = np.full(backlog.count, np.inf), np.zeros(backlog.count)
    dated = rng.choice(backlog.count, max(2, backlog.count // 8), replace=False)
    due[dated] = rng.uniform(0.1, 0.8, len(dated)) * backlog.sizes.sum()
    penalties[dated] = backlog.weights[dated] * rng.choice([3, 10, 30], len(dated))
    pairs = np.c_[backlog.enablers, backlog.enabled]
    return problem.build(
        backlog.sizes, backlog.weights, pairs, due=due, penalties=penalties, is_technical=backlog.is_technical
    )


@st.composite
def small(draw, most=9, **more):
    """Backlogs of a few items with small whole numbers, so that ties and zeros are common."""
    count = draw(st.integers(1, most))
    sizes = draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    weights = draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    rank = draw(st.permutations(range(count)))
    numbers = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(numbers, numbers), max_size=2 * count))
    pairs = [(a, b) if rank[a] < rank[b] else (b, a) for a, b in pairs if a != b]
    return problem.build(sizes, weights, pairs, **more)


def _uniform_pairs(count, arc_count, is_technical, rng):
    ends = rng.integers(0, count, (int(arc_count * 1.1) + 5, 2))
    return _forwards(ends, rng.permutation(count), arc_count, rng)


def _real_pairs(count, arc_count, is_technical, rng):
    """Chains inside epics, hub enablers, features that need three things, a few far links."""
    cuts = np.cumsum(np.clip(rng.geometric(1 / 25, count // 8 + 2), 3, 80))
    starts = np.r_[0, cuts[cuts < count]]
    length = np.diff(np.r_[starts, count])
    epic_of = np.repeat(np.arange(len(starts)), length)
    chain_count, hub_count, fan_count = int(arc_count * 0.45), int(arc_count * 0.3), int(arc_count * 0.17)

    epic = rng.integers(0, len(starts), chain_count)
    chains = starts[epic] + rng.integers(0, length[epic], (2, chain_count))

    technical = np.flatnonzero(is_technical) if is_technical.any() else np.array([0])
    hubs = rng.choice(technical, min(max(1, hub_count // 14), len(technical)), replace=False)
    pull = rng.pareto(1.4, len(hubs)) + 0.3
    hub = hubs[rng.choice(len(hubs), hub_count, p=pull / pull.sum())]
    near = starts[epic_of[hub]] + (rng.random(hub_count) * length[epic_of[hub]]).astype(int)
    far = np.clip(hub + rng.normal(0, 150, hub_count).astype(int), 0, count - 1)

    feature = np.repeat(rng.integers(0, count, fan_count // 3 + 1), 3)[:fan_count]
    needed = np.clip(feature + rng.normal(0, 20, fan_count).astype(int), 0, count - 1)

    far_links = rng.integers(0, count, (2, int(arc_count * 0.08) + 1))
    dependants = np.where(rng.random(hub_count) < 0.7, near, far)
    ends = np.concatenate([chains, [hub, dependants], [needed, feature], far_links], axis=1).T
    rank = rng.permutation(count)
    rank[hubs] -= 2 * count
    return _forwards(ends, rank, arc_count, rng)


def _forwards(ends, rank, arc_count, rng):
    ends = ends[ends[:, 0] != ends[:, 1]]
    pairs = np.where((rank[ends[:, 0]] > rank[ends[:, 1]])[:, None], ends[:, ::-1], ends)
    pairs = np.unique(pairs, axis=0)
    return rng.permutation(pairs)[:arc_count]
