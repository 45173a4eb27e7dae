"""A calendar program reads somebody's sprints at a secret address."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Team
from core.permissions import can
from sprints.actions import calendars, sprints
from sprints.models import Sprint
from tests.sprints.test_board import MONDAY


@pytest.fixture
def sprint(kestrel, payments, mia):
    goal = "Größe, Preis; and a goal that is longer than the seventy-five octets of a line, 支払い"
    return sprints.plan(kestrel, starts_on=MONDAY, ends_on=date(2026, 6, 12), by=mia, goal=goal)


@pytest.fixture
def soon(kestrel, payments, mia):
    today = timezone.localdate()
    return sprints.plan(kestrel, starts_on=today, ends_on=today + timedelta(days=11), by=mia, goal="Größe; " + "é" * 80)


def address(user):
    return f"/calendar/{calendars.publish(user, by=user).secret}.ics"


def test_a_program_reads_the_sprints_without_signing_in(soon, kestrel, payments, mia, dev, django_assert_num_queries):
    path = address(dev)
    with django_assert_num_queries(3):
        answer = Client().get(path)

    text = answer.content.decode()
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    host = settings.BASE_URL.rpartition("/")[2].partition(":")[0]
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    assert (event["uid"], event["summary"], event["description"]) == (
        f"sprint-{soon.pk}@{host}",
        "Sprint 1, Kestrel",
        soon.goal,
    )
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (soon.starts_on, soon.ends_on + timedelta(days=1))
    assert event["url"].endswith(f"/products/PAY/sprints/{soon.pk}/")

    # Moved and begun, it is the same event, told anew.
    sprints.edit(soon, by=mia, ends_on=soon.ends_on + timedelta(days=1))
    sprints.start(soon, by=mia)
    (again,) = Calendar.from_ical(Client().get(path).content).walk("VEVENT")
    assert (again["uid"], again["status"]) == (event["uid"], "CONFIRMED")
    assert again["sequence"] > event["sequence"]


def test_who_sees_no_sprints_reads_none(sprint, ines, marek, mia, dev, stan, ada, eve):
    for person in (ines, marek, mia, dev, stan, ada, eve):
        readable = [one for one in Sprint.objects.all() if can(person, "sprint.read", one)]
        assert list(Sprint.objects.readable_by(person)) == readable, person
    Team.objects.update(archived_at=timezone.now())
    assert not Sprint.objects.readable_by(dev).exists()


def test_the_address_is_shown_once_replaced_and_taken_back(soon, dev):
    client, stranger = Client(), Client()
    client.force_login(dev)

    made = client.post("/profile/calendar/").context["address"].removeprefix(settings.BASE_URL)
    assert made.encode() not in client.get("/profile/calendar/").content
    assert stranger.get(made).status_code == 200
    newer = client.post("/profile/calendar/").context["address"].removeprefix(settings.BASE_URL)
    assert [stranger.get(path).status_code for path in (made, newer)] == [404, 200]
    assert "sessionid" not in stranger.cookies
    client.post("/profile/calendar/withdraw/")
    assert stranger.get(newer).status_code == 404
    with pytest.raises(calendars.NoCalendar):
        calendars.withdraw(dev, by=dev)

    last = address(dev)
    dev.is_active = False
    dev.save(update_fields=["is_active"])
    assert stranger.get(last).status_code == 404


def test_an_address_is_not_asked_without_end(soon, dev, settings):
    settings.RATES = settings.RATES | {"calendar.feed": (2, 3600)}
    path = address(dev)

    answers = [Client().get(path).status_code for _ in range(3)]

    assert answers == [200, 200, 429]
