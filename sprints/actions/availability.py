"""Say who of a team is away, and how much of somebody's time it has; the running sprint's capacity follows."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import TeamMembership
from core import events
from core.errors import InvalidInput
from core.permissions import require
from sprints.models import Absence, FocusShare, Sprint
from sprints.queries.capacity import capacity_of

LONGEST_DAYS = 366


@transaction.atomic
def add_absence(team, user, *, starts_on: date, ends_on: date, by, at: datetime | None = None) -> Absence:
    """Say on which days a person is away from a team. Raises PermissionDenied, InvalidInput."""
    require(by, "sprint.availability", Sprint(team=team))
    _need_member(team, user)
    if starts_on > ends_on:
        raise InvalidInput("The last day comes after the first.", field="ends_on")
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise InvalidInput(f"At most {LONGEST_DAYS} days at once.", field="ends_on")
    absence = Absence.objects.create(
        organization_id=team.organization_id,
        team=team,
        user=user,
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=at or timezone.now(),
        created_by=by,
    )
    events.record(
        "absence.added", target=absence, by=by, at=at, user=user.pk, starts_on=starts_on, ends_on=ends_on, team=team.pk
    )
    _refit(team, f"{user} is away {_days(starts_on, ends_on)}", by=by, at=at)
    return absence


@transaction.atomic
def remove_absence(absence, *, by, at: datetime | None = None) -> None:
    """Say that a person is there after all. Raises PermissionDenied."""
    require(by, "sprint.availability", absence)
    team, user, days = absence.team, absence.user, _days(absence.starts_on, absence.ends_on)
    events.record("absence.removed", target=absence, by=by, at=at, user=user.pk, team=team.pk)
    absence.delete()
    _refit(team, f"{user} is there {days} after all", by=by, at=at)


@transaction.atomic
def set_focus(team, user, percent: int, *, by, at: datetime | None = None) -> None:
    """Say which share of a person's time the team has. percent: 0 to 100. Raises PermissionDenied, InvalidInput."""
    require(by, "sprint.availability", Sprint(team=team))
    _need_member(team, user)
    if not 0 <= percent <= 100:
        raise InvalidInput("A share is between 0 and 100 %.", field="percent")
    held = FocusShare.objects.select_for_update().filter(team=team, user=user).first()
    old = held.percent if held else 100
    if percent == old:
        return
    share, _ = FocusShare.objects.update_or_create(
        team=team, user=user, defaults={"organization_id": team.organization_id, "percent": percent}
    )
    events.record("focus.set", target=share, by=by, at=at, user=user.pk, changes={"percent": [old, percent]})
    _refit(team, f"{user} is there for {percent} % now, before {old} %", by=by, at=at)


def _need_member(team, user):
    if not TeamMembership.objects.filter(team=team, user=user).exists():
        raise InvalidInput("This person is not in the team.", field="user")


def _refit(team, reason, *, by, at):
    """A change of capacity while the sprint runs is told as one; planned sprints work theirs out when they start."""
    sprint = Sprint.objects.select_for_update().filter(team=team, status=Sprint.Status.ACTIVE).first()
    capacity = capacity_of(sprint) if sprint else None
    if capacity is None or not capacity.has_history:
        return
    availability = Decimal(str(round(capacity.availability, 3)))
    if availability == (sprint.availability or 1):
        return
    old, new = sprint.capacity_points, capacity.stretch
    sprint.availability, sprint.capacity_points, sprint.version = availability, new, sprint.version + 1
    sprint.save(update_fields=["availability", "capacity_points", "version"])
    events.record(
        "sprint.capacity_changed",
        target=sprint,
        by=by,
        at=at,
        changes={"capacity_points": [old, new]},
        reason=reason,
    )


def _days(first, last):
    return f"on {first:%-d %b}" if first == last else f"from {first:%-d} to {last:%-d %b}"
