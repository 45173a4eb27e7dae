"""Record what happened, and let higher apps hear of it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from core import context, outbox
from core.models import Event

_subscribers: dict[str, list[str]] = defaultdict(list)


@dataclass(frozen=True)
class Happening:
    """One event to record; `data` holds plain values and what changed."""

    name: str
    target: object
    data: dict = field(default_factory=dict)


def subscribe(name: str, task: str) -> None:
    """Have the Celery task of that name called with `event_id` for each such event. For `apps.py`."""
    _subscribers[name].append(task)


def record(name: str, /, *, target, by, on_behalf_of=None, at: datetime | None = None, **data) -> Event:
    """Record one event in the current transaction, with outbox rows for its subscribers and the live stream."""
    return record_many([Happening(name, target, data)], by=by, on_behalf_of=on_behalf_of, at=at)[0]


def record_many(happenings: Iterable[Happening], *, by, on_behalf_of=None, at: datetime | None = None) -> list[Event]:
    """Record several events by one person in two statements. `at`: for the demo and imports only."""
    events = Event.objects.bulk_create(
        Event(
            at=at or timezone.now(),
            name=happening.name,
            by=by,
            on_behalf_of=on_behalf_of,
            via=context.via.get(),
            target_type=happening.target._meta.label_lower,
            target_id=happening.target.pk,
            stream=happening.target.event_stream,
            data=json.loads(json.dumps(happening.data, cls=DjangoJSONEncoder)),
            request_id=context.request_id(),
        )
        for happening in happenings
    )
    outbox.send(
        outbox.Message(topic=task, payload={"event_id": event.pk})
        for event in events
        for task in _subscribers[event.name]
    )
    return events
