"""What a team has delivered, sprint by sprint; nobody types it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import mean, median

from sprints.models import Sprint

LAST = 8


@dataclass(frozen=True)
class SprintVelocity:
    """points: delivered at the close; committed: at the start."""

    number: int
    ends_on: date
    committed: Decimal
    points: Decimal


@dataclass(frozen=True)
class Velocity:
    """The last closed sprints of a team, oldest first, and how their points spread; None where there are none."""

    sprints: tuple[SprintVelocity, ...]
    least: Decimal | None
    median: Decimal | None
    mean: Decimal | None
    most: Decimal | None


def velocity(team, *, last: int = LAST) -> Velocity:
    """The velocity of a team over its last closed sprints, in one statement."""
    closed = Sprint.objects.closed().filter(team=team).order_by("-closed_at", "-number")[:last]
    sprints = tuple(
        SprintVelocity(sprint.number, sprint.ends_on, sprint.committed_points, sprint.delivered_points)
        for sprint in reversed(closed)
    )
    points = [sprint.points for sprint in sprints]
    if not points:
        return Velocity(sprints=(), least=None, median=None, mean=None, most=None)
    return Velocity(sprints=sprints, least=min(points), median=median(points), mean=mean(points), most=max(points))
