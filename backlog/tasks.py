"""Work of the backlog outside requests."""

from celery import shared_task

from accounts.models import Membership, User
from backlog.actions import importing, products
from backlog.models import ImportRun
from core import context
from core.consume import consumer
from core.models import Event


@shared_task(name="backlog.tasks.apply_import")
def apply_import(*, run_id: int) -> None:
    """Apply an import that somebody has started; safe to repeat."""
    door = context.via.set("job")
    try:
        run = ImportRun.objects.select_related("by").get(pk=run_id)
        importing.apply_or_fail(run, by=run.by)
    finally:
        context.via.reset(door)


@consumer
def end_roles(*, event_id: int) -> None:
    """End the product roles of a person who left their organization: follows `member.deactivated`."""
    event = Event.objects.get(pk=event_id)
    membership = Membership.objects.select_related("organization", "user").get(pk=event.target_id)
    products.end_roles(membership.organization, membership.user, by=User.objects.service("membership"))
