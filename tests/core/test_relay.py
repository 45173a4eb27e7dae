"""The outbox: what an action wrote leaves at least once, whatever dies, and has one effect."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from core import broker, outbox
from core.consume import consumer
from core.models import OutboxMessage, OutboxReceipt
from core.relay import STREAM, Relay

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def write(*messages):
    with transaction.atomic():
        outbox.send(messages)


def heard():
    return [json.loads(fields[b"data"])["n"] for _, fields in broker.client(broker.LIVE).xrange(STREAM)]


def queued():
    tasks = [json.loads(raw) for raw in broker.client(0).lrange("interactive", 0, -1)]
    return sorted(task["headers"]["id"] for task in tasks)


def live(n):
    return outbox.Message(topic=outbox.LIVE, key="product:7", payload={"n": n})


def test_what_an_undone_action_wrote_never_leaves(own_valkey):
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.send([live(1)])
        raise RuntimeError

    assert Relay().publish_batch() == 0
    assert heard() == []


def test_messages_leave_in_their_order_and_once(own_valkey):
    write(*[live(n) for n in range(130)])
    relay = Relay()

    assert [relay.publish_batch() for _ in range(3)] == [100, 30, 0]
    assert heard() == list(range(130))
    assert OutboxMessage.objects.filter(done_at=None).count() == 0


def test_two_relays_share_the_work(own_valkey):
    write(*[live(n) for n in range(400)])

    def work():
        relay = Relay()
        while relay.publish_batch():
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(heard()) == list(range(400))


def test_a_message_waits_while_the_broker_is_away(own_valkey):
    write(live(1), live(2))
    own_valkey.stop()
    relay = Relay()

    assert relay.publish_batch() == 0
    first, second = OutboxMessage.objects.order_by("id")
    assert (first.attempts, first.done_at, second.attempts) == (1, None, 0)
    assert first.error

    own_valkey.start()
    OutboxMessage.objects.update(next_at=timezone.now())
    assert relay.publish_batch() == 2
    assert heard() == [1, 2]


def test_one_bad_message_does_not_hold_up_the_others(own_valkey):
    OutboxMessage.objects.create(topic="tests.nothing", payload=["no arguments by name"])
    write(live(2))

    assert Relay().publish_batch() == 1

    assert heard() == [2]
    assert OutboxMessage.objects.get(done_at=None).attempts == 1


def test_a_task_knows_the_request_that_caused_it(own_valkey, relay_process):
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        write(outbox.Message(topic="tests.nothing", payload={"event_id": 1}))
    relay_process()

    wait_until(queued)

    (raw,) = broker.client(0).lrange("interactive", 0, -1)
    assert json.loads(raw)["headers"]["__django_structlog__"] == {"request_id": "r-1"}


def test_published_messages_go_after_a_week(db):
    _, fresh = (
        OutboxMessage.objects.create(topic="live", done_at=timezone.now() - timedelta(days=days)) for days in (8, 6)
    )
    waiting = OutboxMessage.objects.create(topic="live")

    assert outbox.purge(older_than=timedelta(days=7)) == 1
    assert set(OutboxMessage.objects.values_list("pk", flat=True)) == {fresh.pk, waiting.pk}


EFFECTS = []


@consumer
def take_note(*, event_id):
    EFFECTS.append(event_id)
    if event_id == "fails":
        raise ValueError


def test_a_message_that_comes_twice_has_one_effect():
    EFFECTS.clear()

    for _ in range(2):
        take_note.apply(kwargs={"event_id": 4}, task_id=outbox.task_id(31))

    assert EFFECTS == [4]
    assert OutboxReceipt.objects.get().message_id == 31


def test_a_failed_effect_leaves_no_receipt():
    EFFECTS.clear()

    take_note.apply(kwargs={"event_id": "fails"}, task_id=outbox.task_id(32), throw=False, retries=12)

    assert EFFECTS == ["fails"]
    assert not OutboxReceipt.objects.exists()


@pytest.fixture
def relay_process(own_valkey):
    at = connection.settings_dict
    host = quote(at["HOST"], safe="")
    port = f":{at['PORT']}" if at["PORT"] else ""
    url = f"postgres://{at['USER']}:{quote(at['PASSWORD'])}@{host}{port}/{at['NAME']}"
    environment = os.environ | {"DATABASE_URL": url, "DATABASE_OWNER_URL": url, "REDIS_URL": own_valkey.url}
    started = []

    def start():
        command = [sys.executable, "manage.py", "relay"]
        process = subprocess.Popen(command, cwd=Path(django_settings.BASE_DIR), env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def wait_until(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def test_nothing_is_lost_when_the_relay_and_the_broker_die(own_valkey, relay_process):
    first = relay_process()
    write(*[outbox.Message(topic="tests.nothing", payload={"event_id": n}) for n in range(300)])
    wait_until(lambda: OutboxMessage.objects.exclude(done_at=None).exists())
    first.kill()
    first.wait(10)
    own_valkey.stop()
    write(outbox.Message(topic="tests.nothing", payload={"event_id": 300}))

    second = relay_process()
    wait_until(lambda: OutboxMessage.objects.filter(attempts__gt=0).exists())
    own_valkey.start()
    wait_until(lambda: not OutboxMessage.objects.filter(done_at=None).exists(), 60)

    # The throw-away broker keeps nothing over its stop: what came after it is there.
    assert outbox.task_id(OutboxMessage.objects.latest("id").pk) in queued()
    second.send_signal(signal.SIGTERM)
    assert second.wait(15) == 0


def test_a_relay_outlives_the_loss_of_its_database_connection(own_valkey, relay_process):
    relay_process()
    write(live(1))
    # Not as soon as it is heard: a relay that dies before its commit tells it again.
    wait_until(lambda: OutboxMessage.objects.filter(done_at=None).count() == 0)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
    write(live(2))

    wait_until(lambda: heard() == [1, 2])


def test_a_commit_wakes_the_relay_at_once(own_valkey, relay_process):
    relay_process()
    write(live(1))
    wait_until(lambda: heard() == [1])
    began = time.monotonic()

    write(live(2))
    wait_until(lambda: heard() == [1, 2])

    assert time.monotonic() - began < 2
