"""Messages written in the action's transaction; only the relay publishes them (RELIABILITY 5.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from core import context
from core.models import OutboxMessage, OutboxReceipt

CHANNEL = "outbox"
LIVE = "live"


@dataclass(frozen=True)
class Message:
    """topic: LIVE, or the name of a Celery task; key: the live stream it belongs to."""

    topic: str
    payload: dict = field(default_factory=dict)
    key: str = ""


def send(messages: Iterable[Message]) -> None:
    """Write the messages in the current transaction and wake the relay when it commits."""
    request_id = context.request_id()
    rows = [OutboxMessage(topic=m.topic, key=m.key, payload=m.payload, request_id=request_id) for m in messages]
    if not rows:
        return
    OutboxMessage.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def task_id(message_id: int) -> str:
    """The id of the Celery task that carries this message."""
    return f"outbox-{message_id}"


def purge(*, older_than: timedelta) -> int:
    """Delete published messages and their receipts after a while; return how many messages went."""
    before = timezone.now() - older_than
    OutboxReceipt.objects.filter(at__lt=before).delete()
    return OutboxMessage.objects.filter(done_at__lt=before).delete()[0]
