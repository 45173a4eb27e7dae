"""Counts a sprint again from nothing but the event log, the slow and simple way: for each day from the beginning."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.models import Event
from sprints.models import SprintItem
from sprints.queries.history import sprint_history


def told(sprint):
    """What the app says: velocity, commitment, the days, the log."""
    history = sprint_history(sprint, now=timezone.now())
    return {
        "delivered": sprint.delivered_points,
        "committed": (sprint.committed_points, history.committed),
        "days": [(day.on, day.scope, day.done, day.in_progress) for day in history.days],
        "log": [(change.cause, change.item_id, change.points) for change in history.changes],
    }


def recount(sprint):
    zone = ZoneInfo(sprint.team.organization.time_zone)
    events = list(Event.objects.order_by("at", "id"))
    (started,) = [e for e in events if (e.name, e.target_id) == ("sprint.started", sprint.pk)]
    closed = next((e for e in events if (e.name, e.target_id) == ("sprint.closed", sprint.pk)), None)
    over_at = closed.at if closed else timezone.now()
    start_points = dict(
        SprintItem.objects.filter(sprint=sprint, item__in=started.data["items"]).values_list("item", "points_at_start")
    )
    days, day = [], sprint.starts_on
    while day <= min(sprint.ends_on, over_at.astimezone(zone).date()):
        if day.weekday() < 5:
            until = min(datetime.combine(day + timedelta(days=1), datetime.min.time(), zone), over_at)
            days.append((day, *_sums(events, started, start_points, sprint, until)))
        day += timedelta(days=1)
    delivered = _sums(events, started, start_points, sprint, over_at)[1] if closed else None
    committed = sum((points or 0 for points in start_points.values()), Decimal(0))
    return {
        "delivered": delivered,
        "committed": (committed, committed),
        "days": days,
        "log": [row for event in events if started.at <= event.at < over_at for row in _logged(event, sprint, started)],
    }


def _sums(events, started, start_points, sprint, until):
    before = [event for event in events if event.at < until or event is started]
    if until <= started.at:
        return sum((points or 0 for points in start_points.values()), Decimal(0)), Decimal(0), Decimal(0)
    points = {pk: size or Decimal(0) for pk, size in start_points.items()}
    for event in before:
        if event.at < started.at or event.target_type != "backlog.item":
            continue
        if event.name == "item.added_to_sprint" and event.data["sprint"] == sprint.pk and event.data["is_scope_change"]:
            points[event.target_id] = Decimal(str(event.data["points"] or 0))
        if event.name == "item.removed_from_sprint" and event.data["sprint"] == sprint.pk:
            points.pop(event.target_id, None)
        if event.name == "item.dropped":
            points.pop(event.target_id, None)
        if event.target_id in points and "points" in event.data.get("changes", {}):
            points[event.target_id] = Decimal(str(event.data["changes"]["points"][1] or 0))
    status = {
        event.target_id: event.data["changes"]["status"][1]
        for event in before
        if event.target_type == "backlog.item" and "status" in event.data.get("changes", {})
    }
    done = sum((size for pk, size in points.items() if status.get(pk) in ("done", "accepted")), Decimal(0))
    begun = sum((size for pk, size in points.items() if status.get(pk) == "in_progress"), Decimal(0))
    return sum(points.values(), Decimal(0)), done, begun


def _logged(event, sprint, started):
    if event.target_type == "backlog.item":
        points = Decimal(str(event.data.get("points") or 0))
        if event.name == "item.added_to_sprint" and event.data["sprint"] == sprint.pk and event.data["is_scope_change"]:
            yield ("added", event.target_id, points)
        if event.name == "item.removed_from_sprint" and event.data["sprint"] == sprint.pk:
            yield ("removed", event.target_id, -points)
