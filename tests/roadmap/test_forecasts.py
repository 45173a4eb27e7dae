"""Forecasts of a product: made once a day, kept, and held against what happened."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from backlog.actions import dependencies, goals, items, ordering
from core.models import Event
from roadmap.actions import forecasts, releases
from roadmap.models import Forecast
from roadmap.queries.held import Held, Level, forecasts_that_held
from tests import factories
from tests.roadmap.pasts import TODAY, finish

STEADY = [4] * 12


@pytest.fixture
def night(db):
    return User.objects.service("night")


def make_items(product, count, by, **values):
    rows = [{"title": f"Item {n}", "kind": "functional", "type": "story", **values} for n in range(count)]
    return items.create_many(product, rows, by=by)


@pytest.fixture
def heron(payments):
    team = factories.TeamFactory(organization=payments.organization, name="Heron")
    factories.ProductTeamFactory(product=payments, team=team)
    return team


def test_a_forecast_is_made_once_a_day_and_kept(payments, ines, night):
    goal = goals.create(payments, title="Instant payouts", by=ines)
    finish(payments, STEADY)
    made = make_items(payments, 10, ines, goal=goal)
    release = releases.create(payments, name="2.0", by=ines)
    releases.add(release, made[:2], by=ines)

    first = forecasts.record(payments, on=TODAY, by=night)
    second = forecasts.record(payments, on=TODAY, by=night)

    assert (second, second.made_at) == (first, first.made_at)
    assert Event.objects.filter(name="forecast.made").count() == 1
    assert first.items == [item.pk for item in made]
    assert first.weeks_50 == sorted(first.weeks_50)
    assert all(a <= b <= c for a, b, c in zip(first.weeks_50, first.weeks_85, first.weeks_95, strict=True))
    of_goal, of_release = first.dates.order_by("release")[::-1]
    assert (of_release.open_count, of_goal.open_count) == (2, 10)
    assert of_goal.date_85 == TODAY + timedelta(weeks=first.weeks_85[-1])
    assert of_release.date_85 == TODAY + timedelta(weeks=first.weeks_85[1])


def test_another_order_on_the_same_day_is_forecast_anew_in_the_same_row(payments, ines, night):
    finish(payments, STEADY)
    made = make_items(payments, 10, ines, goal=goals.create(payments, title="Instant payouts", by=ines))
    first = forecasts.record(payments, on=TODAY, by=night)
    ordering.move(payments, [made[-1].pk], ordering.Place.top(), by=ines)

    second = forecasts.record(payments, on=TODAY, by=night)

    assert second == first
    assert second.items == [made[-1].pk, *(item.pk for item in made[:-1])]
    assert second.dates.get().open_count == 10


def test_equal_input_gives_an_equal_forecast(payments, ines, night):
    finish(payments, [3, 0, 5, 1, 2, 4])
    make_items(payments, 20, ines)
    first = forecasts.record(payments, on=TODAY, by=night)
    said = (first.items, first.weeks_50, first.weeks_85, first.weeks_95, first.teams)
    Forecast.objects.all().delete()

    again = forecasts.record(payments, on=TODAY, by=night)

    assert (again.items, again.weeks_50, again.weeks_85, again.weeks_95, again.teams) == said


@pytest.mark.parametrize(("past", "weeks", "is_idle"), [([], 0, True), ([1, 2, 3], 3, False)])
def test_without_four_weeks_of_history_there_is_no_date(payments, kestrel, ines, night, past, weeks, is_idle):
    goal = goals.create(payments, title="Instant payouts", by=ines)
    finish(payments, past)
    make_items(payments, 2, ines, goal=goal)

    forecast = forecasts.record(payments, on=TODAY, by=night)

    assert not forecast.has_dates
    assert forecast.teams == [{"team": kestrel.pk, "open": 2, "weeks": weeks, "is_idle": is_idle}]
    assert (forecast.items, forecast.dates.get().date_50) == ([], None)


def test_each_team_goes_through_its_own_items(payments, kestrel, heron, ines, night):
    finish(payments, [8] * 8, team=kestrel)
    finish(payments, [1] * 8, team=heron)
    rows = [{"title": f"Item {n}", "kind": "functional", "type": "story"} for n in range(7)]
    for row, team in zip(rows, [kestrel, heron, kestrel, heron, None, kestrel, kestrel], strict=True):
        row["team"] = team
    made = items.create_many(payments, rows, by=ines)
    # The last one of Kestrel waits for the second one of Heron; the one before needs what no team will do.
    dependencies.add(made[3], made[6], by=ines)
    dependencies.add(made[4], made[5], by=ines)

    forecast = forecasts.record(payments, on=TODAY, by=night)

    weeks = dict(zip(forecast.items, forecast.weeks_50, strict=True))
    assert set(weeks) == {made[n].pk for n in (0, 1, 2, 3, 6)}
    assert weeks[made[2].pk] == 1
    assert weeks[made[3].pk] >= 2
    assert weeks[made[6].pk] >= weeks[made[3].pk]
    assert {one["team"] for one in forecast.teams} == {kestrel.pk, heron.pk}
    assert set(forecast.about) <= {made[n].pk for n in (3, 6)}


def test_an_item_waits_for_the_dates_of_what_it_needs_in_other_products(payments, kestrel, ines, night):
    ledger = factories.ProductFactory(organization=payments.organization, key="LED", name="Ledger")
    factories.ProductRoleFactory(product=ledger, user=ines, role="product_owner")
    finish(payments, [8] * 8)
    finish(ledger, [1] * 8)
    made = make_items(payments, 3, ines)
    abroad = make_items(ledger, 6, ines)
    dependencies.add(abroad[5], made[0], by=ines)
    dependencies.add(made[0], made[1], by=ines)

    def weeks(on):
        forecast = forecasts.record(payments, on=on, by=night)
        return dict(zip(forecast.items, forecast.weeks_85, strict=True)), forecast.about

    assert set(weeks(TODAY)[0].values()) == {1}
    theirs = forecasts.record(ledger, on=TODAY, by=night)
    latest = dict(zip(theirs.items, theirs.weeks_85, strict=True))[abroad[5].pk]
    held, about = weeks(TODAY)
    assert held == {made[0].pk: latest, made[1].pk: latest, made[2].pk: 1}
    assert latest > 5
    assert set(about) == {made[0].pk, made[1].pk}
    assert weeks(TODAY + timedelta(days=7))[0][made[0].pk] == latest - 1


def test_only_the_product_owner_and_the_night_forecast(payments, ines, mia, night):
    with pytest.raises(PermissionDenied):
        forecasts.record(payments, on=TODAY, by=mia)

    assert forecasts.record(payments, on=TODAY, by=ines).made_by == ines


def test_the_input_takes_as_many_statements_for_three_items_as_for_one(
    payments, ines, night, django_assert_num_queries
):
    finish(payments, STEADY)
    forecasts.record(payments, on=TODAY, by=night)
    for day, count in enumerate((1, 2), 1):
        make_items(payments, count, ines)
        with django_assert_num_queries(21):
            forecasts.record(payments, on=TODAY + timedelta(days=day), by=night)


def test_of_old_forecasts_those_stay_that_are_judged(payments, ines, night):
    finish(payments, STEADY, on=TODAY - timedelta(weeks=30))
    make_items(payments, 3, ines)
    days = [TODAY - timedelta(days=ago) for ago in (150, 149, 148, 126, 125, 90, 89)]
    kept = Forecast.objects.bulk_create(
        Forecast(product=payments, on=on, made_by=night, fingerprint=str(on), has_dates=on != days[0], teams=[])
        for on in days
    )
    before = forecasts_that_held(payments, on=TODAY)

    forecasts.record(payments, on=TODAY, by=night)

    left = set(Forecast.objects.values_list("on", flat=True))
    assert days[0] not in left
    assert {days[1], days[5], days[6], TODAY} <= left
    assert len(left) < len(kept)
    assert forecasts_that_held(payments, on=TODAY) == before


def test_past_forecasts_are_held_against_what_was_finished(payments, ines, night, django_assert_num_queries):
    origin = TODAY - timedelta(weeks=9)
    finish(payments, [4] * 8, on=origin)
    make_items(payments, 40, ines)
    forecasts.record(payments, on=origin, by=night)
    assert forecasts_that_held(payments, on=origin + timedelta(weeks=3)) == Held(
        (Level(50, 0, 0), Level(85, 0, 0), Level(95, 0, 0)), origin
    )

    # As many as ever for four weeks, then nothing: at four weeks it held, at eight it did not.
    finish(payments, [5, 5, 5, 5, 0, 0, 0, 0, 0])

    with django_assert_num_queries(3):
        held = forecasts_that_held(payments, on=TODAY)
    assert [(level.held, level.of) for level in held.levels] == [(1, 2), (2, 2), (2, 2)]
