"""How a team's sprints went, sprint by sprint and as a distribution; and whether its promises held."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from backlog.models import Item
from planning import scope
from sprints.models import Sprint, SprintItem

LAST = 12
_SECONDS_A_DAY = 86_400
_UNFINISHED = (SprintItem.Outcome.RETURNED, SprintItem.Outcome.CARRIED_OVER)


@dataclass(frozen=True)
class SprintFigures:
    """Of a closed sprint. throughput: items. say_do: delivered of committed, added: points that came in after the
    start of those committed, carried: points that were not done of those committed; all in per cent.
    cycles: days of each finished item from begun to done; ages: days since it was begun, at the close, of each that
    was not done."""

    id: int
    number: int
    ends_on: date
    velocity: Decimal
    throughput: int
    say_do: int | None
    added: int | None
    carried: int | None
    cycles: tuple[float, ...]
    ages: tuple[float, ...]

    @property
    def cycle_days(self) -> float | None:
        """The median."""
        return round(median(self.cycles), 1) if self.cycles else None

    @property
    def age_days(self) -> float | None:
        """The median."""
        return round(median(self.ages), 1) if self.ages else None


@dataclass(frozen=True)
class Spread:
    """How one figure is distributed over the sprints, or over their items. values: all of them, the least first."""

    name: str
    unit: str
    least: float
    median: float
    most_85: float
    most: float
    values: tuple[float, ...]

    @property
    def dots(self) -> tuple[float, ...]:
        """Where each value is on a line from nothing to the most, in per cent."""
        return tuple(round(100 * value / (self.most or 1), 1) for value in self.values)


@dataclass(frozen=True)
class TeamMetrics:
    """sprints: the last closed ones, oldest first. held, promised: how often the 85 % line was reached, of how often.

    ages: days of each item in progress, the oldest first.
    """

    sprints: tuple[SprintFigures, ...]
    spreads: tuple[Spread, ...]
    held: int
    promised: int
    ages: tuple[tuple[Item, int], ...]

    @property
    def calibration(self) -> str:
        """What it says of the promises, in words; empty without any."""
        if not self.promised:
            return ""
        return f"Your 85 % lines held {self.held} of {self.promised} times."


def team_metrics(team, user, *, now: datetime) -> TeamMetrics:
    """The figures of a team, in three statements."""
    closed = list(Sprint.objects.closed().filter(team=team).order_by("closed_at", "number"))
    shown = closed[-LAST:]
    entries = defaultdict(list)
    for entry in SprintItem.objects.filter(sprint__in=shown).select_related("item").order_by("pk"):
        entries[entry.sprint_id].append(entry)
    figures = tuple(_figures(sprint, entries[sprint.pk]) for sprint in shown)
    held = _held(closed)
    working = Item.objects.readable_by(user).filter(
        sprint_entries__outcome="",
        sprint_entries__sprint__team=team,
        sprint_entries__sprint__status=Sprint.Status.ACTIVE,
        status=Item.Status.IN_PROGRESS,
        started_at__isnull=False,
    )
    ages = [(item, (now - item.started_at).days) for item in working.select_related("product").order_by("started_at")]
    return TeamMetrics(figures, tuple(_spreads(figures)), sum(held), len(held), tuple(ages))


def _figures(sprint, entries):
    done = [entry for entry in entries if entry.outcome == SprintItem.Outcome.DONE]
    unfinished = [entry for entry in entries if entry.outcome in _UNFINISHED]
    added = [entry for entry in entries if entry.added_at > sprint.started_at]
    committed = sprint.committed_points
    items = [entry.item for entry in done]
    begun = [entry for entry in unfinished if entry.item.started_at and entry.item.started_at <= entry.left_at]
    return SprintFigures(
        id=sprint.pk,
        number=sprint.number,
        ends_on=sprint.ends_on,
        velocity=sprint.delivered_points,
        throughput=len(done),
        say_do=_percent(sprint.delivered_points, committed),
        added=_percent(_points(added), committed),
        carried=_percent(_points(unfinished), committed),
        cycles=tuple(_days(item.started_at, item.done_at) for item in items if item.done_at and item.started_at),
        ages=tuple(_days(entry.item.started_at, entry.left_at) for entry in begun),
    )


def _days(begun_at, until):
    return round((until - begun_at).total_seconds() / _SECONDS_A_DAY, 1)


def _points(entries):
    return sum((entry.points_at_end or 0 for entry in entries), Decimal(0))


def _percent(part, whole):
    return round(100 * part / whole) if whole else None


def _spreads(figures: Sequence[SprintFigures]):
    for name, unit, field in (
        ("Velocity", "points", "velocity"),
        ("Throughput", "items", "throughput"),
        ("Delivered of committed", "%", "say_do"),
        ("Added after the start", "%", "added"),
        ("Not done", "%", "carried"),
    ):
        yield from _spread(name, unit, [value for one in figures if (value := getattr(one, field)) is not None])
    yield from _spread("From begun to done, each item", "days", [days for one in figures for days in one.cycles])
    yield from _spread("Age at the close of what was not done", "days", [days for one in figures for days in one.ages])


def _spread(name, unit, found):
    values = tuple(sorted(float(value) for value in found))
    if values:
        at_85 = values[-(-85 * len(values) // 100) - 1]
        yield Spread(name, unit, values[0], round(median(values), 1), at_85, values[-1], values)


def _held(closed):
    """For each sprint with enough of a past, whether it reached what its past promised with 85 %."""
    past, held = [], []
    for sprint in closed:
        promised = sprint.commit_points
        if promised is None:
            line = scope.capacity(past, scope.COMMIT_PERCENT)
            promised = None if line is None else Decimal(line) * (sprint.availability or 1)
        if promised is not None:
            held.append(sprint.delivered_points >= promised)
        past.append(float(sprint.delivered_points) / float(sprint.availability or 1))
    return held
