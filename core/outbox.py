"""Messages written in the action's transaction; only the relay publishes them (RELIABILITY 5.6)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from core import context
from core.models import OutboxMessage, OutboxReceipt

CHANNEL = "outbox"
LIVE = "live"

# One statement: most transactions that write tell a single thing.
_SEND = """
    WITH sent AS (
        INSERT INTO core_outboxmessage (topic, key, payload, attempts, error, request_id)
        SELECT topic, key, payload, 0, '', %s
        FROM unnest(%s::text[], %s::text[], %s::jsonb[]) AS message (topic, key, payload)
    )
    SELECT pg_notify(%s, '')
"""


@dataclass(frozen=True)
class Message:
    """topic: LIVE, or the name of a Celery task; key: the live stream it belongs to."""

    topic: str
    payload: dict = field(default_factory=dict)
    key: str = ""


def send(messages: Iterable[Message]) -> None:
    """Write the messages in the current transaction and wake the relay when it commits."""
    rows = [(message.topic, message.key, json.dumps(message.payload, cls=DjangoJSONEncoder)) for message in messages]
    if not rows:
        return
    topics, keys, payloads = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_SEND, [context.request_id(), topics, keys, payloads, CHANNEL])


def task_id(message_id: int) -> str:
    """The id of the Celery task that carries this message."""
    return f"outbox-{message_id}"


def purge(*, older_than: timedelta) -> int:
    """Delete published messages and their receipts after a while; return how many messages went."""
    before = timezone.now() - older_than
    OutboxReceipt.objects.filter(at__lt=before).delete()
    return OutboxMessage.objects.filter(done_at__lt=before).delete()[0]
