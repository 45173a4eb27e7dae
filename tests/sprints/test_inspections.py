"""A running sprint is held against its forecast, acted on, and told of."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.unsubscribing import opened
from backlog.models import Comment
from core.models import Event, OutgoingMail
from sprints import tasks
from sprints.actions import board, inspections, sprints
from sprints.models import Inspection
from sprints.queries import inspecting
from tests import factories
from tests.sprints.test_board import MONDAY, START, on
from tests.sprints.test_velocity import close_sprint


@pytest.fixture
def items(payments):
    """A and B are for the goal, C is not and stands first."""
    return [
        factories.ItemFactory(product=payments, title=f"Item {name}", points=points)
        for name, points in (("C", 12), ("A", 8), ("B", 5))
    ]


@pytest.fixture
def running(kestrel, payments, ines, mia, items):
    for number in range(1, 9):
        close_sprint(kestrel, mia, number, 20)
    sprint = sprints.plan(kestrel, starts_on=MONDAY, ends_on=date(2026, 6, 12), by=mia, goal="Paid at once", at=on(-3))
    sprints.add(sprint, items, by=mia, at=on(-3))
    sprints.choose_for_goal(sprint, items[1:], by=mia)
    return sprints.start(sprint, by=mia, at=START)


def mails():
    return sorted(OutgoingMail.objects.values_list("to", "subject"))


def test_an_alert_needs_two_low_days_and_the_next_one_says_what_helped(running, items, mia, dev, stan, ines):
    first = inspections.inspect(running, date(2026, 6, 3), by=mia, at=on(2))
    assert (first.is_low, first.is_alert) == (True, False)

    second = inspections.inspect(running, date(2026, 6, 4), by=User.objects.service("inspections"), at=on(3))

    assert second.is_alert
    assert second.start_percent >= 95
    assert second.causes[-1] == "The team is 10 points behind an even pace."
    assert second.suggestion["kind"] == "reorder"
    assert second.suggestion["percent"] >= second.goal_percent + 5

    action = inspections.take(second, by=dev)
    third = inspections.inspect(running, date(2026, 6, 5), by=mia, at=on(4))

    action.refresh_from_db()
    assert action.outcome_percent == third.goal_percent
    assert action.has_helped
    with pytest.raises(inspections.NothingSuggested):
        inspections.take(second, by=dev)
    inspections.undo(action, by=mia)
    with pytest.raises(inspections.NothingToUndo):
        inspections.undo(action, by=mia)
    assert [event.name for event in Event.objects.filter(name__startswith="sprint.correct").order_by("id")] == [
        "sprint.corrected",
        "sprint.correction_undone",
    ]


def test_a_suggestion_is_raised_in_the_daily_or_put_aside(running, items, mia, dev, ines):
    inspection = inspections.inspect(running, date(2026, 6, 4), by=mia, at=on(3))
    with pytest.raises(inspections.NothingSuggested):
        inspections.judge(_suggesting(inspection, None), "raised", by=dev)
    inspection = _suggesting(inspection, {"kind": "drop", "item": items[0].pk, "into": None, "percent": 95})
    client = Client()
    client.force_login(dev)
    path = f"/products/PAY/sprints/{running.pk}/"

    there = client.post(f"{path}inspections/{inspection.pk}/judge/?daily=person&at=0", {"verdict": "raised"}).url
    assert there == f"{path}?daily=person&at=0"
    daily = client.get(there)
    assert (daily.context["stop"], daily.context["raised"]) == (("Raised for today", ()), True)
    assert b"Raised for the daily by Dev" in daily.content

    inspections.judge(inspection, "not_now", by=mia)
    page = client.get(path)
    assert page.context["seen"].is_waiting is False
    assert b"Not now: Move PAY-" in page.content

    # It looks again, and finds something else: the verdict was not on that.
    again = inspections.inspect(running, date(2026, 6, 4), by=mia, at=on(3, 15))
    assert (again.suggestion["kind"], again.verdict) == ("reorder", "")
    inspections.take(again, by=dev)
    with pytest.raises(inspections.AlreadyTaken):
        inspections.judge(again, "not_now", by=mia)
    sprints.close(running, dict.fromkeys((item.pk for item in items), "returned"), by=mia)
    assert inspecting.latest(running).action.end == f"it did not help: {again.goal_percent} % before, 0 % after"


def _suggesting(inspection, suggestion):
    inspection.suggestion = suggestion
    inspection.save(update_fields=["suggestion"])
    return inspection


@pytest.mark.parametrize("person", ["ines", "mia"])
def test_what_is_suggested_to_be_split_is_split_and_put_together(running, items, ines, dev, person, request):
    by = request.getfixturevalue(person)
    change = {"kind": "split", "item": items[1].pk, "into": None, "percent": 90}
    inspection = _suggesting(inspections.inspect(running, date(2026, 6, 4), by=ines, at=on(3)), change)
    with pytest.raises(PermissionDenied):
        inspections.take(inspection, by=dev)

    action = inspections.take(inspection, by=by)

    items[1].refresh_from_db()
    rest = items[1].product.items.get(title="Item A, the rest")
    assert (items[1].points, rest.points, rest.status) == (4, 4, "open")
    inspections.undo(action, by=by)
    items[1].refresh_from_db()
    rest.refresh_from_db()
    assert (items[1].points, rest.status) == (8, "dropped")


@pytest.mark.parametrize("kind", ["drop", "swap", "ask"])
def test_what_is_taken_can_be_taken_back(running, items, mia, ines, payments, kind):
    spare = factories.ItemFactory(product=payments, points=2)
    inspection = inspections.inspect(running, date(2026, 6, 3), by=mia, at=on(2))
    inspection.suggestion = {"kind": kind, "item": items[0].pk, "into": spare.pk, "percent": 90}
    inspection.save()

    def scope():
        return set(running.entries.filter(outcome="").values_list("item", flat=True))

    before = scope()
    action = inspections.take(inspection, by=mia)

    changed = {"drop": before - {items[0].pk}, "swap": before - {items[0].pk} | {spare.pk}, "ask": before}[kind]
    assert scope() == changed
    assert Comment.objects.filter(removed_at=None).count() == (kind == "ask")
    inspections.undo(action, by=mia)
    assert scope() == before
    assert not Comment.objects.filter(removed_at=None).exists()


def test_causes_name_what_is_stuck_but_nothing_secret(running, items, mia, dev, ines):
    for item in items[:2]:
        board.move(running, item, status="in_progress", by=dev, at=on(1))
    items[0].is_restricted = True
    items[0].save(update_fields=["is_restricted"])

    found = inspections.inspect(running, date(2026, 6, 5), by=mia, at=on(4))

    assert found.causes[0] == f"{items[1].key} has been in “In progress” for 4 days."
    assert not any(items[0].key in cause for cause in found.causes)
    again = inspections.inspect(running, date(2026, 6, 5), by=mia, at=on(4, 15))
    assert (again.pk, Inspection.objects.count()) == (found.pk, 1)


def test_the_job_inspects_each_running_sprint_once_a_working_day(running, mia, ines):
    now = timezone.now()
    running.ends_on = now.date()
    running.save(update_fields=["ends_on"])

    tasks.inspect(slot=f"{now:%Y-%m-%dT%H}:00Z")
    tasks.inspect(slot=f"{now:%Y-%m-%dT%H}:01Z")

    is_due = now.weekday() < 5 and now.hour >= tasks.FROM_HOUR
    assert Inspection.objects.filter(sprint=running).count() == is_due


def test_a_note_is_published_read_and_mailed(running, ines, mia, stan, payments):
    client = Client()
    client.force_login(ines)
    path = f"/products/PAY/sprints/{running.pk}/"
    drafted = client.get(path).context["draft"]
    assert drafted.startswith("The goal of Sprint 9: Paid at once.\n\nAbout 0 % of the work is done")

    client.post(f"{path}note/", {"text": "We are on our way."})

    reader = Client()
    reader.force_login(stan)
    assert b"We are on our way." in reader.get("/products/PAY/status/").content
    assert (stan.email, "Payments: news of Sprint 9") in mails()
    with pytest.raises(PermissionDenied):
        inspections.publish(payments, running, "Mine", by=mia)


def test_the_team_hears_of_start_trouble_and_close_as_each_has_chosen(kestrel, running, items, mia, dev, ines):
    for person, wanted in ((mia, ("sprint_start", "sprint_close")), (dev, ("sprint_alert", "status_note"))):
        client = Client()
        client.force_login(person)
        client.post("/profile/mails/", dict.fromkeys(wanted, "on"))
    OutgoingMail.objects.all().delete()

    inspections.inspect(running, date(2026, 6, 3), by=mia, at=on(2))
    inspections.inspect(running, date(2026, 6, 4), by=mia)
    sprints.close(running, dict.fromkeys((item.pk for item in items), "returned"), by=mia)
    following = sprints.plan(kestrel, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 26), by=mia)
    sprints.start(following, by=mia)

    assert mails() == [
        (dev.email, "Sprint 9 of Kestrel is in trouble"),
        (mia.email, "Sprint 10 of Kestrel has begun"),
        (mia.email, "Sprint 9 of Kestrel is closed"),
    ]
    (_, token, _) = OutgoingMail.objects.get(to=dev.email).unsubscribe_url.rsplit("/", 2)
    assert opened(token) == (dev, "sprint_alert")
