"""Whether a running sprint holds, and what helps most: seeded scopes with one right answer each."""

import numpy as np
import pytest

from planning.sprint_chance import Work, best_change, goal_chance

REACH = [9, 10, 10, 10, 10, 10, 11, 12]


def chance(works, reach=REACH):
    return goal_chance(works, reach, rng=np.random.default_rng(1))


def best(works, spare=(), reach=REACH):
    return best_change(works, spare, reach, seed=1, before=chance(works, reach))


def test_the_more_is_left_the_lower_the_chance():
    chances = [chance([Work(1, points)]) for points in (2, 8, 10, 16, 40)]

    assert chances == sorted(chances, reverse=True)
    assert (chances[0], chances[-1]) == (95, 0)


def test_nothing_left_is_certain_and_a_block_is_hopeless():
    assert chance([]) == 100
    assert chance([Work(1, 5, is_for_goal=False)]) == 100
    assert chance([Work(1, 1, is_blocked=True)]) == 0
    assert chance([Work(1, 1)], reach=[]) == 0


@pytest.mark.parametrize(
    "works, spare, expected",
    [
        # What the goal does not need stands before it, and is not begun: first things first.
        ([Work(1, 8, is_for_goal=False), Work(2, 6)], [], ("reorder", None)),
        # Begun and stuck: half of it is saved by asking.
        ([Work(1, 8, is_begun=True, is_stuck=True), Work(2, 4)], [], ("ask", 1)),
        ([Work(1, 3, is_blocked=True)], [], ("ask", 1)),
        # One large item is all the goal needs.
        ([Work(1, 16)], [], ("split", 1)),
        # All is well.
        ([Work(1, 3)], [], None),
        # Nothing helps enough.
        ([Work(number, 20, is_begun=True) for number in range(6)], [], None),
    ],
)
def test_the_best_of_all_changes(works, spare, expected):
    change = best(works, spare)

    assert (change and (change.kind, change.item)) == expected
    if change:
        assert change.percent >= chance(works) + 5


def test_dropping_and_swapping_help_where_what_is_needed_waits_for_nothing():
    # The first is begun by the goal's item's need, so it can't be reordered behind.
    works = [Work(1, 9, is_for_goal=False, is_begun=False, needs=()), Work(2, 4, needs=(3,)), Work(3, 3)]

    assert best(works).kind == "reorder"
    everything = [Work(1, 9, is_begun=True), Work(2, 6), Work(3, 2, is_for_goal=False)]
    assert best(everything) is None or best(everything).kind != "drop"


def test_equal_seeds_give_equal_chances():
    works = [Work(1, 8), Work(2, 3, is_for_goal=False)]

    assert chance(works) == chance(works)
