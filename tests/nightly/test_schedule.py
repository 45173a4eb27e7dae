"""When a night is due, where clocks jump and where they don't."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from core import jobs
from core.models import JobRun
from nightly.queries import schedule
from tests import factories


@pytest.mark.parametrize(
    ("zone", "on", "start"),
    [
        ("UTC", date(2026, 1, 5), "2026-01-05T02:00"),
        ("Asia/Kathmandu", date(2026, 1, 5), "2026-01-04T20:15"),
        # 02:00 does not come: the clock jumps from 01:59 to 03:00, on Lord Howe to 02:30.
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T01:00"),
        ("America/New_York", date(2026, 3, 8), "2026-03-08T07:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T15:30"),
        # From 01:00 to 02:00, and in Antarctica once from 01:00 to 04:00.
        ("Europe/London", date(2026, 3, 29), "2026-03-29T01:00"),
        ("Antarctica/Casey", date(2009, 10, 18), "2009-10-17T18:00"),
        # 02:00 comes twice: the first counts. On Lord Howe the clock goes back when it would come, so it comes once.
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-25T00:00"),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T07:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T15:30"),
        # Samoa went without a whole day.
        ("Pacific/Apia", date(2011, 12, 30), None),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T12:00"),
        ("Europe/Berlin", date(2028, 2, 29), "2028-02-29T01:00"),
        # A name that no table knows is read as UTC.
        ("Atlantis/Capital", date(2026, 1, 5), "2026-01-05T02:00"),
    ],
)
def test_a_night_begins_at_the_first_minute_from_two_on(zone, on, start):
    assert schedule.starts_at(zone, on) == (start and datetime.fromisoformat(start).replace(tzinfo=UTC))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"])
def test_every_date_has_its_night_once_in_a_year(zone):
    """Each date is due from its start until the next one's, tick by tick, and none comes twice or goes back."""
    moment, seen = datetime(2026, 1, 1, 12, tzinfo=UTC), []
    while moment < datetime(2027, 1, 1, 12, tzinfo=UTC):
        due = schedule.latest_due(zone, moment)
        assert schedule.starts_at(zone, due) <= moment < schedule.next_start(zone, moment)
        seen += [due] if not seen or seen[-1] != due else []
        moment += timedelta(minutes=47)

    assert seen == [seen[0] + timedelta(days=n) for n in range(len(seen))]
    assert len(seen) in (365, 366)


@pytest.fixture
def slots(db, payments):
    factories.ProductFactory(organization=payments.organization, key="OLD", archived_at=timezone.now())
    berlin = factories.OrganizationFactory(time_zone="Europe/Berlin")
    ledger = factories.ProductFactory(organization=berlin, key="LED")

    def slots(text):
        names = {str(payments.pk): "PAY", str(ledger.pk): "LED"}
        found = (slot.partition(":") for slot in schedule.due_slots(datetime.fromisoformat(text).replace(tzinfo=UTC)))
        return [(names[product], on) for product, _, on in found]

    return slots


def test_each_product_in_use_has_a_slot_in_its_own_zone(slots):
    assert slots("2031-06-10T01:30") == [("PAY", "2031-06-09"), ("LED", "2031-06-10")]


def test_only_the_last_of_the_missed_nights_is_caught_up(slots, monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register(schedule.JOB, task="tests.night", slots=schedule.due_slots)

    first = jobs.tick(datetime(2031, 6, 10, 2, 0, tzinfo=UTC))
    again = [jobs.tick(datetime(2031, 6, 10, 2, minute, tzinfo=UTC)) for minute in (0, 1, 59)]
    after_a_week_without_clock = jobs.tick(datetime(2031, 6, 17, 13, 0, tzinfo=UTC))

    assert (first, again, after_a_week_without_clock) == (2, [0, 0, 0], 2)
    assert sorted(run.slot.partition(":")[2] for run in JobRun.objects.all()) == 2 * ["2031-06-10"] + 2 * ["2031-06-17"]


def test_a_clock_that_goes_back_makes_no_second_night(slots, monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register(schedule.JOB, task="tests.night", slots=schedule.due_slots)
    jobs.tick(datetime(2031, 6, 10, 2, 10, tzinfo=UTC))

    # An hour back it is still the night before for Payments, whose slot is missing; then the same night again.
    assert [jobs.tick(datetime(2031, 6, 10, hour, 10, tzinfo=UTC)) for hour in (1, 2, 2)] == [1, 0, 0]


def test_a_new_product_waits_for_its_first_whole_night(slots, payments):
    today = schedule.latest_due("UTC", timezone.now())
    payments.created_at = schedule.starts_at("UTC", today) + timedelta(seconds=1)
    payments.save(update_fields=["created_at"])
    later = payments.created_at + timedelta(minutes=1)

    assert [slot for slot in slots(later.replace(tzinfo=None).isoformat()) if slot[0] == "PAY"] == []
    assert ("PAY", (today + timedelta(days=1)).isoformat()) in slots(
        (later + timedelta(days=1)).replace(tzinfo=None).isoformat()
    )


def test_due_slots_take_two_statements_for_any_number(slots, django_assert_num_queries):
    factories.ProductFactory(organization=factories.OrganizationFactory(time_zone="Asia/Tokyo"), key="TOK")

    with django_assert_num_queries(2):
        schedule.due_slots(datetime(2031, 6, 10, 12, tzinfo=UTC))
