"""What to take into a sprint."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import problem, scope
from planning.forecast import Chance
from planning.scope import LeftOut
from tests.planning import backlogs

DELIVERED = [20, 22, 18, 25, 19, 21, 24, 20]


def fits(backlog, items, capacities, technical_range):
    inside = set(items)
    if any(b in inside and a not in inside for a, b in zip(backlog.enablers, backlog.enabled, strict=True)):
        return False
    for team in set(backlog.teams.tolist()):
        load = sum(backlog.sizes[item] for item in items if backlog.teams[item] == team)
        if load > capacities.get(team, 0) + 1e-9:
            return False
    points = sum(backlog.sizes[item] for item in items)
    technical = sum(backlog.sizes[item] for item in items if backlog.is_technical[item])
    return technical_range[0] * points - 1e-9 <= technical <= technical_range[1] * points + 1e-9


def most_value(backlog, capacities, technical_range):
    every = range(backlog.count)
    choices = (chosen for size in range(backlog.count + 1) for chosen in combinations(every, size))
    return max(
        sum(backlog.weights[item] for item in chosen)
        for chosen in choices
        if fits(backlog, chosen, capacities, technical_range)
    )


@settings(max_examples=60)
@given(
    backlogs.small(most=8),
    st.integers(0, 12),
    st.integers(0, 6),
    st.sampled_from([(0, 1), (0.2, 0.6), (0, 0)]),
    st.data(),
)
def test_the_choice_is_the_best_that_fits(backlog, first, second, technical_range, data):
    flags = st.lists(st.booleans(), min_size=backlog.count, max_size=backlog.count)
    listed = problem.build(
        backlog.sizes,
        backlog.weights,
        np.c_[backlog.enablers, backlog.enabled],
        teams=data.draw(flags),
        is_technical=data.draw(flags),
    )
    capacities = {0: first, 1: second}

    choice = scope.choose(listed, capacities, technical_range)

    assert fits(listed, choice.items, capacities, technical_range)
    assert choice.value == pytest.approx(most_value(listed, capacities, technical_range))
    assert choice.gap == 0


def test_among_equals_the_earlier_item_wins():
    assert scope.choose(problem.build([3, 3, 3], [2, 2, 2]), {0: 6}).items == (0, 1)


def test_what_is_held_stays_in_or_is_refused():
    backlog = problem.build([3, 3], [1, 9])

    assert scope.choose(backlog, {0: 3}, held=[0]).items == (0,)
    with pytest.raises(ValueError, match="does not fit"):
        scope.choose(backlog, {0: 2}, held=[0])


def test_a_near_due_date_adds_its_penalty():
    backlog = problem.build([5, 5], [3, 2], due=[np.inf, 8], penalties=[0, 4])

    assert scope.choose(backlog, {0: 5}).items == (1,)


def test_nothing_is_chosen_from_nothing():
    assert scope.choose(problem.build([], []), {0: 5}) == scope.Choice((), 0, 0, 0)


def test_capacity_is_a_low_quantile_of_the_last_sprints_with_points():
    assert scope.capacity(DELIVERED, 85) == pytest.approx(np.quantile(DELIVERED, 0.15, method="median_unbiased"))
    assert scope.capacity([1_000, *DELIVERED, 0, 0], 85) == scope.capacity(DELIVERED, 85)
    assert scope.capacity([20, 21, 0, 22], 85) is None


def test_the_chance_at_the_commit_line_is_85_per_cent():
    line = scope.capacity(DELIVERED, 85)

    assert scope.chance(line, DELIVERED) == Chance(85, False)
    assert scope.chance(1, DELIVERED) == Chance(95, True)
    assert scope.chance(26, DELIVERED) == Chance(0, False)
    assert scope.chance(10, [20, 20]) is None


@given(st.lists(st.integers(1, 60), min_size=4, max_size=12), st.integers(0, 70))
def test_more_points_never_have_a_better_chance(delivered, points):
    assert scope.chance(points, delivered).percent >= scope.chance(points + 1, delivered).percent


def test_teams_without_enough_sprints_are_named():
    backlog = problem.build([1, 1], [1, 1], teams=[0, 1])

    assert scope.recommend(backlog, {0: DELIVERED, 1: [5, 0, 6]}) == scope.NotEnoughSprints({1: 2})


def test_a_recommendation_has_two_lines():
    backlog = problem.build([8, 8, 3, 2, 13], [40, 30, 6, 1, 5])

    found = scope.recommend(backlog, {0: DELIVERED})

    assert found.commit == (0, 1, 3)
    assert found.stretch == ()
    assert found.capacity[0] == pytest.approx((18.583, 20.5), abs=0.01)
    assert found.chances[0] == Chance(95, True)
    assert found.chances[3].percent >= 85
    assert found.left_out == (
        LeftOut(2, "no_room", {"points": 3, "room": pytest.approx(2.5)}),
        LeftOut(4, "worth_less", {"value_per_point": 5 / 13, "least_value_per_point": 0.5}),
    )


@pytest.mark.parametrize(
    ("backlog", "technical_range", "expected"),
    [
        (problem.build([5, 30], [9, 90]), (0, 1), LeftOut(1, "larger_than_capacity", {"points": 30, "capacity": 20.5})),
        (
            problem.build([18, 12, 8], [99, 5, 4], [(1, 2)]),
            (0, 1),
            LeftOut(2, "needs_left_out", {"need": 1}),
        ),
        (
            problem.build([10, 5], [9, 4], is_technical=[False, True]),
            (0, 0.2),
            LeftOut(1, "above_technical_range", {"share": pytest.approx(1 / 3)}),
        ),
        (
            problem.build([10, 5], [9, 4], is_technical=[True, False]),
            (0.9, 1),
            LeftOut(1, "below_technical_range", {"share": pytest.approx(2 / 3)}),
        ),
        (
            problem.build([5, 5], [9, 4], teams=[0, 1]),
            (0, 1),
            LeftOut(1, "larger_than_capacity", {"points": 5, "capacity": 0}),
        ),
    ],
    ids=["large", "need", "too technical", "too functional", "no team"],
)
def test_every_item_left_out_has_its_reason(backlog, technical_range, expected):
    assert expected in scope.recommend(backlog, {0: DELIVERED}, technical_range).left_out


@settings(max_examples=30)
@given(backlogs.small(most=9), st.lists(st.integers(1, 12), min_size=4, max_size=8))
def test_a_recommendation_fits_and_names_every_item_once(backlog, delivered):
    found = scope.recommend(backlog, {0: delivered})

    chosen = [*found.commit, *found.stretch]
    assert sorted([*chosen, *(reason.item for reason in found.left_out)]) == list(range(backlog.count))
    assert fits(backlog, found.commit, {0: found.capacity[0][0]}, (0, 1))
    assert fits(backlog, chosen, {0: max(found.capacity[0])}, (0, 1))
    assert list(found.chances) == chosen
    assert all(found.chances[item].percent >= 84 for item in found.commit)


def test_a_long_backlog_is_cut_to_the_top_of_the_best_order():
    backlog = backlogs.made_up(1_000, 1, 2)

    found = scope.recommend(backlog, {0: [60] * 8}, (0.15, 0.3))

    assert found.commit_gap == 0
    assert sum(reason.key == "far_down" for reason in found.left_out) > 500
    technical = backlog.sizes[[item for item in found.commit if backlog.is_technical[item]]].sum()
    assert 0.15 <= technical / backlog.sizes[list(found.commit)].sum() <= 0.3
