"""The team's board of a running sprint, and what the event log tells of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backlog.actions import dependencies, items, life_cycle
from core.errors import InvalidInput
from sprints.actions import availability, board, sprints
from sprints.actions.board import ColumnPlan
from sprints.queries.history import sprint_history
from sprints.queries.team_view import daily_stops, team_view
from tests import factories
from tests.sprints.test_velocity import close_sprint

MONDAY = date(2026, 6, 1)
START = datetime(2026, 6, 1, 8, tzinfo=UTC)


def on(day, hour=12):
    return START + timedelta(days=day, hours=hour - 8)


@pytest.fixture
def three(payments):
    return [
        factories.ItemFactory(product=payments, title=f"Item {name}", points=points, status="open")
        for name, points in (("A", 8), ("B", 5), ("C", 3))
    ]


@pytest.fixture
def running(kestrel, payments, mia, three):
    sprint = sprints.plan(kestrel, starts_on=MONDAY, ends_on=date(2026, 6, 12), by=mia, goal="Paid at once", at=on(-3))
    sprints.add(sprint, three, by=mia, at=on(-3))
    return sprints.start(sprint, by=mia, at=START)


def columns_of(sprint, user, now):
    view = team_view(sprint, user, now=now)
    (lane,) = view.board.lanes(by_person=False)
    return {column.name: [card.title for card in cards] for column, cards in lane.cells}


def test_a_card_moves_and_its_item_lives_on(running, three, dev, mia, ines):
    first = three[0]
    board.move(running, first, status="in_progress", by=dev, at=on(1))
    board.move(running, three[1], status="done", by=dev, at=on(1))

    assert columns_of(running, dev, on(2)) == {"To do": ["Item C"], "In progress": ["Item A"], "Done": ["Item B"]}
    first.refresh_from_db()
    assert (first.status, first.started_at) == ("in_progress", on(1))
    with pytest.raises(PermissionDenied):
        board.move(running, three[1], status="open", by=dev)
    board.move(running, three[1], status="open", by=ines, at=on(2))
    three[1].refresh_from_db()
    assert (three[1].status, three[1].done_at) == ("open", None)
    life_cycle.begin(three[1], by=dev)
    life_cycle.finish(three[1], by=dev)
    life_cycle.accept(three[1], by=ines)
    with pytest.raises(board.AlreadyAccepted):
        board.move(running, three[1], status="open", by=ines)
    with pytest.raises(board.NotOnBoard):
        board.move(running, factories.ItemFactory(product=first.product), status="done", by=dev)


def test_columns_of_the_teams_own_with_a_limit(running, three, kestrel, mia, dev):
    made = board.arrange(
        kestrel,
        [
            ColumnPlan(None, "Next", "open", None),
            ColumnPlan(None, "Building", "in_progress", 1),
            ColumnPlan(None, "In review", "in_progress", None),
            ColumnPlan(None, "Done", "done", None),
        ],
        by=mia,
    )
    _, building, review, _ = made
    board.move(running, three[0], status="in_progress", column=review, by=dev, at=on(1))
    board.move(running, three[1], status="in_progress", by=dev, at=on(1))
    board.move(running, three[2], status="in_progress", column=building, by=dev, at=on(1))

    view = team_view(running, dev, now=on(4))

    assert columns_of(running, dev, on(4)) == {
        "Next": [],
        "Building": ["Item B", "Item C"],
        "In review": ["Item A"],
        "Done": [],
    }
    assert [(column.name, column.is_over) for column in view.board.columns if column.limit] == [("Building", True)]
    assert next((card.title, card.days, card.is_old) for card in view.board.cards) == ("Item A", 4, True)
    kept = board.arrange(
        kestrel, [ColumnPlan(made[0].pk, "Soon", "open", 2), *_plans(made[1]), *_plans(made[3])], by=mia
    )
    assert [column.name for column in kept] == ["Soon", "Building", "Done"]
    assert columns_of(running, dev, on(4))["Building"] == ["Item A", "Item B", "Item C"]


def _plans(column):
    return [ColumnPlan(column.pk, column.name, column.status, column.wip_limit)]


@pytest.mark.parametrize(
    "statuses", [["open", "done"], ["done", "in_progress", "open"], ["open", "in_progress", "done", "open"]]
)
def test_a_board_has_all_three_in_their_order(kestrel, mia, payments, statuses):
    with pytest.raises(InvalidInput):
        board.arrange(kestrel, [ColumnPlan(None, status, status, None) for status in statuses], by=mia)


def test_what_waits_and_who_is_asked_in_the_daily(running, three, ines, mia, dev, payments):
    needed = factories.ItemFactory(product=payments)
    dependencies.add(needed, three[0], by=ines)
    items.edit(three[0], by=ines, assignee=dev)
    board.move(running, three[1], status="in_progress", by=mia, at=on(1))

    view = team_view(running, dev, now=on(2))

    assert view.board.cards[0].waits_for == (needed.key,)
    assert [name for name, _ in daily_stops(view.board, "person")] == ["Dev Patel", "Nobody yet"]
    assert next(name for name, _ in daily_stops(view.board, "item")) == three[1].key
    assert [(one.key, one.text) for one in view.said][:1] == [(three[1].key, "from Open to In progress")]


def test_the_scope_log_keeps_causes_apart_and_the_start_stands(running, three, ines, mia, dev, kestrel, payments):
    for number in range(100, 105):
        close_sprint(kestrel, mia, number, 20)
    running.capacity_points = 20
    running.save(update_fields=["capacity_points"])
    late = factories.ItemFactory(product=payments, title="Item L", points=2)
    board.move(running, three[0], status="done", by=dev, at=on(1))
    sprints.add(running, [late], by=mia, reason="A customer asked", at=on(2))
    items.edit(three[1], by=ines, points=Decimal(8), at=on(2, 13))
    sprints.remove(running, [three[2]], by=mia, reason="Not needed", at=on(3))
    availability.add_absence(kestrel, dev, starts_on=date(2026, 6, 11), ends_on=date(2026, 6, 12), by=mia, at=on(3, 13))
    life_cycle.drop(late, by=ines, reason="Too late", at=on(4))

    history = sprint_history(running, now=on(7))

    assert [(change.cause, change.item_id, change.points, change.by, change.reason) for change in history.changes] == [
        ("added", late.pk, 2, "Mia Dahl", "A customer asked"),
        ("re-estimated", three[1].pk, 3, "Ines Falkner", "from 5 to 8"),
        ("removed", three[2].pk, -3, "Mia Dahl", "Not needed"),
        ("capacity_changed", None, -2, "Mia Dahl", "Dev Patel is away from 11 to 12 Jun"),
        ("removed", late.pk, -2, "Ines Falkner", "Too late"),
    ]
    assert [(day.scope, day.done, day.remaining) for day in history.days] == [
        (16, 0, 16),
        (16, 8, 8),
        (21, 8, 13),
        (18, 8, 10),
        (16, 8, 8),
        (16, 8, 8),
    ]
    assert (history.committed, history.even_pace(9), len(history.all_days)) == (16, 0, 10)


@pytest.fixture
def signed_in(dev):
    client = Client()
    client.force_login(dev)
    return client


def test_the_pages_of_a_running_sprint(running, three, signed_in, mia, kestrel):
    path = f"/products/PAY/sprints/{running.pk}/"
    sprints.plan(kestrel, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 26), by=mia)
    moved = signed_in.post(f"{path}move/", {"keys": three[0].key, "column": "in_progress"})
    assert moved.status_code == 303

    for query in ("", "?lanes=person", "?daily=person", "?daily=item&at=1"):
        answer = signed_in.get(path + query)
        assert answer.status_code == 200, query
        assert b"Paid at once" in answer.content
    charts = signed_in.get(f"{path}charts/")
    assert charts.context["history"].committed == 16
    assert b"Burndown: 16 points are left" in charts.content


def test_the_board_asks_as_much_for_many_as_for_one(kestrel, payments, ines, mia, dev, signed_in):
    def item_with(person, needs):
        made = factories.ItemFactory(product=payments, points=1, assignee=person)
        for _ in range(needs):
            dependencies.add(factories.ItemFactory(product=payments), made, by=ines)
        return made

    def statements():
        asked = []
        for path in (page, f"{page}?daily=item", f"{page}charts/", f"/api/v1{page}board"):
            with CaptureQueriesContext(connection) as captured:
                assert signed_in.get(path).status_code == 200
            asked.append(len(captured))
        return asked

    sprint = sprints.plan(kestrel, starts_on=MONDAY, ends_on=date(2026, 6, 12), by=mia)
    sprint = sprints.start(sprint, by=mia)
    sprints.add(sprint, [item_with(dev, 1)], by=mia, reason="Forgotten")
    page = f"/products/PAY/sprints/{sprint.pk}/"
    statements()
    for_one = statements()

    sprints.add(sprint, [item_with(mia, 2), item_with(ines, 3)], by=mia, reason="A customer asked")

    assert statements() == for_one
    assert for_one[-1] <= 12
