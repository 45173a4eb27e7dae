"""What a team has delivered, sprint by sprint; nobody types it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import mean, median

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from sprints.models import Sprint

LAST = 8
# planning.scope counts the last 8 that delivered something; some may have delivered nothing.
LOOKED_AT = 16


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
    return spread(Sprint.objects.closed().filter(team=team).order_by("-closed_at", "-number")[:last])


def last_closed(sprints: QuerySet, *, last: int = LAST) -> QuerySet:
    """Of these sprints the last closed ones of each team."""
    latest = Window(RowNumber(), partition_by=F("team"), order_by=[F("closed_at").desc(), F("number").desc()])
    return sprints.filter(status=Sprint.Status.CLOSED).annotate(place=latest).filter(place__lte=last)


def spread(closed: Iterable[Sprint]) -> Velocity:
    """The velocity of these closed sprints, newest first."""
    sprints = tuple(
        SprintVelocity(sprint.number, sprint.ends_on, sprint.committed_points, sprint.delivered_points)
        for sprint in reversed(list(closed))
    )
    points = [sprint.points for sprint in sprints]
    if not points:
        return Velocity(sprints=(), least=None, median=None, mean=None, most=None)
    return Velocity(sprints=sprints, least=min(points), median=median(points), mean=mean(points), most=max(points))
