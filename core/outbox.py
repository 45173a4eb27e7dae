"""Messages written in the action's transaction; only the relay publishes them (RELIABILITY 5.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from core.models import OutboxMessage

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
    rows = [OutboxMessage(topic=m.topic, key=m.key, payload=m.payload) for m in messages]
    if not rows:
        return
    OutboxMessage.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
