"""What a sprint can take: from what its team delivered and who of it is there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import TeamMembership
from planning import forecast
from sprints.models import Absence, FocusShare, Sprint
from sprints.queries.sprint_lists import working_days
from sprints.queries.velocity import LOOKED_AT


@dataclass(frozen=True)
class Attendance:
    """A person of the team in a sprint. days: working days; away: those of them the person is not there."""

    user_id: int
    name: str
    percent: int
    days: int
    away: int

    @property
    def present(self) -> int:
        return self.days - self.away


@dataclass(frozen=True)
class Capacity:
    """Points that a sprint holds: `commit` with a chance of 85 %, `stretch` of 50 %.

    past: points of past sprints, oldest first, as they would be with this sprint's availability. availability: share of
    the team's usual days. typed: by hand, counted only while `past` is too short. away_points: what absences cost.
    """

    commit: Decimal | None
    stretch: Decimal | None
    past: tuple[float, ...]
    availability: float
    people: tuple[Attendance, ...]
    typed: Decimal | None

    @property
    def has_history(self) -> bool:
        return self.commit is not None

    @property
    def counted(self) -> int:
        """Past sprints that the lines come from."""
        from planning import scope

        return len(scope.counted(self.past))

    @property
    def limit(self) -> Decimal | None:
        """What the bar is drawn to; None where nothing is known."""
        return self.stretch if self.has_history else self.typed

    @property
    def away_points(self) -> Decimal:
        if not self.has_history or not 0 < self.availability < 1:
            return Decimal(0)
        return round(self.stretch * Decimal(1 / self.availability - 1), 1)

    def chance(self, points) -> forecast.Chance | None:
        """The chance that so many points are delivered; None without history."""
        from planning import scope

        return scope.chance(float(points), self.past) if self.past else None


def capacity_of(sprint) -> Capacity:
    """The capacity of a sprint as of now, in four statements.

    Deliveries of the past are divided by their own availability, so that a sprint in the holidays does not say that
    the team is slow, and multiplied by that of this sprint.
    """
    from planning import scope

    people = attendance(sprint)
    availability = share_of(people)
    past = tuple(points * availability for points in full_deliveries(sprint.team_id, before=sprint))
    lines = [scope.capacity(past, percent) for percent in (scope.COMMIT_PERCENT, scope.STRETCH_PERCENT)]
    commit, stretch = (None if line is None else round(Decimal(line), 1) for line in lines)
    typed = sprint.capacity_points if sprint.status == Sprint.Status.PLANNED or commit is None else None
    return Capacity(commit, stretch, past, availability, people, typed)


def has_history(team_id: int) -> bool:
    """Whether the team has closed enough sprints for its capacity to be known; in one statement."""
    return is_enough(full_deliveries(team_id))


def is_enough(deliveries: Sequence[float]) -> bool:
    from planning import scope

    return scope.capacity(deliveries, scope.COMMIT_PERCENT) is not None


def full_deliveries(team_id: int, *, before=None) -> list[float]:
    """Points of closed sprints, oldest first, as if nobody had been away; in one statement."""
    closed = Sprint.objects.closed().filter(team=team_id)
    if before is not None and before.closed_at:
        closed = closed.filter(closed_at__lt=before.closed_at)
    return in_full(closed.order_by("-closed_at", "-number")[:LOOKED_AT])


def in_full(closed: Iterable[Sprint]) -> list[float]:
    """What these sprints, newest first, would have delivered had nobody been away; oldest first."""
    return [float(sprint.delivered_points) / float(sprint.availability or 1) for sprint in reversed(list(closed))]


def attendance(sprint) -> tuple[Attendance, ...]:
    """Who of the team is there in a sprint, by name; in three statements."""
    members = TeamMembership.objects.filter(team=sprint.team_id).select_related("user").order_by("user__name", "user")
    percents = dict(FocusShare.objects.filter(team=sprint.team_id).values_list("user", "percent"))
    away = defaultdict(set)
    absences = Absence.objects.filter(team=sprint.team_id, ends_on__gte=sprint.starts_on, starts_on__lte=sprint.ends_on)
    for user, first, last in absences.values_list("user", "starts_on", "ends_on"):
        away[user].update(_days(max(first, sprint.starts_on), min(last, sprint.ends_on)))
    days = working_days(sprint.starts_on, sprint.ends_on)
    return tuple(
        Attendance(member.user_id, member.user.name, percents.get(member.user_id, 100), days, len(away[member.user_id]))
        for member in members
    )


def share_of(people) -> float:
    """The share of the team's days, weighted by focus, that it has."""
    full = sum(person.days * person.percent for person in people)
    present = sum(person.present * person.percent for person in people)
    return present / full if full else 1.0


def _days(first, last):
    every = (date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))
    return {day for day in every if day.weekday() < 5}
