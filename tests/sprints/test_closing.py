"""The end of a sprint, and the figures over many."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from backlog.actions import items, life_cycle, splits
from backlog.models import Item
from sprints.actions import notes, sprints
from sprints.queries.history import sprint_history
from sprints.queries.metrics import team_metrics
from tests import factories
from tests.sprints.test_board import MONDAY, START, on
from tests.sprints.test_velocity import close_sprint


@pytest.fixture
def closed(kestrel, payments, mia, ines, dev):
    made = [factories.ItemFactory(product=payments, points=points) for points in (8, 5, 3)]
    sprint = sprints.plan(kestrel, starts_on=MONDAY, ends_on=date(2026, 6, 12), by=mia, at=on(-3))
    sprints.add(sprint, made, by=mia, at=on(-3))
    sprints.start(sprint, by=mia, at=START)
    late = factories.ItemFactory(product=payments, points=4)
    sprints.add(sprint, [late], by=mia, at=on(1))
    for item in (made[0], late):
        life_cycle.begin(item, by=dev, at=on(1))
        life_cycle.finish(item, by=dev, at=on(3))
    life_cycle.begin(made[1], by=dev, at=on(2))
    outcomes = {made[1].pk: "returned", made[2].pk: "returned"}
    return sprints.close(sprint, outcomes, by=mia, at=on(11))


def test_the_figures_of_a_team_stay_when_items_change_later(closed, kestrel, mia, ines, django_assert_num_queries):
    with django_assert_num_queries(3):
        metrics = team_metrics(kestrel, mia, now=timezone.now())

    (one,) = metrics.sprints
    assert (one.velocity, one.throughput, one.say_do, one.added, one.carried, one.cycle_days) == (12, 2, 75, 25, 50, 2)
    assert (one.ages, one.age_days) == ((9.0,), 9)
    assert [(spread.name, spread.values) for spread in metrics.spreads] == [
        ("Velocity", (12,)),
        ("Throughput", (2,)),
        ("Delivered of committed", (75,)),
        ("Added after the start", (25,)),
        ("Not done", (50,)),
        ("From begun to done, each item", (2, 2)),
        ("Age at the close of what was not done", (9,)),
    ]
    assert metrics.calibration == ""

    left = closed.entries.filter(outcome="returned").latest("pk").item
    items.edit(left, by=ines, points=Decimal(13))
    client = Client()
    client.force_login(mia)

    assert team_metrics(kestrel, mia, now=timezone.now()).sprints == metrics.sprints
    page = client.get(f"/products/PAY/sprints/{closed.pk}/")
    section = page.context["section"]
    assert (section.left_points, section.done_count, len(section.rows)) == (8, 2, 4)
    figures = client.get(f"/api/v1/products/PAY/teams/{kestrel.pk}/metrics").json()
    assert (figures["sprints"][0]["age_days"], figures["spreads"][5]["values"]) == (9, [2, 2])


def test_an_unfinished_item_is_split_at_the_end(kestrel, payments, mia, ines, dev):
    item = factories.ItemFactory(product=payments, title="Pay at once", points=8)
    other = factories.ItemFactory(product=payments, points=5)
    sprint = sprints.plan(kestrel, starts_on=MONDAY, ends_on=date(2026, 6, 12), by=mia, at=on(-3))
    sprints.add(sprint, [item, other], by=mia, at=on(-3))
    sprints.start(sprint, by=mia, at=START)
    later = sprints.plan(kestrel, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 26), by=mia)
    client = Client()
    client.force_login(ines)
    path, cut = f"/products/PAY/sprints/{sprint.pk}/close/", f"cut-{item.pk}"
    sent = {f"outcome-{item.pk}": "split", f"outcome-{other.pk}": "carried_over", "into": later.pk}
    assert client.post(path, sent).status_code == 422
    goes = {f"{cut}-done_points": "3", f"{cut}-rest_points": "5", f"{cut}-rest_goes": "carried_over"}
    client.post(path, sent | goes)

    sprint.refresh_from_db()
    item.refresh_from_db()
    rest = payments.items.get(title="Pay at once, the rest")
    assert (sprint.status, sprint.delivered_points, item.status, item.points) == ("closed", 3, "done", 3)
    assert sorted(later.entries.values_list("item", flat=True)) == [other.pk, rest.pk]
    history = sprint_history(sprint, now=timezone.now())
    assert [(change.cause, change.item_id, change.points, change.by) for change in history.log] == [
        ("carried_over", other.pk, -5, "Ines Falkner"),
        ("split", item.pk, -5, "Ines Falkner"),
    ]
    later = sprints.start(later, by=mia)
    log = sprint_history(later, now=timezone.now()).log
    assert [(change.cause, change.item_id, change.points, change.reason) for change in log] == [
        ("carried_over", other.pk, 5, "From Sprint 1")
    ]


def test_the_scrum_master_splits_at_the_close_and_the_rest_stands_where_the_item_would(kestrel, payments, mia, dev):
    above, item, below = (factories.ItemFactory(product=payments, points=8) for _ in range(3))
    sprint = sprints.plan(kestrel, starts_on=MONDAY, ends_on=date(2026, 6, 12), by=mia, at=on(-3))
    sprints.add(sprint, [item], by=mia, at=on(-3))
    sprints.start(sprint, by=mia, at=START)
    with pytest.raises(PermissionDenied):
        splits.split(item, [splits.Part("Mine", 3), splits.Part("Rest", 5)], by=mia)
    with pytest.raises(PermissionDenied):
        sprints.close(sprint, by=dev, cuts={item.pk: sprints.Cut(Decimal(3), Decimal(5))})
    client = Client()
    client.force_login(mia)
    path, cut = f"/products/PAY/sprints/{sprint.pk}/", f"cut-{item.pk}"
    assert client.get(path).context["splittable"] == {item.pk}

    sent = {f"outcome-{item.pk}": "split", f"{cut}-done_points": "3", f"{cut}-rest_points": "5"}
    client.post(f"{path}close/", sent | {f"{cut}-rest_goes": "returned"})

    rest = Item.objects.get(split_from=item)
    assert [one.pk for one in payments.items.ranked()] == [above.pk, rest.pk, below.pk]
    sprint.refresh_from_db()
    assert (sprint.status, sprint.delivered_points, rest.points) == ("closed", 3, 5)


def test_promises_that_held_are_counted(kestrel, mia):
    for number, points in enumerate((20, 20, 20, 20, 20, 10, 20), 1):
        close_sprint(kestrel, mia, number, points)

    assert team_metrics(kestrel, mia, now=timezone.now()).calibration == "Your 85 % lines held 2 of 3 times."


def test_an_action_of_the_retrospective_becomes_an_item_that_is_followed_up(closed, kestrel, payments, mia, dev):
    note = notes.write(closed, "action", "Deploy each day", by=dev, product=payments)
    notes.write(closed, "correction", "PAY-1 was 5 points", by=mia)
    later = sprints.plan(kestrel, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 26), by=mia)
    with pytest.raises(notes.NotBegun):
        notes.write(later, "review", "Early", by=mia)
    sprints.start(later, by=mia)
    client = Client()
    client.force_login(dev)

    followed = client.get(f"/products/PAY/sprints/{later.pk}/").context["followed"]
    old = client.get(f"/products/PAY/sprints/{closed.pk}/")

    assert (note.item.title, note.item.status, note.item.team) == ("Deploy each day", Item.Status.PROPOSED, kestrel)
    assert list(followed) == [note]
    assert [one.kind for one in old.context["notes"]] == ["action", "correction"]
    assert client.get(f"/products/PAY/sprints/teams/{kestrel.pk}/metrics/").context["metrics"].sprints[0].velocity == 12
    with pytest.raises(sprints.SprintClosed):
        sprints.edit(closed, by=mia, goal="Another")
    closed.refresh_from_db()
    assert closed.delivered_points == Decimal(12)
