"""Paths and cycles among things that depend on one another, such as "A enables B"."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

Node = Hashable
Edge = tuple[Node, Node]
Successors = Mapping[Node, Iterable[Node]] | Callable[[Node], Iterable[Node]]


@dataclass(frozen=True)
class SkippedEdge:
    """An edge left out by `break_cycles`, with the cycle it would have closed (first node repeated last)."""

    edge: Edge
    cycle: list[Node]


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
