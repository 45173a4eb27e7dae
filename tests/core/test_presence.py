"""Who looks is seen by the others: once however many pages, not by oneself, not after one has gone."""

import asyncio
import json

import pytest

from core import presence
from tests import factories
from tests.core.test_live import HEARERS, Listener, play, session_of, stream  # noqa: F401  the fixture

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PATH = "/live/things/7/"


@pytest.fixture
def people(db):
    """Two who may hear, with their cookies."""
    made = [factories.UserFactory(name=name) for name in ("Ines Ortiz", "Marek Novak")]
    HEARERS.update((person.pk, 7) for person in made)
    return [(person, session_of(person)) for person in made]


class Looker(Listener):
    def __init__(self, cookie):
        super().__init__(PATH, cookie=cookie)
        self.scope["query_string"] = b"present"

    @property
    def seen(self):
        """Who was shown last; None before anybody was."""
        shown = self.text.rpartition("event: present\ndata: ")[2] if "event: present" in self.text else "null"
        people = json.loads(shown.partition("\n")[0])
        return people if people is None else [person["initials"] for person in people]


def test_people_see_each_other_join_and_leave(people):
    (_, of_ines), (_, of_marek) = people

    async def story():
        async with Looker(of_ines) as ines, Looker(of_ines) as second, Listener(PATH, cookie=of_marek) as other_page:
            async with Looker(of_marek) as marek:
                await ines.until(lambda: ines.seen == ["MN"])
                await marek.until(lambda: marek.seen == ["IO"])
                # A page that does not ask neither shows its reader nor hears of others.
                assert "present" not in other_page.text
                async with Looker(of_marek):
                    await asyncio.sleep(0.3)
                assert (ines.seen, second.seen) == (["MN"], ["MN"])
            await ines.until(lambda: ines.seen == [])

    play(story())


def test_who_looks_through_another_process_is_seen_until_it_dies(people, monkeypatch):
    (_, of_ines), (marek, _) = people
    monkeypatch.setattr(presence, "STAY_SECONDS", 1)
    monkeypatch.setattr(presence, "BEAT_SECONDS", 0.2)

    async def story():
        other = presence.Presence()
        async with Looker(of_ines) as ines:
            other.join("thing:7", marek)
            await ines.until(lambda: ines.seen == ["MN"])
            other._beating.cancel()
            await ines.until(lambda: ines.seen == [])

    play(story())


def test_without_valkey_nobody_is_seen(people, own_valkey, monkeypatch):
    (_, of_ines), (_, of_marek) = people
    monkeypatch.setattr(presence, "BEAT_SECONDS", 0.2)

    async def story():
        async with Looker(of_ines) as ines, Looker(of_marek):
            await ines.until(lambda: ines.seen == ["MN"])
            own_valkey.stop()
            await ines.until(lambda: ines.seen == [])
            own_valkey.start()
            await ines.until(lambda: ines.seen == ["MN"])

    play(story())


def test_who_may_no_longer_hear_is_no_longer_seen(people):
    (_, of_ines), (marek, of_marek) = people

    async def story():
        async with Looker(of_ines) as ines, Looker(of_marek) as gone:
            await ines.until(lambda: ines.seen == ["MN"])
            HEARERS.discard((marek.pk, 7))
            await ines.until(lambda: ines.seen == [])
            assert gone.is_over

    play(story())
