"""The receiving end of the outbox: a message that comes twice has one effect."""

from functools import wraps

from celery import shared_task
from django.db import connection, transaction

from core import context

_PREFIX = "outbox-"


def once(message_id: int, consumer: str) -> bool:
    """In the consumer's transaction: is this the first time that it has the effect of the message?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_outboxreceipt (message_id, consumer) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [message_id, consumer],
        )
        return cursor.rowcount == 1


def consumer(function):
    """Make the Celery task `module.function`: one transaction, one effect a message, tried again when it fails."""
    name = f"{function.__module__}.{function.__name__}"

    @shared_task(
        name=name,
        bind=True,
        autoretry_for=(Exception,),
        retry_backoff=2,
        retry_backoff_max=300,
        max_retries=12,
    )
    @wraps(function)
    def task(self, **payload):
        door = context.via.set("job")
        try:
            with transaction.atomic():
                message_id = _message_id(self.request)
                if message_id is None or once(message_id, name):
                    function(**payload)
        finally:
            context.via.reset(door)

    return task


def _message_id(request) -> int | None:
    # By the task's id: unlike a header it survives a retry.
    task_id = request.id or ""
    return int(task_id.removeprefix(_PREFIX)) if task_id.startswith(_PREFIX) else None
