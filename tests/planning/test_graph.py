"""Paths and cycles among dependencies."""

from collections import defaultdict
from graphlib import TopologicalSorter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import graph

nodes = st.integers(0, 12)
edge_lists = st.lists(st.tuples(nodes, nodes), max_size=40)


def adjacency(edges):
    after = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    return dict(after)


def is_walk(path, edges):
    return all(step in edges for step in pairwise(path))


def reachable(edges, start):
    seen, grown = set(), {start}
    while grown != seen:
        seen = grown
        grown = seen | {target for source, target in edges if source in seen}
    return seen


def has_no_cycle(edges):
    sorter = TopologicalSorter()
    for source, target in edges:
        sorter.add(target, source)
    sorter.prepare()
    return True


@pytest.mark.parametrize(
    ("start", "goal", "expected"),
    [
        ("a", "d", ["a", "b", "d"]),
        ("a", "a", ["a"]),
        ("d", "a", None),
        ("elsewhere", "a", None),
    ],
)
def test_a_path_is_a_shortest_one(start, goal, expected):
    after = {"a": ["b", "c"], "b": ["d"], "c": ["b", "d"]}

    assert graph.find_path(after, start, goal) == expected


def test_a_path_may_be_asked_of_a_function():
    assert graph.find_path(lambda number: [number * 2, number + 1], 1, 9) == [1, 2, 4, 8, 9]


@given(edge_lists, nodes, nodes)
def test_a_path_is_found_where_there_is_one(edges, start, goal):
    path = graph.find_path(adjacency(edges), start, goal)

    if goal in reachable(edges, start):
        assert (path[0], path[-1]) == (start, goal)
        assert is_walk(path, edges)
    else:
        assert path is None


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("c", "a", ["c", "a", "b", "c"]),
        ("b", "b", ["b", "b"]),
        ("a", "c", None),
        ("c", "new", None),
    ],
)
def test_the_cycle_that_a_new_edge_would_close(source, target, expected):
    assert graph.find_cycle({"a": ["b"], "b": ["c"]}, source, target) == expected


def test_no_chain_is_too_deep():
    after = {number: [number + 1] for number in range(50_000)}

    assert graph.find_cycle(after, 50_000, 0) == [50_000, *range(50_001)]


def test_an_edge_that_closes_a_cycle_is_skipped_with_its_cycle():
    edges = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "d"), ("d", "b"), ("e", "a")]

    kept, skipped = graph.break_cycles(edges)

    assert kept == [("a", "b"), ("b", "c"), ("c", "d"), ("e", "a")]
    assert skipped == [
        graph.SkippedEdge(("c", "a"), ["c", "a", "b", "c"]),
        graph.SkippedEdge(("d", "d"), ["d", "d"]),
        graph.SkippedEdge(("d", "b"), ["d", "b", "c", "d"]),
    ]


@given(edge_lists)
def test_the_kept_edges_hold_no_cycle_and_the_skipped_ones_each_close_one(edges):
    kept, skipped = graph.break_cycles(edges)

    assert has_no_cycle(kept)
    assert sorted([*kept, *(skip.edge for skip in skipped)]) == sorted(edges)
    for skip in skipped:
        assert (skip.cycle[0], skip.cycle[1], skip.cycle[-1]) == (*skip.edge, skip.edge[0])
        assert is_walk(skip.cycle[1:], kept)


@given(edge_lists)
def test_the_first_edges_are_the_ones_kept(edges):
    kept, _ = graph.break_cycles(edges)

    by_hand = []
    for source, target in edges:
        if source not in reachable(by_hand, target):
            by_hand.append((source, target))
    assert kept == by_hand


@pytest.mark.parametrize("listed", [list, lambda edges: edges[::-1]], ids=["forwards", "backwards"])
def test_a_ring_of_fifty_thousand_loses_its_last_edge(listed):
    ring = listed([(number, (number + 1) % 50_000) for number in range(50_000)])

    kept, skipped = graph.break_cycles(ring)

    assert kept == ring[:-1]
    assert len(skipped[0].cycle) == 50_001


@given(edge_lists)
def test_a_topological_order_holds_all_that_no_cycle_blocks(edges):
    order = graph.topological_order(13, [a for a, _ in edges], [b for _, b in edges])

    blocked = {
        node for node in range(13) if any(node in reachable(edges, b) for a, b in edges if a in reachable(edges, b))
    }
    assert set(order) == set(range(13)) - blocked
    place = {node: index for index, node in enumerate(order)}
    assert all(place[a] < place[b] for a, b in edges if a in place and b in place)


def test_free_nodes_come_by_priority_then_by_number():
    assert graph.topological_order(4, [0], [3]) == [0, 1, 2, 3]
    assert graph.topological_order(4, [3], [0], [0, 1, 1, 2]) == [1, 2, 3, 0]


@given(edge_lists)
def test_a_cycle_is_found_where_there_is_one(edges):
    found = graph.find_any_cycle(13, [a for a, _ in edges], [b for _, b in edges])

    if found is None:
        assert has_no_cycle(edges)
    else:
        assert found.items[0] == found.items[-1]
        assert len(set(found.items)) == len(found.items) - 1
        assert is_walk(found.items, edges)


@given(edge_lists, nodes)
def test_a_closure_is_everything_that_can_be_reached(edges, start):
    after = graph.neighbours(13, [a for a, _ in edges], [b for _, b in edges])

    assert graph.closure(after, [start]) == reachable(edges, start)


def test_ends_without_a_choice_are_stripped():
    # 0 → 1 → {2, 3} → 4 in one set, the chain 5 → 6 in another, 7 alone.
    sets = [0, 0, 0, 0, 0, 1, 1, 2]
    stripped = graph.strip(sets, [0, 1, 1, 2, 3, 5], [1, 2, 3, 4, 4, 6])

    assert stripped.from_front == [0, 1, -1, -1, -1, 0, -1, -1]
    assert stripped.from_back == [-1, -1, -1, -1, 0, -1, -1, -1]


@given(edge_lists)
def test_what_is_stripped_goes_before_or_after_all_that_is_left(edges):
    edges = sorted({(min(edge), max(edge)) for edge in edges if edge[0] != edge[1]})
    stripped = graph.strip([0] * 13, [a for a, _ in edges], [b for _, b in edges])

    gone = [node for node in range(13) if max(stripped.from_front[node], stripped.from_back[node]) >= 0]
    assert len(gone) < 13
    front = sorted((place, node) for node, place in enumerate(stripped.from_front) if place >= 0)
    left = set(range(13))
    for index, (place, node) in enumerate(front):
        assert place == index
        assert left <= reachable(edges, node)
        left.remove(node)
