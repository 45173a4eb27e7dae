"""The live stream tells those who may hear, what they missed too, and stops when they may no longer."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.test import Client

from core import broker, live
from core.relay import STREAM
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

HEARERS = set()


@pytest.fixture(autouse=True)
def stream(monkeypatch, own_valkey):
    HEARERS.clear()
    monkeypatch.setitem(live._streams, "thing", lambda user, number: (user.pk, number) in HEARERS)
    monkeypatch.setattr(live, "RECHECK_SECONDS", 0.2)
    yield
    both = threading.Barrier(2)

    def close(_):
        both.wait(5)
        connections.close_all()

    list(live._threads.map(close, range(2)))


@pytest.fixture
def person(db):
    user = factories.UserFactory()
    HEARERS.add((user.pk, 7))
    return user


@pytest.fixture
def cookie(person):
    return session_of(person)


def session_of(person):
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Listener:
    """A browser on the other side of the ASGI application."""

    def __init__(self, path="/live/things/7/", **headers):
        self.scope = {
            "type": "http",
            "method": headers.pop("method", "GET"),
            "path": path,
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }
        self.status, self.text, self.is_over = None, "", False
        self.gone = asyncio.Event()

    async def __aenter__(self):
        self.task = asyncio.create_task(live.application(self.scope, self._receive, self._send))
        await self.until(lambda: self.status is not None)
        return self

    async def __aexit__(self, *_):
        self.gone.set()
        await asyncio.wait_for(self.task, 5)

    async def _receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])
        else:
            self.text += message["body"].decode()
            self.is_over = not message.get("more_body", False)

    async def until(self, condition, seconds=6):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"it did not happen in time: {self.text!r}"
            await asyncio.sleep(0.02)

    @property
    def heard(self):
        lines = [line for line in self.text.splitlines() if line.startswith("data: ")]
        return [json.loads(line.removeprefix("data: "))["n"] for line in lines]

    @property
    def ids(self):
        return [line.removeprefix("id: ") for line in self.text.splitlines() if line.startswith("id: ")]


def tell(n, key="thing:7"):
    broker.client(broker.LIVE).xadd(STREAM, {"key": key, "data": json.dumps({"n": n})})


def play(story):
    """Run it in a thread of its own: the browser tests leave an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, story).result()


def test_one_hears_ones_own_stream_only(cookie):
    async def story():
        async with Listener(cookie=cookie, host="localhost") as listener:
            tell(1)
            tell(2, key="thing:8")
            tell(3)
            await listener.until(lambda: len(listener.heard) == 2)
        return listener

    listener = play(story())

    assert listener.status == 200
    assert listener.headers[b"content-type"].startswith(b"text/event-stream")
    assert listener.heard == [1, 3]


def test_who_comes_back_hears_what_was_missed(cookie):
    async def story():
        async with Listener(cookie=cookie) as first:
            tell(1)
            await first.until(lambda: first.heard == [1])
        tell(2)
        tell(3, key="thing:8")
        tell(4)
        async with Listener(cookie=cookie, last_event_id=first.ids[-1]) as second:
            await second.until(lambda: second.heard == [2, 4])
            tell(5)
            await second.until(lambda: second.heard == [2, 4, 5])
        return second

    assert play(story()).heard == [2, 4, 5]


def test_who_comes_while_the_reader_says_goodbye_is_heard_for():
    async def story():
        hub = live._Hub()
        first = hub.join("thing:7")
        await hub.placed()
        hub.leave("thing:7", first)
        tell(1)
        # It has seen that nobody is left, and closes its connection now.
        while hub._last_id is not None:
            await asyncio.sleep(0)
        second = hub.join("thing:7")
        await hub.placed()
        tell(2)
        _, data = await asyncio.wait_for(second.get(), 5)
        return data

    assert json.loads(play(story())) == {"n": 2}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/live/things/7/", {}, 401),
        ("/live/things/7/", {"cookie": "session=forged; sessionid=forged"}, 401),
        ("/live/things/8/", {"cookie": "own"}, 404),
        ("/live/others/7/", {"cookie": "own"}, 404),
        ("/live/things/x/", {"cookie": "own"}, 404),
        ("/live/things/7/", {"cookie": "own", "origin": "https://evil.example", "host": "localhost"}, 403),
        ("/live/things/7/", {"cookie": "own", "method": "POST"}, 405),
    ],
)
def test_others_are_refused(cookie, path, headers, status):
    headers = headers | ({"cookie": cookie} if headers.get("cookie") == "own" else {})

    async def story():
        async with Listener(path, **headers) as listener:
            return listener

    listener = play(story())

    assert (listener.status, listener.is_over) == (status, True)


@pytest.mark.parametrize("end", ["rights", "session", "account"])
def test_the_stream_closes_when_one_may_no_longer_hear(cookie, person, end):
    def lose():
        if end == "rights":
            HEARERS.clear()
        elif end == "session":
            person.session_epoch += 1
            person.save(update_fields=["session_epoch"])
        else:
            person.is_active = False
            person.save(update_fields=["is_active"])
        # Of the thread that did this.
        connections.close_all()

    async def story():
        async with Listener(cookie=cookie) as listener:
            await sync_to_async(lose)()
            began = time.monotonic()
            await listener.until(lambda: listener.is_over)
            tell(1)
        return listener, time.monotonic() - began

    listener, seconds = play(story())

    assert listener.heard == []
    assert seconds < 5


def test_a_listener_outlives_the_restart_of_the_broker(cookie, own_valkey):
    async def story():
        async with Listener(cookie=cookie) as listener:
            await sync_to_async(own_valkey.stop)()
            await sync_to_async(own_valkey.start)()
            await asyncio.sleep(1.5)
            tell(1)
            await listener.until(lambda: listener.heard == [1])
        return listener

    assert play(story()).heard == [1]


def test_a_listener_that_does_not_read_is_sent_away(cookie, monkeypatch):
    monkeypatch.setattr(live, "QUEUE_LENGTH", 5)

    async def story():
        async with Listener(cookie=cookie) as listener:
            queue = next(iter(live._hub.queues["thing:7"]))
            for n in range(20):
                live._hub._hand_out("thing:7", (f"{n + 1}-0", json.dumps({"n": n})))
            assert queue.qsize() <= 5
            await listener.until(lambda: listener.is_over)
        return listener

    assert len(play(story()).heard) < 20


def test_members_hear_their_product_and_stakeholders_and_outsiders_do_not(payments, dev, stan, eve):
    kind = live._streams["product"]

    assert [kind(person, payments.pk) for person in (dev, stan, eve)] == [True, False, False]
