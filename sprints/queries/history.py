"""What happened in a sprint, from the event log: its scope as it changed and why, and its points day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q

from backlog.models import Item
from core.models import Event
from sprints.models import SprintItem

_STATUS_EVENTS = (
    *("item.begun", "item.stopped", "item.finished", "item.accepted", "item.sent_back", "item.dropped"),
    *("item.restored", "item.opened"),
)
_ESTIMATE_EVENTS = ("item.edited", "item.split", "item.split_taken_back")
_SPRINT_EVENTS = ("sprint.started", "sprint.capacity_changed", "sprint.closed")
_DONE = (Item.Status.DONE, Item.Status.ACCEPTED)


@dataclass(frozen=True)
class ScopeChange:
    """cause: added, removed, re-estimated, split, carried_over or capacity_changed.

    points: what it did to the scope, or to the capacity. item_id: None where it is about none.
    """

    at: datetime
    cause: str
    item_id: int | None
    points: Decimal
    by: str
    reason: str

    @property
    def label(self) -> str:
        return self.cause.replace("_", " ")


@dataclass(frozen=True)
class DayEnd:
    """Points at the end of a working day, or now on the present one."""

    on: date
    scope: Decimal
    done: Decimal
    in_progress: Decimal

    @property
    def remaining(self) -> Decimal:
        return self.scope - self.done

    @property
    def to_do(self) -> Decimal:
        return self.scope - self.done - self.in_progress


@dataclass(frozen=True)
class SprintHistory:
    """days: the working days that have begun, oldest first. committed: points at the start, which never change.

    carried: those of them that came from an earlier sprint. changes: oldest first. carry: what came from an earlier
    sprint by the start, and what went on into a later one at the close; before and after the scope that changes count.
    """

    committed: Decimal
    carried: Decimal
    days: tuple[DayEnd, ...]
    all_days: tuple[date, ...]
    changes: tuple[ScopeChange, ...]
    carry: tuple[ScopeChange, ...]

    @property
    def log(self) -> tuple[ScopeChange, ...]:
        """All of them, the newest first."""
        return tuple(sorted((*self.changes, *self.carry), key=lambda change: change.at, reverse=True))

    @property
    def totals(self) -> Mapping[str, Decimal]:
        """Points by cause."""
        found: dict[str, Decimal] = {}
        for change in self.changes:
            found[change.cause] = found.get(change.cause, Decimal(0)) + change.points
        return found

    @property
    def last(self) -> DayEnd | None:
        return self.days[-1] if self.days else None

    def even_pace(self, index: int) -> Decimal:
        """What would remain at the end of the day with that index, going evenly from the commitment to nothing."""
        return self.committed * (len(self.all_days) - index - 1) / len(self.all_days)

    @property
    def behind(self) -> Decimal:
        """Points behind the even pace as of the last full day or now; below zero: ahead."""
        return self.last.remaining - self.even_pace(len(self.days) - 1) if self.days else Decimal(0)


@dataclass
class _State:
    is_in: bool = False
    points: Decimal = Decimal(0)
    status: str = Item.Status.OPEN


def sprint_history(sprint, *, now: datetime) -> SprintHistory:
    """Replay a started sprint from the event log, in three statements.

    Nothing is read off the items as they are now, so that a chart never re-baselines.
    """
    zone = ZoneInfo(sprint.team.organization.time_zone)
    entries = list(SprintItem.objects.filter(sprint=sprint).order_by("pk"))
    replay = _Replay(sprint, entries, zone)
    for event in _events(sprint, {entry.item_id for entry in entries}):
        if event.at <= now:
            replay.play(event)
    today = min(now, sprint.closed_at or now).astimezone(zone).date()
    all_days = tuple(_workdays(sprint.starts_on, sprint.ends_on))
    days = [replay.at_end_of(day) for day in all_days if day <= today]
    came = _came(sprint, replay)
    carried = sum((change.points for change in came), Decimal(0))
    went = replay.went if sprint.closed_at and sprint.closed_at <= now else ()
    return SprintHistory(replay.committed, carried, tuple(days), all_days, tuple(replay.changes), (*came, *went))


def _came(sprint, replay):
    """What the sprint began with and another had ended with; the last time counts."""
    left = SprintItem.objects.filter(item__in=replay.at_start, outcome=SprintItem.Outcome.CARRIED_OVER)
    left = left.filter(left_at__lte=sprint.started_at).select_related("sprint", "left_by").order_by("left_at")
    last = {entry.item_id: entry for entry in left}
    return tuple(
        ScopeChange(sprint.started_at, "carried_over", pk, points, last[pk].left_by.name, f"From {last[pk].sprint}")
        for pk, points in replay.at_start.items()
        if pk in last
    )


def _events(sprint, item_ids):
    about_items = Q(target_type=Item._meta.label_lower, target_id__in=item_ids) & (
        Q(name__in=(*_STATUS_EVENTS, "item.added_to_sprint", "item.removed_from_sprint"))
        | Q(name__in=_ESTIMATE_EVENTS, data__changes__has_key="points")
    )
    about_sprint = Q(target_type=sprint._meta.label_lower, target_id=sprint.pk, name__in=_SPRINT_EVENTS)
    return Event.objects.filter(about_items | about_sprint).select_related("by").order_by("at", "id")


class _Replay:
    """The sprint as the events up to now have left it."""

    def __init__(self, sprint, entries, zone):
        self.sprint, self.zone = sprint, zone
        self.at_start = {entry.item_id: entry.points_at_start for entry in entries if entry.points_at_start is not None}
        self.items = {entry.item_id: _State() for entry in entries}
        self.committed = Decimal(0)
        self.changes: list[ScopeChange] = []
        self.went: list[ScopeChange] = []
        self.is_running = self.is_over = False
        self.ends: list[tuple[datetime, Decimal, Decimal, Decimal]] = []

    def play(self, event):
        if self.is_over:
            return
        match event.name:
            case "sprint.started":
                self._start(event)
            case "sprint.closed":
                self._close(event)
            case "sprint.capacity_changed":
                old, new = event.data["changes"]["capacity_points"]
                self._tell(event, "capacity_changed", None, _number(new) - _number(old), event.data["reason"])
            case "item.added_to_sprint":
                self._add(event)
            case "item.removed_from_sprint":
                self._remove(event, event.data.get("reason", ""))
            case "item.edited" | "item.split" | "item.split_taken_back":
                self._estimate(event)
            case _:
                self._change_status(event)
        if self.is_running:
            self.ends.append((event.at, *self._sums()))

    def at_end_of(self, day):
        until = datetime.combine(day + timedelta(days=1), datetime.min.time(), self.zone)
        reached = [sums for at, *sums in self.ends if at < until]
        return DayEnd(day, *(reached[-1] if reached else (self.committed, Decimal(0), Decimal(0))))

    def _start(self, event):
        self.is_running = True
        for pk in event.data["items"]:
            self.items[pk].is_in = True
            self.items[pk].points = self.at_start.get(pk, Decimal(0))
        self.committed = _number(event.data["committed_points"])

    def _close(self, event):
        self.is_over = True
        by = event.by.name if event.by else ""
        for pk in event.data.get("carried_over", ()):
            points = -self.items[pk].points
            self.went.append(ScopeChange(event.at, "carried_over", pk, points, by, "Into the next sprint"))

    def _add(self, event):
        state = self.items[event.target_id]
        if event.data["sprint"] != self.sprint.pk or not event.data["is_scope_change"] or state.is_in:
            return
        state.is_in, state.points = True, _number(event.data["points"])
        self._tell(event, "added", event.target_id, state.points, event.data.get("reason", ""))

    def _remove(self, event, reason):
        state = self.items[event.target_id]
        if event.data.get("sprint", self.sprint.pk) != self.sprint.pk or not state.is_in:
            return
        state.is_in = False
        self._tell(event, "removed", event.target_id, -state.points, reason)

    def _estimate(self, event):
        state = self.items[event.target_id]
        old, new = (_number(points) for points in event.data["changes"]["points"])
        if state.is_in:
            cause = "re-estimated" if event.name == "item.edited" else "split"
            self._tell(event, cause, event.target_id, new - old, f"from {_plain(old)} to {_plain(new)}")
        state.points = new

    def _change_status(self, event):
        state = self.items[event.target_id]
        # A split that was taken back drops its parts without saying where they stood.
        state.status = event.data["changes"].get("status", (None, Item.Status.DROPPED))[1]
        if state.status == Item.Status.DROPPED:
            self._remove(event, event.data.get("reason") or "Dropped")
        elif event.name == "item.restored" and self.is_running and event.target_id in self.at_start:
            state.is_in = True
            self._tell(event, "added", event.target_id, state.points, "Restored")

    def _tell(self, event, cause, item_id, points, reason):
        if self.is_running:
            by = event.by.name if event.by else ""
            self.changes.append(ScopeChange(event.at, cause, item_id, points, by, reason))

    def _sums(self):
        inside = [state for state in self.items.values() if state.is_in]
        done = sum((state.points for state in inside if state.status in _DONE), Decimal(0))
        begun = sum((state.points for state in inside if state.status == Item.Status.IN_PROGRESS), Decimal(0))
        return sum((state.points for state in inside), Decimal(0)), done, begun


def _number(value):
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def _plain(points):
    return f"{points.normalize():f}"


def _workdays(first, last):
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]
