"""Paths and cycles among things that depend on one another, such as "A enables B"."""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle

Node = Hashable
Edge = tuple[Node, Node]
Successors = Mapping[Node, Iterable[Node]] | Callable[[Node], Iterable[Node]]


@dataclass(frozen=True)
class SkippedEdge:
    """An edge left out by `break_cycles`, with the cycle it would have closed (first node repeated last)."""

    edge: Edge
    cycle: list[Node]


@dataclass(frozen=True)
class Cycle:
    """Items that wait for one another: each enables the next, the last one is the first again."""

    items: list[int]


@dataclass(frozen=True)
class Strip:
    """What `strip` took off: how many nodes of its set went before this one at that end; -1 if it did not go there."""

    from_front: list[int]
    from_back: list[int]


def find_path(successors: Successors, start: Node, goal: Node) -> list[Node] | None:
    """Find a shortest path, both ends included; None if there is none.

    successors: a mapping of a node to the nodes that follow it (a missing node has none), or a function.
    Equal input gives an equal path. Looks at each node and edge at most once.
    """
    follow = _as_function(successors)
    came_from = {start: None}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node == goal:
            return _walk_back(came_from, node)
        for following in follow(node):
            if following not in came_from:
                came_from[following] = node
                queue.append(following)
    return None


def find_cycle(successors: Successors, source: Node, target: Node) -> list[Node] | None:
    """Find a shortest cycle that a new edge would close; None if it closes none.

    successors: the edges so far, as for `find_path`.
    Returns the nodes once around: source, target, …, source; [source, source] for an edge to itself.
    """
    path = find_path(successors, target, source)
    return [source, *path] if path else None


def break_cycles(edges: Sequence[Edge]) -> tuple[list[Edge], list[SkippedEdge]]:
    """Keep each edge, in the order given, unless it closes a cycle with the edges kept before it.

    Returns the kept edges, which hold no cycle, and the skipped ones; both in the order given.
    """
    tangled = _tangled_nodes(edges)
    kept, skipped = [], []
    after, before = defaultdict(list), defaultdict(list)
    for source, target in edges:
        if source in tangled and target in tangled:
            if _reaches(after, before, target, source):
                skipped.append(SkippedEdge((source, target), find_cycle(after, source, target)))
                continue
            after[source].append(target)
            before[target].append(source)
        kept.append((source, target))
    return kept, skipped


def neighbours(count: int, sources: Sequence[int], targets: Sequence[int]) -> list[list[int]]:
    """List for each of the nodes 0 … count-1 the targets of its edges, in the order given."""
    after = [[] for _ in range(count)]
    for source, target in zip(sources, targets, strict=True):
        after[source].append(target)
    return after


def topological_order(
    count: int, sources: Sequence[int], targets: Sequence[int], priority: Sequence[float] | None = None
) -> list[int]:
    """Order the nodes 0 … count-1 so that every edge points forwards: always the free node of least priority next.

    priority: by default the node's own number, so that an order which keeps all edges stays as it is; equal
    priorities go by number. Nodes on a cycle, and what follows from them, are left out.
    """
    return order_along(neighbours(count, sources, targets), range(count) if priority is None else priority)


def order_along(after: Sequence[Sequence[int]], priority: Sequence[float]) -> list[int]:
    """The same for a graph that is listed already, as by `neighbours`."""
    waits_for = _incoming_counts(len(after), chain.from_iterable(after))
    free = [(priority[node], node) for node in range(len(after)) if not waits_for[node]]
    heapq.heapify(free)
    order = []
    while free:
        _, node = heapq.heappop(free)
        order.append(node)
        for following in after[node]:
            waits_for[following] -= 1
            if not waits_for[following]:
                heapq.heappush(free, (priority[following], following))
    return order


def find_any_cycle(count: int, sources: Sequence[int], targets: Sequence[int]) -> Cycle | None:
    """Find a cycle among the nodes 0 … count-1; None if there is none. Equal input gives an equal cycle."""
    before = neighbours(count, targets, sources)
    nodes = range(count)
    tangled = _without_ends(nodes, dict(enumerate(before)), dict(enumerate(neighbours(count, sources, targets))))
    if not tangled:
        return None
    node, seen = min(tangled), {}
    while node not in seen:
        seen[node] = len(seen)
        node = next(previous for previous in before[node] if previous in tangled)
    walk = list(seen)[seen[node] :]
    return Cycle([node, *walk[::-1]])


def closure(after: Sequence[Iterable[int]], nodes: Iterable[int]) -> set[int]:
    """Collect the nodes and everything that can be reached from them; pass edges backwards for what they need."""
    reached = set(nodes)
    waiting = list(reached)
    while waiting:
        for following in after[waiting.pop()]:
            if following not in reached:
                reached.add(following)
                waiting.append(following)
    return reached


def strip(sets: Sequence[int], sources: Sequence[int], targets: Sequence[int]) -> Strip:
    """Take the only node without a predecessor off the front of its set, and the only one without a successor
    off the back, as long as there is one.

    sets: the set of each node 0 … n-1; edges join nodes of one set. A set of one node keeps it.
    """
    front = _Peeling(sets, sources, targets)
    back = _Peeling(sets, targets, sources)
    # One pass each way is enough: what goes at one end has every other node of its set behind it, so it is never
    # one of the ends on the other side.
    for group, size in Counter(sets).items():
        size -= front.peel(group, size)
        back.peel(group, size)
    return Strip(front.taken, back.taken)


def _incoming_counts(count, targets):
    counts = [0] * count
    for target in targets:
        counts[target] += 1
    return counts


class _Peeling:
    def __init__(self, sets, sources, targets):
        self.after = neighbours(len(sets), sources, targets)
        self.waits_for = _incoming_counts(len(sets), targets)
        self.taken = [-1] * len(sets)
        self.ends = defaultdict(list)
        for node, group in enumerate(sets):
            if not self.waits_for[node]:
                self.ends[group].append(node)

    def peel(self, group, size):
        ends = self.ends[group]
        taken_count = 0
        while len(ends) == 1 and size - taken_count > 1:
            node = ends.pop()
            self.taken[node] = taken_count
            taken_count += 1
            for following in self.after[node]:
                self.waits_for[following] -= 1
                if not self.waits_for[following]:
                    ends.append(following)
        return taken_count


def _as_function(successors):
    return successors if callable(successors) else lambda node: successors.get(node, ())


def _walk_back(came_from, node):
    path = []
    while node is not None:
        path.append(node)
        node = came_from[node]
    return path[::-1]


def _tangled_nodes(edges):
    after, before = defaultdict(list), defaultdict(list)
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    nodes = after.keys() | before.keys()
    return _without_ends(_without_ends(nodes, after, before), before, after)


def _without_ends(nodes, after, before):
    nodes = set(nodes)
    open_counts = {node: sum(following in nodes for following in after.get(node, ())) for node in nodes}
    ends = [node for node, count in open_counts.items() if not count]
    while ends:
        node = ends.pop()
        nodes.discard(node)
        for previous in before.get(node, ()):
            if previous in nodes:
                open_counts[previous] -= 1
                if not open_counts[previous]:
                    ends.append(previous)
    return nodes


def _reaches(after, before, start, goal):
    # From both ends by turns: a long chain listed in any order costs only its shorter side.
    if start == goal:
        return True
    ahead, behind = (after, deque([start]), {start}), (before, deque([goal]), {goal})
    for (neighbours, queue, seen), (_, _, met) in cycle([(ahead, behind), (behind, ahead)]):
        if not queue:
            return False
        for node in neighbours.get(queue.popleft(), ()):
            if node in met:
                return True
            if node not in seen:
                seen.add(node)
                queue.append(node)
    return False
