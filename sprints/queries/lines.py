"""Where the coming sprints of a product end in its order: how much fits into each, by what the teams delivered."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from sprints.models import Sprint
from sprints.queries.velocity import last_closed

# A year of fortnights; beyond, velocity says too little.
MOST_LINES = 26
FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True)
class SprintLine:
    """The end of a coming sprint. capacity: points; is_planned: whether the sprint itself exists already."""

    label: str
    ends_on: date
    capacity: Decimal
    is_planned: bool


@dataclass(frozen=True)
class _Pace:
    """Of one team. free_on: the first day after its active sprint."""

    points: Decimal
    days: int
    free_on: date
    sprints: tuple[SprintLine, ...]


def sprint_lines(product, *, today: date, team_id: int | None = None) -> tuple[SprintLine, ...]:
    """The coming sprint ends of the teams that work on a product, or of one of them, in two statements.

    Each sprint holds the median of the points in the team's last closed sprints; teams without any add nothing.
    Planned sprints keep their dates, later ones follow the rhythm of the last. Teams that end on the same days share
    a line; else calendar fortnights share out what all of them deliver.
    """
    teams = {"team__product_links__product": product} | ({"team": team_id} if team_id else {})
    theirs = Sprint.objects.filter(**teams)
    closed = _by_team(last_closed(theirs).order_by("starts_on", "number"))
    coming = _by_team(theirs.exclude(status=Sprint.Status.CLOSED).order_by("starts_on"))
    paces = [pace for team, sprints in closed.items() if (pace := _pace(sprints, coming[team], today))]
    if not paces:
        return ()
    ends = [[line.ends_on for line in pace.sprints] for pace in paces]
    return _shared(paces) if all(days == ends[0] for days in ends) else _fortnights(paces, today)


def _by_team(sprints):
    found = defaultdict(list)
    for sprint in sprints:
        found[sprint.team_id].append(sprint)
    return found


def _pace(closed, coming, today):
    points = median(sprint.delivered_points for sprint in closed)
    if not points:
        return None
    known = [*closed, *coming]
    days = rhythm(known)
    lines = [
        SprintLine(str(sprint), sprint.ends_on, points, True)
        for sprint in coming
        if sprint.status == Sprint.Status.PLANNED and sprint.ends_on >= today
    ]
    free_on = max([today, *(sprint.ends_on + timedelta(days=1) for sprint in coming if sprint.status == "active")])
    return _Pace(points, days, free_on, tuple(_continued(lines, known, days, points, today))[:MOST_LINES])


def rhythm(known) -> int:
    """Days from one start to the next, as last seen; a lone sprint takes whole weeks."""
    starts = sorted({sprint.starts_on for sprint in known})
    if len(starts) > 1:
        return (starts[-1] - starts[-2]).days
    length = (known[-1].ends_on - known[-1].starts_on).days + 1
    return -(-length // 7) * 7


def _continued(lines, known, days, points, today):
    yield from lines
    last = max(known, key=lambda sprint: (sprint.starts_on, sprint.number))
    number, ends_on = max(sprint.number for sprint in known), last.ends_on
    for _ in range(MOST_LINES - len(lines)):
        ends_on += timedelta(days=days)
        # A team that paused takes up its rhythm again; sprints that never were are not counted.
        while ends_on < today:
            ends_on += timedelta(days=days)
        number += 1
        yield SprintLine(f"Sprint {number}", ends_on, points, False)


def _shared(paces):
    return tuple(
        SprintLine(
            label=lines[0].label if len({line.label for line in lines}) == 1 else "Sprints of all teams",
            ends_on=lines[0].ends_on,
            capacity=sum((line.capacity for line in lines), Decimal(0)),
            is_planned=all(line.is_planned for line in lines),
        )
        for lines in zip(*(pace.sprints for pace in paces), strict=True)
    )


def _fortnights(paces, today):
    """From Friday to Friday, each team from the day its active sprint is over."""
    begins = today
    ends = today + timedelta(days=(4 - today.weekday()) % 7) + timedelta(days=7)
    lines = []
    for number in range(1, MOST_LINES + 1):
        capacity = sum((pace.points * _days(pace, begins, ends) / pace.days for pace in paces), Decimal(0))
        lines.append(SprintLine(f"Calendar fortnight {number}", ends, round(capacity, 1), False))
        begins, ends = ends + timedelta(days=1), ends + FORTNIGHT
    return tuple(lines)


def _days(pace, begins, ends):
    return max(0, (ends - max(begins, pace.free_on)).days + 1)
