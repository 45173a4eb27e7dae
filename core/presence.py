"""Who looks at a live stream just now: kept in Valkey with an end of its own, told by each process of its viewers."""

import asyncio
import json
import secrets
from collections import defaultdict
from contextlib import suppress

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from core import broker

logger = structlog.get_logger(__name__)

BEAT_SECONDS = 2
# Whose process was killed is gone after that.
STAY_SECONDS = 10


class Looking:
    """One page of one person. others: who else looks, by name; changed: whether that page has yet to hear of it."""

    def __init__(self, key: str, person):
        self.key = key
        self.person = {"id": person.pk, "name": str(person), "initials": person.initials}
        # A person may look from two pages, and one of them may close.
        self.member = json.dumps([self.person, secrets.token_hex(8)])
        self.others: list[dict] = []
        self.is_changed = False

    def see(self, people: dict[int, dict]) -> None:
        others = [person for number, person in people.items() if number != self.person["id"]]
        others.sort(key=lambda person: (person["name"].casefold(), person["id"]))
        self.is_changed |= others != self.others
        self.others = others

    def told(self) -> str:
        self.is_changed = False
        return json.dumps(self.others)


class Presence:
    """The viewers of this process: one round trip a beat, however many they are. Without Valkey nobody is seen."""

    def __init__(self):
        self._here: dict[str, set[Looking]] = defaultdict(set)
        self._gone: list[Looking] = []
        self._beating = None
        self._woken = None

    def join(self, key: str, person) -> Looking:
        looking = Looking(key, person)
        self._here[key].add(looking)
        if self._beating is None or self._beating.done():
            self._woken = asyncio.Event()
            self._beating = asyncio.get_running_loop().create_task(self._beat_on())
        self._woken.set()
        return looking

    def leave(self, looking: Looking) -> None:
        self._here[looking.key].discard(looking)
        if not self._here[looking.key]:
            del self._here[looking.key]
        self._gone.append(looking)
        self._woken.set()

    async def _beat_on(self):
        client = broker.async_client(broker.LIVE, timeout=settings.REDIS_TIMEOUT_SECONDS)
        try:
            while self._here or self._gone:
                self._woken.clear()
                try:
                    await self._beat(client)
                except (RedisError, OSError) as error:
                    logger.warning("presence_without_broker", error=str(error))
                    self._show({})
                    # Who has gone meanwhile runs out.
                    self._gone.clear()
                    await asyncio.sleep(BEAT_SECONDS)
                else:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), BEAT_SECONDS)
        finally:
            await client.aclose()

    async def _beat(self, client):
        # Valkey's clock: those of several machines may differ.
        seconds, micros = await client.time()
        now = seconds + micros / 1_000_000
        here = {key: [looking.member for looking in each] for key, each in self._here.items()}
        gone, self._gone = self._gone, []
        async with client.pipeline(transaction=False) as pipeline:
            for looking in gone:
                pipeline.zrem(_name(looking.key), looking.member)
            for key, members in here.items():
                pipeline.zadd(_name(key), dict.fromkeys(members, now + STAY_SECONDS))
                pipeline.expire(_name(key), 2 * STAY_SECONDS)
                pipeline.zrangebyscore(_name(key), now, "+inf")
                pipeline.zremrangebyscore(_name(key), "-inf", now)
            answers = (await pipeline.execute())[len(gone) :]
        found = dict(zip(here, answers[2::4], strict=True))
        self._show({key: [json.loads(member)[0] for member in members] for key, members in found.items()})

    def _show(self, found):
        for key, each in self._here.items():
            people = {person["id"]: person for person in found.get(key, ())}
            for looking in each:
                looking.see(people)


def _name(key: str) -> str:
    return f"present:{key}"


everybody = Presence()
