"""What a report on a backlog's health finds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import health
from planning.health import Finding, Held, Item, Limits, SprintAhead, Urgency, Verdict

TODAY = date(2026, 11, 24)
LIMITS = Limits(sprint_points=10)


def item(number, **facts):
    return Item(
        **{
            "number": number,
            "points": 3,
            "is_technical": False,
            "missing_count": 0,
            "criteria_count": 2,
            "created_on": TODAY,
            "touched_on": TODAY,
            **facts,
        }
    )


def find(items, limits=LIMITS, **facts):
    return health.find(items, limits, **{"inversions": (), "has_owners": True, "today": TODAY, **facts})


def keys(findings):
    return [finding.key for finding in findings]


def healthy(count=8):
    """Two and a half sprints of ready work."""
    return [item(number) for number in range(1, count + 1)]


def test_the_list_is_cut_where_an_item_does_not_fit_any_more():
    items = [
        item(1, points=6),
        item(2, points=5, missing_count=1, is_technical=True),
        item(3, points=4, missing_count=3),
        item(4, points=20),
        item(5, points=None),
    ]

    assert health.sprints_ahead(items, LIMITS) == (
        SprintAhead((1,), 6, 0, 0, 0),
        SprintAhead((2, 3), 0, 5, 4, pytest.approx(5 / 9)),
        SprintAhead((4,), 20, 0, 0, 0),
        SprintAhead((5,), 5.5, 0, 0, 0),
    )


def test_no_more_sprints_are_looked_at_than_agreed():
    assert len(health.sprints_ahead(healthy(60), LIMITS)) == 5


def test_a_sprint_without_points_is_refused():
    with pytest.raises(ValueError, match="no points"):
        health.sprints_ahead(healthy(), Limits(sprint_points=0))


def test_the_runway_ends_with_the_sprint_that_holds_unready_work():
    sprints = (SprintAhead((1,), 6, 4, 0, 0), SprintAhead((2,), 3, 1, 6, 0), SprintAhead((3,), 10, 0, 0, 0))

    assert health.runway(sprints, LIMITS) == pytest.approx(1.4)
    assert health.runway((), LIMITS) == 0


def test_the_technical_share_weighs_sprints_by_their_points():
    sprints = (SprintAhead((1,), 10, 0, 0, 0.5), SprintAhead((2,), 5, 0, 0, 0.2))

    assert health.technical_share(sprints) == pytest.approx(0.4)
    assert health.technical_share(()) == 0


def test_a_healthy_backlog_has_no_findings():
    assert find(healthy()) == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"oldest_question_on": TODAY - timedelta(days=4)},
            Finding("questions_waiting", Urgency.NOW, (1,), {"count": 1, "oldest_days": 4}),
        ),
        ({"oldest_question_on": TODAY - timedelta(days=3)}, None),
        ({"points": None}, Finding("unestimated_near_top", Urgency.SOON, (1,), {"count": 1})),
        ({"criteria_count": 0}, Finding("criteria_missing_near_top", Urgency.SOON, (1,), {"count": 1})),
        ({"points": 4}, Finding("too_big", Urgency.SOON, (1,), {"count": 1})),
        ({"touched_on": TODAY - timedelta(days=60)}, Finding("stale", Urgency.LATER, (1,), {"count": 1})),
        ({"touched_on": TODAY - timedelta(days=59)}, None),
        ({"has_owner": False}, Finding("without_owner", Urgency.LATER, (1,), {"count": 1})),
    ],
)
def test_what_is_wrong_with_an_item_is_found(facts, expected):
    findings = find([item(1, **facts), *healthy()[1:]])

    assert findings == ((expected,) if expected else ())


def test_far_down_neither_points_nor_criteria_are_expected():
    assert find([*healthy(), item(9, points=None, criteria_count=0)]) == ()


def test_without_any_owners_no_item_lacks_one():
    assert find([item(1, has_owner=False), *healthy()[1:]], has_owners=False) == ()


def test_an_inversion_near_the_top_needs_somebody_now():
    near = find(healthy(), inversions=[(8, 9), (2, 5), (2, 4)])
    far = find(healthy(), inversions=[(8, 9), (99, 1)])

    assert near == (Finding("inversions", Urgency.NOW, (2, 8), {"count": 2, "first_need": 5}),)
    assert far == (Finding("inversions", Urgency.SOON, (8,), {"count": 1, "first_need": 9}),)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (2, [("runway_short", Urgency.NOW)]),
        (4, [("runway_short", Urgency.SOON)]),
        (8, []),
        (15, [("runway_long", Urgency.LATER)]),
    ],
)
def test_the_runway_is_held_against_its_range(count, expected):
    assert [(finding.key, finding.urgency) for finding in find(healthy(count))] == expected


def test_sprints_outside_the_technical_range_are_named():
    limits = Limits(sprint_points=10, technical_range=(0.2, 0.5))
    items = [item(number, is_technical=number in (4, 5)) for number in range(1, 9)]

    low, high = find(items, limits)

    assert (low.key, low.items, low.numbers["sprints_ahead"]) == ("technical_share_low", (1, 2, 3), 1)
    assert (high.key, high.items, high.numbers["share"]) == ("technical_share_high", (4, 5, 6), pytest.approx(2 / 3))


def test_the_verdict_names_at_most_two_findings():
    items = [item(1, missing_count=9, oldest_question_on=date(2026, 1, 1), points=None), item(2)]
    findings = find(items, inversions=[(1, 2)])

    verdict = health.verdict(health.sprints_ahead(items, LIMITS), LIMITS, findings)

    assert keys(findings)[:3] == ["inversions", "questions_waiting", "runway_short"]
    assert verdict == Verdict("ready_too_little", {"sprints": 0.3}, findings[:2])


@pytest.mark.parametrize(
    ("count", "key"),
    [(0, "nothing_listed"), (3, "ready_too_little"), (8, "ready_enough"), (15, "ready_more_than_needed")],
)
def test_the_verdict_says_how_far_ready_work_reaches(count, key):
    items = healthy(count)

    assert health.verdict(health.sprints_ahead(items, LIMITS), LIMITS, ()).key == key


@pytest.mark.parametrize(
    ("technical_count", "owner_count", "facts", "key"),
    [
        (0, 0, {}, None),
        (4, 0, {}, "needs_technical_owner"),
        (4, 1, {}, None),
        (41, 1, {"missing_count": 1}, "needs_further_technical_owner"),
        (41, 2, {"missing_count": 1}, None),
        (4, 1, {"oldest_question_on": date(2026, 11, 1)}, "needs_further_technical_owner"),
    ],
)
def test_a_technical_owner_is_advised_where_there_is_work_for_one(technical_count, owner_count, facts, key):
    items = [item(number, is_technical=number < technical_count, **facts) for number in range(60)]

    advice = health.technical_owner_advice(items, LIMITS, owner_count=owner_count, today=TODAY)

    assert (advice and advice.key) == key


def test_dates_that_held_are_counted_once_they_are_due():
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    outcomes = [(TODAY, yesterday), (yesterday, TODAY), (yesterday, None), (tomorrow, None), (tomorrow, TODAY)]

    assert health.dates_held(outcomes, today=TODAY) == Held(2, 4)
    assert health.dates_held([], today=TODAY).share is None


def test_the_age_of_the_top_is_the_median_age_of_its_items():
    items = [item(number, created_on=TODAY - timedelta(days=number * 10)) for number in (1, 2, 4)]

    assert health.age_of_top(items, today=TODAY) == 20
    assert health.age_of_top(items, today=TODAY, count=2) == 15
    assert health.age_of_top([], today=TODAY) is None


@given(st.lists(st.tuples(st.none() | st.integers(1, 15), st.booleans(), st.integers(0, 5)), max_size=40))
def test_sprints_hold_the_top_of_the_list_in_order(facts):
    items = [
        item(number, points=points, is_technical=is_technical, missing_count=missing)
        for number, (points, is_technical, missing) in enumerate(facts)
    ]

    sprints = health.sprints_ahead(items, LIMITS)

    taken = [number for sprint in sprints for number in sprint.items]
    assert taken == list(range(len(taken)))
    assert all(sprint.points <= 10 or len(sprint.items) == 1 for sprint in sprints)
    assert len(taken) == len(items) or len(sprints) == 5
    assert health.runway(sprints, LIMITS) <= sum(sprint.points for sprint in sprints) / 10
