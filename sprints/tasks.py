"""Work of the sprints outside requests."""

from contextlib import suppress
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from core import jobs
from sprints.actions import inspections
from sprints.models import Sprint

JOB = "inspections"
# After the night, before the daily.
FROM_HOUR = 5


@shared_task(name="sprints.tasks.inspect")
def inspect(*, slot):
    """Inspect what runs and was not looked at on this working day; safe to repeat."""
    with jobs.claimed(JOB, slot) as claim:
        if claim is None:
            return
        by = User.objects.service(JOB)
        for sprint in Sprint.objects.active().select_related("team__organization").order_by("pk"):
            here = timezone.now().astimezone(ZoneInfo(sprint.team.organization.time_zone))
            is_due = here.hour >= FROM_HOUR and here.weekday() < 5 and here.date() <= sprint.ends_on
            if is_due and not sprint.inspections.filter(on=here.date()).exists():
                with suppress(inspections.NothingToInspect):
                    inspections.inspect(sprint, here.date(), by=by)
