"""What a list screen needs for dates."""

from datetime import timedelta

import orjson
import pytest

from backlog.actions import dependencies, goals, items
from backlog.models import Item
from backlog.queries.readers import reader
from roadmap.actions import forecasts, releases
from roadmap.queries.curves import curves_feed
from sprints.actions import sprints
from tests.roadmap.pasts import TODAY, finish


@pytest.fixture
def forecast(payments, kestrel, ines):
    """Twelve weeks of four items each; two items in the running sprint, three in the list, in a goal and a release."""
    finish(payments, [4] * 12, team=kestrel)
    goal = goals.create(payments, title="Instant payouts", by=ines)
    rows = [{"title": f"Item {n}", "kind": "functional", "type": "story", "goal": goal} for n in range(5)]
    made = items.create_many(payments, rows, by=ines)
    release = releases.create(payments, name="2.0", target_on=TODAY + timedelta(weeks=4), by=ines)
    releases.add(release, made[:3], by=ines)
    dependencies.add(made[1], made[4], by=ines)
    sprint = sprints.plan(kestrel, starts_on=TODAY, ends_on=TODAY + timedelta(days=11), by=ines)
    sprints.add(sprint, made[:2], by=ines)
    sprints.start(sprint, by=ines)
    forecasts.record(payments, on=TODAY, by=ines)
    return made


def feed(product, user, today):
    return orjson.loads(curves_feed(product, reader(product, user), today=today))


def test_the_feed_tells_what_dates_need(payments, kestrel, ines, forecast, django_assert_num_queries):
    finish(payments, [3], on=TODAY + timedelta(days=7), team=kestrel)
    who = reader(payments, ines)

    with django_assert_num_queries(9):
        said = orjson.loads(curves_feed(payments, who, today=TODAY + timedelta(days=7)))

    ids = [item.pk for item in forecast]
    team = said["teams"][0]
    assert said["on"] == TODAY.isoformat()
    assert (team["id"], team["name"], team["weeks"], team["finished"]) == (kestrel.pk, "Kestrel", 12, 3)
    assert all(len(team["curves"][percent]) == 104 for percent in ("50", "85", "95"))
    assert said["ahead"] == [{"id": pk, "team": kestrel.pk} for pk in ids[:2]]
    assert said["needs"] == {str(ids[4]): [ids[1]]}
    assert said["goals"][0]["items"] == ids
    assert (said["releases"][0]["target_on"], said["releases"][0]["items"]) == ("2026-03-30", ids[:3])


def test_restricted_items_are_in_no_part_of_the_feed(payments, ines, mia, forecast):
    Item.objects.filter(pk__in=[forecast[0].pk, forecast[2].pk]).update(is_restricted=True)

    said = feed(payments, mia, TODAY)

    hidden = {forecast[0].pk, forecast[2].pk}
    named = {row["id"] for row in said["ahead"]} | set(said["goals"][0]["items"]) | set(said["releases"][0]["items"])
    assert not hidden & named


def test_before_the_first_forecast_there_is_no_curve(payments, kestrel, ines):
    said = feed(payments, ines, TODAY)

    assert said["on"] is None
    assert said["teams"] == [{"id": kestrel.pk, "name": "Kestrel", "weeks": 0, "curves": None, "finished": 0}]
