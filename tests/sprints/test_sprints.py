"""A sprint from plan to close."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlog.actions import items, life_cycle
from backlog.models import Item
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event
from sprints.actions import sprints
from sprints.models import Sprint, SprintItem
from sprints.permissions import sprint_roles
from tests import factories

DATES = {"starts_on": date(2026, 1, 5), "ends_on": date(2026, 1, 18)}


@pytest.fixture
def three(payments, ines):
    rows = [
        {"title": title, "kind": "functional", "type": "story", "points": points}
        for title, points in (("Retry", 3), ("Refund", 5), ("Report", None))
    ]
    return items.create_many(payments, rows, by=ines)


@pytest.fixture
def planned(kestrel, payments, mia):
    return sprints.plan(kestrel, by=mia, goal="Retries work", **DATES)


@pytest.fixture
def active(planned, three, mia):
    sprints.add(planned, three[:2], by=mia)
    return sprints.start(planned, by=mia)


def ranked(product):
    return list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))


def outcomes(sprint):
    return dict(SprintItem.objects.filter(sprint=sprint).values_list("item__title", "outcome"))


def last_event(target):
    event = Event.objects.about(target).newest_first().first()
    return event.name, event.data


def do(item, *steps, by):
    for step in steps:
        item = getattr(life_cycle, step)(item, by=by)
    return item


def test_a_team_numbers_its_sprints(kestrel, planned, mia):
    second = sprints.plan(kestrel, by=mia, **DATES)

    assert [(s.number, s.status, s.goal) for s in (planned, second)] == [
        (1, "planned", "Retries work"),
        (2, "planned", ""),
    ]
    assert last_event(planned) == ("sprint.planned", {"team": kestrel.pk, "number": 1, "goal": "Retries work"})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_on": date(2026, 1, 4)}, "ends_on"),
        ({"ends_on": date(2026, 3, 6)}, "ends_on"),
        ({"capacity_points": -1}, "capacity_points"),
        ({"goal": "x" * 301}, "goal"),
    ],
)
def test_a_plan_that_cant_be_right_is_refused(values, field, kestrel, payments, mia):
    with pytest.raises(InvalidInput) as refusal:
        sprints.plan(kestrel, by=mia, **(DATES | values))

    assert refusal.value.field == field


def test_editing_records_old_and_new(planned, mia):
    sprint = sprints.edit(planned, goal="Refunds work", capacity_points="21", version=1, by=mia)

    assert (sprint.capacity_points, sprint.version) == (Decimal(21), 2)
    assert last_event(sprint)[1]["changes"]["goal"] == ["Retries work", "Refunds work"]
    with pytest.raises(PreconditionFailed):
        sprints.edit(planned, goal="Other", version=1, by=mia)


def test_planned_items_stay_in_the_order_until_the_start(payments, planned, three, mia):
    sprints.add(planned, three[:2], by=mia)
    assert ranked(payments) == ["Retry", "Refund", "Report"]

    sprint = sprints.start(planned, by=mia)

    assert ranked(payments) == ["Report"]
    assert (sprint.status, sprint.started_by, sprint.committed_points) == ("active", mia, Decimal(8))
    assert last_event(sprint) == (
        "sprint.started",
        {"items": [three[0].pk, three[1].pk], "committed_points": "8.00", "capacity_points": None},
    )
    assert list(SprintItem.objects.values_list("points_at_start", flat=True)) == [Decimal(3), Decimal(5)]


def test_a_sprint_starts_once_and_alone(kestrel, active, mia):
    other = sprints.plan(kestrel, by=mia, **DATES)

    with pytest.raises(sprints.AlreadyActive):
        sprints.start(other, by=mia)
    with pytest.raises(sprints.NotPlanned):
        sprints.start(active, by=mia)
    other.refresh_from_db()
    assert other.status == "planned"


def test_what_was_given_up_before_the_start_stays_out(planned, three, mia, ines):
    sprints.add(planned, three[:2], by=mia)
    life_cycle.drop(three[0], by=ines)

    sprint = sprints.start(planned, by=mia)

    assert (sprint.committed_points, outcomes(sprint)) == (Decimal(5), {"Retry": "removed", "Refund": ""})


def test_pulling_into_a_running_sprint_changes_its_scope(payments, active, three, dev):
    sprints.add(active, [three[2]], by=dev)

    assert ranked(payments) == []
    assert last_event(three[2]) == (
        "item.added_to_sprint",
        {"sprint": active.pk, "number": 1, "points": None, "is_scope_change": True, "reason": ""},
    )
    active.refresh_from_db()
    assert active.committed_points == 8


def test_what_is_taken_out_returns_to_its_place(payments, active, three, dev):
    sprints.remove(active, [three[0]], by=dev, reason="Too big.")

    assert ranked(payments) == ["Retry", "Report"]
    assert outcomes(active) == {"Retry": "removed", "Refund": ""}
    assert last_event(three[0]) == (
        "item.removed_from_sprint",
        {"sprint": active.pk, "number": 1, "points": "3.00", "is_scope_change": True, "reason": "Too big."},
    )
    with pytest.raises(sprints.NotInSprint):
        sprints.remove(active, [three[0]], by=dev)


def test_an_item_is_in_one_sprint_at_a_time(kestrel, active, three, mia):
    other = sprints.plan(kestrel, by=mia, **DATES)

    with pytest.raises(sprints.InAnotherSprint) as refusal:
        sprints.add(other, three, by=mia)

    assert refusal.value.extra == {"items": ["PAY-1", "PAY-2"]}


def test_only_open_items_of_the_teams_products_are_pulled(payments, planned, three, mia, ines):
    proposed = items.propose(payments, by=ines, title="Idea", kind="functional", type="story")
    dropped = life_cycle.drop(three[0], by=ines)
    foreign = factories.ItemFactory(product=factories.ProductFactory(organization=payments.organization, key="LED"))

    for item in (proposed, dropped, foreign):
        with pytest.raises(sprints.NotPullable):
            sprints.add(planned, [item], by=mia)
    with pytest.raises(InvalidInput):
        sprints.add(planned, [], by=mia)


def test_closing_counts_what_is_finished_and_returns_the_rest(payments, active, three, dev, mia):
    do(three[0], "begin", "finish", by=dev)

    sprint = sprints.close(active, {three[1].pk: "returned"}, by=mia)

    assert (sprint.status, sprint.closed_by, sprint.delivered_points) == ("closed", mia, Decimal(3))
    assert outcomes(sprint) == {"Retry": "done", "Refund": "returned"}
    assert ranked(payments) == ["Refund", "Report"]
    assert last_event(sprint) == (
        "sprint.closed",
        {
            "delivered_points": "3.00",
            "committed_points": "8.00",
            "into": None,
            "done": [three[0].pk],
            "returned": [three[1].pk],
            "carried_over": [],
            "removed": [],
            "split": {},
        },
    )


def test_closing_carries_over_into_the_next_sprint(payments, kestrel, active, three, mia):
    following = sprints.plan(kestrel, by=mia, **DATES)

    sprints.close(active, {item.pk: "carried_over" for item in three[:2]}, by=mia, into=following)
    assert (outcomes(active), outcomes(following)) == (
        {"Retry": "carried_over", "Refund": "carried_over"},
        {"Retry": "", "Refund": ""},
    )
    assert ranked(payments) == ["Retry", "Refund", "Report"]
    sprints.start(following, by=mia)

    assert ranked(payments) == ["Report"]


def test_closing_asks_what_happens_to_what_is_left(active, three, mia):
    with pytest.raises(sprints.OutcomeMissing) as refusal:
        sprints.close(active, {three[0].pk: "returned"}, by=mia)
    assert refusal.value.extra == {"items": ["PAY-2"]}
    for into in (None, active):
        with pytest.raises(sprints.NowhereToCarry):
            sprints.close(active, {item.pk: "carried_over" for item in three[:2]}, by=mia, into=into)

    active.refresh_from_db()
    assert active.status == "active"


def test_a_dropped_item_is_no_longer_asked_for(active, three, ines, mia):
    life_cycle.drop(three[0], by=ines)

    sprint = sprints.close(active, {three[1].pk: "returned"}, by=mia)

    assert outcomes(sprint) == {"Retry": "removed", "Refund": "returned"}


def test_an_item_sent_back_stays_in_its_running_sprint(payments, active, three, dev, ines):
    item = do(three[0], "begin", "finish", by=dev)

    life_cycle.send_back(item, by=ines, reason="No logging.")

    assert (ranked(payments), outcomes(active)["Retry"]) == (["Report"], "")


def test_a_closed_sprint_stays_as_it_was(active, three, dev, mia):
    do(three[0], "begin", "finish", by=dev)
    do(three[1], "begin", "finish", by=dev)
    sprint = sprints.close(active, by=mia)
    items.edit(three[0], points=13, by=mia)

    for attempt in (
        lambda: sprints.edit(sprint, goal="Other", by=mia),
        lambda: sprints.add(sprint, [three[2]], by=mia),
        lambda: sprints.remove(sprint, [three[0]], by=mia),
    ):
        with pytest.raises(sprints.SprintClosed):
            attempt()
    with pytest.raises(sprints.NotActive):
        sprints.close(sprint, by=mia)
    sprint.refresh_from_db()
    assert (sprint.delivered_points, sprint.goal) == (Decimal(8), "Retries work")


def test_history_can_be_replayed_at_its_own_times(kestrel, payments, ines, dev, mia):
    def day(number):
        return datetime(2026, 1, number, 9, tzinfo=UTC)

    item = items.create(payments, by=ines, title="Retry", kind="functional", type="story", points=3, at=day(1))
    sprint = sprints.plan(kestrel, by=mia, at=day(2), **DATES)
    sprints.add(sprint, [item], by=mia, at=day(3))
    sprints.start(sprint, by=mia, at=day(5))
    life_cycle.begin(item, by=dev, at=day(6))
    life_cycle.finish(item, by=dev, at=day(8))
    sprints.close(sprint, by=mia, at=day(18))

    item.refresh_from_db()
    sprint.refresh_from_db()
    entry = SprintItem.objects.get()
    assert (item.created_at, item.started_at, item.done_at, item.status_at) == (day(1), day(6), day(8), day(8))
    assert (sprint.created_at, sprint.started_at, sprint.closed_at) == (day(2), day(5), day(18))
    assert (entry.added_at, entry.left_at) == (day(3), day(18))
    moved = payments.order.moves.order_by("version").values_list("kind", "at")
    assert list(moved) == [("enter", day(1)), ("leave", day(5))]
    assert list(Event.objects.order_by("id").values_list("at", flat=True)) == [day(n) for n in (1, 2, 3, 5, 6, 8, 18)]


def test_scope_changes_take_the_same_statements_for_any_number_of_items(kestrel, payments, ines, mia):
    rows = [{"title": f"Row {n}", "kind": "functional", "type": "story", "points": 1} for n in range(26)]
    made = items.create_many(payments, rows, by=ines)

    def counted(part):
        sprint = sprints.plan(kestrel, by=mia, **DATES)
        with CaptureQueriesContext(connection) as captured:
            sprints.add(sprint, part, by=mia)
            sprints.start(sprint, by=mia)
            sprints.close(sprint, {item.pk: "returned" for item in part}, by=mia)
        return len(captured)

    assert counted(made[:2]) == counted(made[2:])


@pytest.mark.parametrize(
    ("who", "roles", "allowed"),
    [
        ("mia", {"scrum_master"}, {"plan", "edit", "add", "remove", "start", "close"}),
        ("ines", {"product_owner"}, {"plan", "edit", "add", "remove", "start", "close"}),
        ("dev", {"team_member"}, {"add", "remove"}),
        ("marek", {"technical_owner"}, set()),
        ("stan", set(), set()),
        ("ada", set(), set()),
        ("eve", set(), set()),
    ],
)
def test_the_scrum_master_plans_and_the_team_pulls(who, roles, allowed, kestrel, active, three, mia, request):
    user = request.getfixturevalue(who)
    waiting = sprints.plan(kestrel, by=mia, **DATES)
    attempts = {
        "plan": lambda: sprints.plan(kestrel, by=user, **DATES),
        "edit": lambda: sprints.edit(active, goal="Mine", by=user),
        "add": lambda: sprints.add(active, [three[2]], by=user),
        "remove": lambda: sprints.remove(active, [three[2]], by=user),
        "close": lambda: sprints.close(active, {item.pk: "returned" for item in three}, by=user),
        "start": lambda: sprints.start(waiting, by=user),
    }

    done = set()
    for name, attempt in attempts.items():
        try:
            attempt()
        except (PermissionDenied, sprints.NotInSprint) as refusal:
            assert isinstance(refusal, PermissionDenied)
            continue
        done.add(name)

    assert (sprint_roles(user, active), done) == (roles, allowed)


def test_a_scrum_master_of_another_team_is_nobody_here(payments, planned, three):
    heron = factories.TeamFactory(organization=payments.organization, name="Heron")
    factories.ProductTeamFactory(product=payments, team=heron)
    other = factories.MemberFactory(organization=payments.organization)
    factories.TeamMembershipFactory(team=heron, user=other, role="scrum_master")

    assert sprint_roles(other, planned) == set()
    with pytest.raises(PermissionDenied):
        sprints.start(planned, by=other)


def test_a_team_that_was_put_away_plans_nothing(kestrel, planned, mia, ines):
    type(kestrel).objects.filter(pk=kestrel.pk).update(archived_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert (sprint_roles(mia, planned), sprint_roles(ines, planned)) == (set(), {"product_owner"})


def test_sprints_are_visible_to_the_team_and_to_its_products(planned, ines, marek, mia, dev, stan, eve):
    seen = {u.name: Sprint.objects.visible_to(u).exists() for u in (ines, marek, mia, dev, stan, eve)}

    assert [name for name, sees in seen.items() if not sees] == ["Eve Moss"]


def test_roles_towards_a_sprint_take_one_statement(planned, mia, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert sprint_roles(mia, planned) == {"scrum_master"}


def test_closing_tells_nothing_of_items_that_the_scrum_master_cannot_see(world):
    items.edit(world.second, by=world.ines, is_restricted=True, component=None)
    sprints.start(world.sprint, by=world.ines)

    closed = sprints.close(world.sprint, by=world.mia)

    assert [entry.outcome for entry in closed.entries.all()] == ["returned"]
    assert world.second.order_entry.is_listed
