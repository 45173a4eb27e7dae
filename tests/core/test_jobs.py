"""A slot of a job has one effect, however many clocks tick and workers die."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core import jobs
from core.models import JobRun, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def report(monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register("report", task="tests.report", slots=jobs.every(10))


def at_once(number, work):
    barrier = threading.Barrier(number)
    results = []

    def run():
        barrier.wait(10)
        try:
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def expire(**changes):
    JobRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1), **changes)


def test_three_clocks_make_ten_slots_of_ten():
    for minute in range(0, 100, 10):
        at_once(3, lambda minute=minute: jobs.tick(NOON + timedelta(minutes=minute)))

    assert JobRun.objects.count() == 10
    assert OutboxMessage.objects.filter(topic="tests.report").count() == 10


def test_three_workers_have_one_claim():
    jobs.tick(NOON)

    claims = at_once(3, lambda: jobs.claim("report", "2026-03-01T12:00Z"))

    assert sorted(claim is None for claim in claims) == [False, True, True]


def test_a_slot_that_was_missed_is_caught_up_once(monkeypatch):
    days = ["2026-03-01", "2026-03-02"]
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register("daily", task="tests.daily", slots=lambda now: days)

    assert [jobs.tick(NOON), jobs.tick(NOON)] == [2, 0]


def test_a_run_that_ends_is_done():
    with jobs.claimed("report", "today") as claim:
        claim.result_hash = "abc"

    run = JobRun.objects.get()
    assert (run.state, run.attempts, run.result_hash, run.lease_until) == ("done", 1, "abc", None)
    with jobs.claimed("report", "today") as again:
        assert again is None


def test_a_dead_worker_leaves_its_slot_to_the_next():
    jobs.claim("report", "today")
    expire()

    assert jobs.tick(NOON) == 2
    with jobs.claimed("report", "today") as claim:
        assert claim.attempt == 2

    assert JobRun.objects.get(slot="today").state == "done"


def test_a_worker_that_lost_its_lease_can_not_finish():
    first = jobs.claim("report", "today")
    expire()
    second = jobs.claim("report", "today")

    with pytest.raises(jobs.LeaseLost):
        first.renew()
    with pytest.raises(jobs.LeaseLost):
        first.finish()
    second.finish()


def test_a_failure_is_tried_again_later_and_given_up_at_last():
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        with pytest.raises(ValueError, match="no"), jobs.claimed("report", "today"):
            raise ValueError("no")
        run = JobRun.objects.get()
        is_last = attempt == jobs.MAX_ATTEMPTS
        assert (run.state, run.error) == ("failed" if is_last else "waiting", "ValueError: no")
        expire()

    assert jobs.claim("report", "today") is None
    assert jobs.failed_since(1) == 1


def test_a_heartbeat_keeps_the_lease(monkeypatch):
    monkeypatch.setattr(jobs, "LEASE_SECONDS", 0.6)

    with jobs.claimed("report", "today"):
        threading.Event().wait(1.5)
        assert jobs.claim("report", "today") is None

    assert JobRun.objects.get().state == "done"
