"""Periodic work: each slot of a job has one effect, whether the clock is absent, double or late."""

import threading
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from core import clock, context, outbox
from core.models import JobRun

logger = structlog.get_logger(__name__)

LEASE_SECONDS = 60
MAX_ATTEMPTS = 5
# How long a slot may wait for its task before it is sent again.
CLAIM_SECONDS = 300
_UNFINISHED = (JobRun.State.WAITING, JobRun.State.RUNNING)


class LeaseLost(Exception):
    """Somebody else runs this slot now: stop without an effect."""


@dataclass(frozen=True)
class Job:
    """slots: from the present time to the slots that should exist by now; task: a Celery task that takes `slot`.

    given_up: a task that takes `slot` once it is tried no more, where somebody has to be told.
    """

    name: str
    task: str
    slots: Callable[[datetime], Iterable[str]]
    given_up: str = ""


_jobs: dict[str, Job] = {}


def register(name: str, *, task: str, slots: Callable[[datetime], Iterable[str]], given_up: str = "") -> None:
    """Have the task called once for each slot. For `apps.py`."""
    _jobs[name] = Job(name, task, slots, given_up)


def every(minutes: int) -> Callable[[datetime], list[str]]:
    """The present slot alone: for work that catches up by itself when a slot was missed."""

    def slots(now: datetime) -> list[str]:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        begun = int((now - midnight).total_seconds() // 60 // minutes) * minutes
        return [(midnight + timedelta(minutes=begun)).strftime("%Y-%m-%dT%H:%MZ")]

    return slots


def tick(now: datetime | None = None) -> int:
    """Create the slots that are missing and send again what nobody finished; return how many tasks were sent."""
    now = now or clock.now()
    sent = sum(ask(job.name, slot) for job in _jobs.values() for slot in job.slots(now))
    return sent + _revive()


@transaction.atomic
def ask(name: str, slot: str) -> bool:
    """Create a slot and send its task with the transaction; False where the slot is there already."""
    job = _jobs[name]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_jobrun (name, slot, state, attempts, lease_until, result_hash, error)"
            " VALUES (%s, %s, 'waiting', 0, now() + %s, '', '') ON CONFLICT (name, slot) DO NOTHING",
            [job.name, slot, timedelta(seconds=CLAIM_SECONDS)],
        )
        is_new = cursor.rowcount == 1
    if is_new:
        outbox.send([outbox.Message(topic=job.task, payload={"slot": slot})])
    return is_new


@transaction.atomic
def _revive() -> int:
    lost = list(
        JobRun.objects.select_for_update(skip_locked=True).filter(
            name__in=_jobs, state__in=_UNFINISHED, lease_until__lt=Now()
        )
    )
    for run in lost:
        if run.attempts >= MAX_ATTEMPTS:
            run.state, run.finished_at = JobRun.State.FAILED, timezone.now()
            run.error = run.error or "The worker died each time."
            logger.error("job_failed", job=run.name, slot=run.slot, error=run.error)
            continue
        # Still theirs if they are only slow; a new claim counts the attempt and so ends the old one.
        run.lease_until = timezone.now() + timedelta(seconds=CLAIM_SECONDS)
        run.state = JobRun.State.WAITING
    JobRun.objects.bulk_update(lost, ["state", "finished_at", "error", "lease_until"])
    revived = [run for run in lost if run.state == JobRun.State.WAITING]
    outbox.send(outbox.Message(topic=_jobs[run.name].task, payload={"slot": run.slot}) for run in revived)
    outbox.send(
        outbox.Message(topic=_jobs[run.name].given_up, payload={"slot": run.slot})
        for run in lost
        if run.state == JobRun.State.FAILED and _jobs[run.name].given_up
    )
    return len(revived)


class Claim:
    """One attempt at a slot; `attempt` fences: whoever claims next makes this one void."""

    def __init__(self, name: str, slot: str, attempt: int):
        self.name, self.slot, self.attempt = name, slot, attempt
        self.result_hash = ""
        self.result: dict = {}
        self.is_finished = False

    @property
    def is_last(self) -> bool:
        """Nothing follows this attempt."""
        return self.attempt >= MAX_ATTEMPTS

    @property
    def _row(self):
        return JobRun.objects.filter(name=self.name, slot=self.slot, state=JobRun.State.RUNNING, attempts=self.attempt)

    def renew(self) -> None:
        """Keep the slot for another lease. Raises LeaseLost."""
        if not self._row.update(lease_until=Now() + timedelta(seconds=LEASE_SECONDS)):
            raise LeaseLost

    def finish(self) -> None:
        """Mark the slot done. Raises LeaseLost: called in the transaction of the last effect, it undoes both."""
        changes = {"state": JobRun.State.DONE, "finished_at": Now(), "result_hash": self.result_hash}
        changes |= {"result": self.result, "error": ""}
        if not self._row.update(lease_until=None, **changes):
            raise LeaseLost
        self.is_finished = True

    def fail(self, error: Exception) -> None:
        """Give the slot back for a later attempt, or give it up."""
        self._row.update(
            state=JobRun.State.FAILED if self.is_last else JobRun.State.WAITING,
            finished_at=Now() if self.is_last else None,
            lease_until=None if self.is_last else Now() + timedelta(minutes=2**self.attempt),
            error=f"{type(error).__name__}: {error}"[:2000],
        )


def claim(name: str, slot: str) -> Claim | None:
    """Take a slot that is free, or whose holder has let its lease run out; None where there is nothing to do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_jobrun (name, slot, state, attempts, lease_until, started_at, result_hash, error)"
            " VALUES (%(name)s, %(slot)s, 'running', 1, now() + %(lease)s, now(), '', '')"
            " ON CONFLICT (name, slot) DO UPDATE SET state = 'running', attempts = core_jobrun.attempts + 1,"
            "  lease_until = now() + %(lease)s, started_at = now()"
            " WHERE core_jobrun.state = 'waiting'"
            "  OR (core_jobrun.state = 'running' AND core_jobrun.lease_until < now())"
            " RETURNING attempts",
            {"name": name, "slot": slot, "lease": timedelta(seconds=LEASE_SECONDS)},
        )
        row = cursor.fetchone()
    return Claim(name, slot, row[0]) if row else None


@contextmanager
def claimed(name: str, slot: str):
    """Run a slot under a lease that a heartbeat renews; gives the Claim, or None where another has it.

    A failure gives the slot back: the tick sends it again, later each time, MAX_ATTEMPTS times in all.
    """
    held = claim(name, slot)
    if held is None:
        yield None
        return
    door = context.via.set("job")
    stopped = threading.Event()
    heartbeat = threading.Thread(target=_beat, args=(held, stopped), daemon=True)
    heartbeat.start()
    try:
        yield held
        if not held.is_finished:
            held.finish()
    except LeaseLost:
        logger.warning("job_lease_lost", job=name, slot=slot)
    except Exception as error:
        held.fail(error)
        raise
    finally:
        stopped.set()
        heartbeat.join()
        context.via.reset(door)


def _beat(held: Claim, stopped: threading.Event) -> None:
    try:
        while not stopped.wait(LEASE_SECONDS / 3):
            held.renew()
    except LeaseLost:
        logger.warning("job_lease_lost", job=held.name, slot=held.slot)
    except Exception:
        # The work goes on; without a lease its end counts only if nobody else has begun.
        logger.exception("job_heartbeat_failed", job=held.name, slot=held.slot)
    finally:
        connection.close()


@dataclass(frozen=True)
class Standing:
    """How a job stands. waiting, running: slots; failed: given up within a week; retries: attempts beyond the first
    of slots of a week; last_done_at: None before the first; lag: how long its oldest unfinished slot has been there."""

    name: str
    waiting: int
    running: int
    failed: int
    retries: int
    last_done_at: datetime | None
    lag: timedelta


def standings() -> list[Standing]:
    """How each registered job stands, by name, in one statement."""
    week = Q(created_at__gt=Now() - timedelta(days=7))
    unfinished = Q(state__in=_UNFINISHED)
    rows = (
        JobRun.objects.filter(name__in=_jobs)
        .order_by("name")
        .values("name")
        .annotate(
            waiting=Count("pk", filter=Q(state=JobRun.State.WAITING)),
            running=Count("pk", filter=Q(state=JobRun.State.RUNNING)),
            failed=Count("pk", filter=week & Q(state=JobRun.State.FAILED)),
            retries=Coalesce(Sum(F("attempts") - 1, filter=week & Q(attempts__gt=1)), 0),
            last_done_at=Max("finished_at", filter=Q(state=JobRun.State.DONE)),
            oldest=Min("created_at", filter=unfinished),
        )
    )
    found = {row["name"]: row for row in rows}
    return [_standing(name, found.get(name)) for name in sorted(_jobs)]


def _standing(name, row):
    if row is None:
        return Standing(name, 0, 0, 0, 0, None, timedelta(0))
    lag = timezone.now() - row["oldest"] if row["oldest"] else timedelta(0)
    figures = (row[field] for field in ("waiting", "running", "failed", "retries", "last_done_at"))
    return Standing(name, *figures, max(lag, timedelta(0)))


def last_done(name: str) -> JobRun | None:
    """The run of a job that has ended well most lately."""
    return JobRun.objects.filter(name=name, state=JobRun.State.DONE).order_by("-finished_at").first()


def unfinished_for(seconds: int) -> int:
    """How many slots have waited or run longer than this."""
    late = Q(created_at__lt=Now() - timedelta(seconds=seconds))
    return JobRun.objects.filter(late, state__in=_UNFINISHED).count()


def failed_since(days: int) -> int:
    return JobRun.objects.filter(state=JobRun.State.FAILED, finished_at__gt=Now() - timedelta(days=days)).count()


def attempts_since(days: int) -> int:
    """How many attempts beyond the first were needed."""
    runs = JobRun.objects.filter(attempts__gt=1, created_at__gt=Now() - timedelta(days=days))
    return sum(runs.values_list(F("attempts") - 1, flat=True))
