"""The nights of a product, as its people see them."""

from dataclasses import dataclass
from datetime import date, datetime

from core.permissions import can
from nightly.models import Night
from nightly.queries import schedule

SHOWN = 30


@dataclass(frozen=True)
class StepRow:
    """state: waiting, running, done, failed, or held_up by a step that failed. seconds: None until it has ended."""

    title: str
    state: str
    seconds: float | None


@dataclass(frozen=True)
class NightRow:
    on: date
    state: str
    label: str
    is_unfinished: bool
    error: str
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float
    steps: tuple[StepRow, ...]

    @property
    def percent(self) -> int:
        return round(100 * sum(step.state == "done" for step in self.steps) / (len(self.steps) or 1))


@dataclass(frozen=True)
class NightsPage:
    """due_on: the date of the last night that should have begun; is_late: it is not here yet."""

    nights: tuple[NightRow, ...]
    due_on: date
    next_start: datetime
    zone: str
    is_late: bool
    may_run: bool

    @property
    def is_running(self) -> bool:
        return any(night.is_unfinished for night in self.nights)


def nights_page(product, user, *, now: datetime) -> NightsPage:
    """The last nights of a product, in one statement and one for the right to run."""
    zone = product.organization.time_zone
    due_on = schedule.latest_due(zone, now)
    rows = tuple(night_row(night) for night in Night.objects.filter(product=product).latest_first()[:SHOWN])
    began = schedule.starts_at(zone, due_on)
    return NightsPage(
        nights=rows,
        due_on=due_on,
        next_start=schedule.next_start(zone, now),
        zone=zone,
        is_late=all(row.on != due_on for row in rows) and not began <= product.created_at <= now,
        may_run=can(user, "night.run", product),
    )


def night_row(night: Night) -> NightRow:
    rows = tuple(_step_row(step, night.steps[step]) for step in Night.Step if step in night.steps)
    return NightRow(
        on=night.on,
        state=night.state,
        label=night.get_state_display(),
        is_unfinished=night.is_unfinished,
        error=night.error,
        started_at=night.started_at,
        finished_at=night.finished_at,
        seconds=sum(row.seconds or 0 for row in rows),
        steps=rows,
    )


def _step_row(step, entry):
    return StepRow(step.label, entry["state"], entry.get("seconds"))
