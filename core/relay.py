"""Publishes what waits in the outbox: the only code that talks to Celery and to the live stream."""

import json
import select
import time
from datetime import timedelta

import celery
import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core import broker, outbox
from core.models import OutboxMessage

logger = structlog.get_logger(__name__)

BATCH = 100
POLL_SECONDS = 5
MAX_DELAY_SECONDS = 30
KEPT = timedelta(days=7)
STREAM = "live"
# Enough for a client that was away for minutes; who was away longer asks the feed.
STREAM_LENGTH = 10_000
_AWAY = (BrokerError, RedisError, ConnectionError, TimeoutError)
_PURGE_SECONDS = 3600


class Relay:
    """One of these suffices; several share the work, since each takes rows that no other holds."""

    def __init__(self):
        self._live = broker.client(broker.LIVE)
        self._is_listening = False
        self._purged_at = 0.0
        self._is_stopped = False

    def run(self) -> None:
        """Publish until `stop`; outlives restarts of the database and of the broker."""
        delay = 1
        while not self._is_stopped:
            try:
                self._listen()
                published = self.publish_batch()
                self._purge()
                delay = 1
                if published < BATCH:
                    self._wait(POLL_SECONDS)
            except (OperationalError, InterfaceError) as error:
                logger.warning("relay_without_database", error=str(error).strip())
                self._is_listening = False
                connection.close()
                time.sleep(delay)
                delay = min(delay * 2, POLL_SECONDS)

    def stop(self, *_) -> None:
        self._is_stopped = True

    def publish_batch(self) -> int:
        """Publish up to BATCH messages that are due, oldest first; return how many left."""
        with transaction.atomic():
            waiting = OutboxMessage.objects.select_for_update(skip_locked=True).filter(done_at=None, next_at__lte=Now())
            done, published = [], 0
            for message in waiting.order_by("id")[:BATCH]:
                try:
                    self._publish(message)
                except _AWAY as error:
                    _postpone(message, error)
                    logger.warning("relay_without_broker", error=str(error))
                    # The rest of the batch would wait for the same timeout.
                    break
                except Exception as error:
                    _postpone(message, error)
                    logger.exception("message_not_published", message=message.pk, topic=message.topic)
                    continue
                done.append(message.pk)
                published += 1
            OutboxMessage.objects.filter(pk__in=done).update(done_at=Now(), error="")
        return published

    def _publish(self, message: OutboxMessage) -> None:
        if message.topic == outbox.LIVE:
            fields = {"key": message.key, "data": json.dumps(message.payload)}
            self._live.xadd(STREAM, fields, maxlen=STREAM_LENGTH, approximate=True)
            return
        # The log lines of the task carry the id of the request that caused it.
        with structlog.contextvars.bound_contextvars(request_id=message.request_id):
            # The task's id is that of the message: a second delivery is the same task to its consumer.
            celery.current_app.send_task(
                message.topic,
                kwargs=message.payload,
                task_id=outbox.task_id(message.pk),
                headers={"outbox_id": message.pk},
                retry=True,
                retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0},
            )

    def _listen(self) -> None:
        if self._is_listening and connection.connection is not None:
            return
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {outbox.CHANNEL}")
        self._is_listening = True

    def _wait(self, seconds: float) -> None:
        raw = connection.connection
        if raw is None:
            return
        until = time.monotonic() + seconds
        while not self._is_stopped and not raw.notifies and (rest := until - time.monotonic()) > 0:
            # In short steps, so that a stop is heard.
            if select.select([raw], [], [], min(rest, 0.5))[0]:
                try:
                    raw.poll()
                except Exception as error:
                    raise InterfaceError(str(error)) from error
        raw.notifies.clear()

    def _purge(self) -> None:
        if time.monotonic() - self._purged_at < _PURGE_SECONDS and self._purged_at:
            return
        self._purged_at = time.monotonic()
        outbox.purge(older_than=KEPT)


def _postpone(message: OutboxMessage, error: Exception) -> None:
    message.attempts += 1
    message.next_at = timezone.now() + timedelta(seconds=min(2**message.attempts, MAX_DELAY_SECONDS))
    message.error = f"{type(error).__name__}: {error}"[:2000]
    message.save(update_fields=["attempts", "next_at", "error"])
