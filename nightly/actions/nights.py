"""The night of a product: asked for, worked out step by step, given up."""

import time
from datetime import date

import structlog
from django.db import transaction
from django.utils import timezone

from core import events, jobs
from core.errors import RuleViolation
from core.models import JobRun
from core.permissions import require
from nightly.actions import steps
from nightly.models import Night
from nightly.queries import schedule

logger = structlog.get_logger(__name__)

WAITING, RUNNING, DONE, FAILED, HELD_UP = "waiting", "running", "done", "failed", "held_up"
UNEXPECTED = "Something unexpected happened; the log of the server says what, under night {number}."
INTERRUPTED = "The work was interrupted each time it was tried. Ask the people who run Underpin to look at the worker."


class NightRunning(RuleViolation):
    code = "night_running"
    message = "The night is being worked out already. Its progress is on this page."


class NightUnfinished(Exception):
    """Steps have failed: the slot goes back, to be tried again."""


@transaction.atomic
def ask(product, on: date, *, by) -> Night:
    """Have the night of a date worked out, or worked out again, as soon as a worker is free.

    Raises PermissionDenied, NightRunning.
    """
    night, is_new = Night.objects.select_for_update(of=("self",)).get_or_create(product=product, on=on)
    require(by, "night.run", night)
    if not is_new:
        if night.is_unfinished and _is_under_way(night):
            raise NightRunning
        night.runs += 1
        night.state, night.steps, night.step, night.error = Night.State.WAITING, {}, "", ""
        night.started_at = night.finished_at = None
        night.save()
    jobs.ask(schedule.JOB, night.slot)
    events.record("night.asked", target=night, by=by, on=on, runs=night.runs)
    return night


def run(product, on: date, *, by, claim: jobs.Claim) -> Night:
    """Work out the steps that are still missing, under the claim of the night's slot.

    A step that fails holds up only those that need it. Raises PermissionDenied; LeaseLost, when another worker has
    the night; NightUnfinished, when steps have failed.
    """
    night = _begin(product, on, by)
    for step in steps.STEPS:
        if _state_of(night, step.name) == DONE:
            continue
        if any(_state_of(night, name) != DONE for name in step.needs):
            night.steps[step.name] = {"state": HELD_UP}
            continue
        claim.renew()
        _note(night, step.name)
        _take(night, step, by)
    _end(night, by, claim)
    if night.error:
        raise NightUnfinished(night.error)
    return night


@transaction.atomic
def give_up(product, on: date, *, by) -> Night:
    """Say of a night that it was interrupted too often to be tried again. Raises PermissionDenied."""
    night, _ = Night.objects.select_for_update(of=("self",)).get_or_create(product=product, on=on)
    require(by, "night.run", night)
    if night.is_unfinished and not _is_under_way(night):
        night.state, night.error, night.finished_at = Night.State.FAILED, INTERRUPTED, timezone.now()
        night.save(update_fields=["state", "error", "finished_at"])
        events.record("night.failed", target=night, by=by, on=on, error=night.error)
    return night


@transaction.atomic
def _begin(product, on, by):
    night, _ = Night.objects.select_for_update(of=("self",)).get_or_create(product=product, on=on)
    require(by, "night.run", night)
    night.state = Night.State.RUNNING
    night.started_at = night.started_at or timezone.now()
    night.steps = {step.name: {"state": WAITING} for step in steps.STEPS} | night.steps
    night.save(update_fields=["state", "started_at", "steps"])
    return night


def _take(night, step, by):
    began = time.monotonic()
    try:
        step.run(night.product, on=night.on, by=by)
    except jobs.LeaseLost:
        raise
    except RuleViolation as refusal:
        logger.warning("night_step_refused", night=night.pk, step=step.name, code=refusal.code)
        entry = {"state": FAILED, "error": f"{step.failure} {refusal.message}"}
    except Exception:
        logger.exception("night_step_failed", night=night.pk, step=step.name)
        entry = {"state": FAILED, "error": f"{step.failure} {UNEXPECTED.format(number=night.pk)}"}
    else:
        entry = {"state": DONE}
    night.steps[step.name] = entry | {"seconds": round(time.monotonic() - began, 3)}


@transaction.atomic
def _end(night, by, claim):
    errors = [night.steps[step.name]["error"] for step in steps.STEPS if _state_of(night, step.name) == FAILED]
    night.step, night.error = "", " ".join(errors)
    if not errors:
        night.state, night.finished_at = Night.State.DONE, timezone.now()
        claim.finish()
    else:
        # Whoever has lost the night says nothing about it.
        claim.renew()
        night.state = Night.State.FAILED if claim.is_last else Night.State.WAITING
        night.finished_at = timezone.now() if claim.is_last else None
    night.save(update_fields=["state", "step", "steps", "error", "finished_at"])
    seconds = {name: entry.get("seconds") for name, entry in night.steps.items()}
    events.record(f"night.{night.state}", target=night, by=by, on=night.on, error=night.error, seconds=seconds)


def _note(night, step):
    night.step = step
    night.steps[step] = {"state": RUNNING}
    Night.objects.filter(pk=night.pk).update(step=step, steps=night.steps)


def _state_of(night, step):
    return night.steps.get(step, {}).get("state")


def _is_under_way(night):
    unfinished = (JobRun.State.WAITING, JobRun.State.RUNNING)
    return JobRun.objects.filter(name=schedule.JOB, slot=night.slot, state__in=unfinished).exists()
