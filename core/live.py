"""/live/…: server-sent events as a plain ASGI app; one reader of the stream for each process."""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from redis.exceptions import RedisError

from core import broker, presence
from core.relay import STREAM

logger = structlog.get_logger(__name__)

PING_SECONDS = 20
# Rights are asked for again this often: who loses them hears nothing more after at most 5 s.
RECHECK_SECONDS = 3
# An absent broker keeps nobody waiting for the head of the answer for longer than this.
PLACING_SECONDS = 1
QUEUE_LENGTH = 100
REPLAY_LENGTH = 1000
_ADDRESS = re.compile(r"^/live/([a-z]+)s/(\d{1,18})/$")
# Who asks so is shown to the others that do, and hears of them.
_PRESENT = b"present"
_EVENT_ID = re.compile(r"^\d{1,18}-\d{1,18}$")
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
# The only threads of the live stream that touch the database: two connections a process, however many listen.
_threads = ThreadPoolExecutor(2, thread_name_prefix="live")
_streams: dict[str, Callable[[object, int], bool]] = {}


def register_stream(kind: str, can_subscribe: Callable[[object, int], bool]) -> None:
    """Open /live/<kind>s/<id>/ to those for whom `can_subscribe(user, id)` is true. For `apps.py`."""
    _streams[kind] = can_subscribe


class _Hub:
    """Reads the stream once and hands each message to the queues of its key."""

    def __init__(self):
        self.queues: dict[str, set[asyncio.Queue]] = defaultdict(set)
        self._reader = None
        self._last_id = None
        self._is_placed = None

    def join(self, key: str) -> asyncio.Queue:
        queue = asyncio.Queue(QUEUE_LENGTH)
        self.queues[key].add(queue)
        if self._reader is None or self._reader.done():
            self._is_placed = asyncio.Event()
            self._reader = asyncio.get_running_loop().create_task(self._read())
        return queue

    async def placed(self) -> None:
        """Wait until no message can slip by; where the broker is away, messages count from its return."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_placed.wait(), PLACING_SECONDS)

    def leave(self, key: str, queue: asyncio.Queue) -> None:
        self.queues[key].discard(queue)
        if not self.queues[key]:
            del self.queues[key]

    async def _read(self):
        client = broker.async_client(broker.LIVE, timeout=10)
        try:
            while self.queues:
                try:
                    await self._read_on(client)
                except (RedisError, OSError) as error:
                    logger.warning("live_without_broker", error=str(error))
                    await asyncio.sleep(1)
            # Whoever joins while this one says goodbye to the broker starts the next.
            self._last_id = self._reader = None
        finally:
            await client.aclose()

    async def _read_on(self, client):
        if self._last_id is None:
            newest = await client.xrevrange(STREAM, count=1)
            self._last_id = newest[0][0].decode() if newest else "0-0"
        self._is_placed.set()
        for _, messages in await client.xread({STREAM: self._last_id}, count=200, block=2000):
            for message_id, fields in messages:
                self._last_id = message_id.decode()
                self._hand_out(fields[b"key"].decode(), (self._last_id, fields[b"data"].decode()))

    def _hand_out(self, key, message):
        for queue in list(self.queues.get(key, ())):
            if queue.full():
                # Too slow: it is told to go, comes back with its last id and gets what it missed.
                queue.get_nowait()
                queue.put_nowait(None)
                self.leave(key, queue)
            else:
                queue.put_nowait(message)


_hub = _Hub()


async def application(scope, receive, send):
    """Answer GET /live/<kind>s/<id>/ with the messages of that stream, for as long as one may hear them."""
    headers = dict(scope["headers"])
    address = _ADDRESS.match(scope["path"])
    if address is None or address[1] not in _streams:
        return await _refuse(send, 404)
    if scope["method"] != "GET":
        return await _refuse(send, 405)
    if not _is_own_origin(headers):
        return await _refuse(send, 403)
    kind, number = address[1], int(address[2])
    status, person = await _status(headers, kind, number)
    if status != 200:
        return await _refuse(send, status)
    key = f"{kind}:{number}"
    queue = _hub.join(key)
    looking = presence.everybody.join(key, person) if scope.get("query_string") == _PRESENT else None
    try:
        await _hub.placed()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send(_chunk("retry: 2000\n\n"))
        await _stream(receive, send, queue, key, headers, looking, lambda: _status(headers, kind, number))
    finally:
        _hub.leave(key, queue)
        if looking:
            presence.everybody.leave(looking)
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    return None


async def _stream(receive, send, queue, key, headers, looking, status):
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        seen = await _replay(send, key, headers.get(b"last-event-id", b"").decode("latin-1"))
        checked_at = pinged_at = time.monotonic()
        while not gone.done():
            try:
                message = await asyncio.wait_for(queue.get(), timeout=1)
            except TimeoutError:
                message = ()
            if message is None:
                return
            now = time.monotonic()
            # Before the message leaves, not after: what one may no longer hear is not told.
            if now - checked_at >= RECHECK_SECONDS:
                if (await status())[0] != 200:
                    return
                checked_at = now
            if looking and looking.is_changed:
                await send(_chunk(f"event: present\ndata: {looking.told()}\n\n"))
                pinged_at = now
            if message and _order(message[0]) > seen:
                await send(_chunk(_event(*message)))
                pinged_at = now
            elif now - pinged_at >= PING_SECONDS:
                await send(_chunk(": ping\n\n"))
                pinged_at = now
    finally:
        gone.cancel()


async def _until_gone(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


async def _replay(send, key: str, last_id: str) -> tuple[int, int]:
    if not _EVENT_ID.match(last_id):
        return (0, 0)
    seen = _order(last_id)
    client = broker.async_client(broker.LIVE, timeout=settings.REDIS_TIMEOUT_SECONDS)
    try:
        missed = await client.xrange(STREAM, min=f"({last_id}", count=REPLAY_LENGTH)
    except (RedisError, OSError):
        return seen
    finally:
        await client.aclose()
    for message_id, fields in missed:
        seen = _order(message_id.decode())
        if fields[b"key"].decode() == key:
            await send(_chunk(_event(message_id.decode(), fields[b"data"].decode())))
    return seen


def _order(message_id: str) -> tuple[int, int]:
    milliseconds, _, number = message_id.partition("-")
    return int(milliseconds), int(number)


def _event(message_id: str, data: str) -> str:
    return f"id: {message_id}\ndata: {data}\n\n"


def _chunk(text: str) -> dict:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}


def _is_own_origin(headers) -> bool:
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    return not origin or origin.partition("://")[2] == host or origin in settings.CSRF_TRUSTED_ORIGINS


async def _status(headers, kind: str, number: int) -> tuple[int, object | None]:
    """200 and the person where they may hear the stream, else why not and nobody."""
    cookies = headers.get(b"cookie", b"").decode("latin-1")
    return await asyncio.get_running_loop().run_in_executor(_threads, _status_now, cookies, kind, number)


def _status_now(cookies: str, kind: str, number: int) -> tuple[int, object | None]:
    close_old_connections()
    try:
        user = _user(cookies)
        if user is None or not user.is_authenticated:
            return 401, None
        return (200, user) if _streams[kind](user, number) else (404, None)
    except Exception:
        # Whatever kept us from knowing: nobody hears what we can't vouch for.
        logger.exception("live_rights_unknown")
        return 503, None
    finally:
        close_old_connections()


def _user(cookies: str):
    try:
        jar = SimpleCookie(cookies)
    except CookieError:
        return None
    if settings.SESSION_COOKIE_NAME not in jar:
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request = HttpRequest()
    request.session = store(jar[settings.SESSION_COOKIE_NAME].value)
    return get_user(request)


async def _refuse(send, status: int):
    body = json.dumps({"status": status}).encode()
    headers = [(b"content-type", b"application/problem+json"), *_HEADERS[1:]]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
