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
