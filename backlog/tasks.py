"""Work of the backlog outside requests."""

from celery import shared_task

from backlog.actions import importing
from backlog.models import ImportRun
from core import context


@shared_task(name="backlog.tasks.apply_import")
def apply_import(*, run_id: int) -> None:
    """Apply an import that somebody has started; safe to repeat."""
    door = context.via.set("job")
    try:
        run = ImportRun.objects.select_related("by").get(pk=run_id)
        importing.apply_or_fail(run, by=run.by)
    finally:
        context.via.reset(door)
