"""The worker is killed in the middle of nights (RELIABILITY R6, R7): each ends with one of everything, as if nothing
had happened."""

import email
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from launcher.postgres import DATABASE, OWNER, Postgres
from launcher.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 180
FIRST = date(2031, 6, 10)
# Seconds that the digests of a night take, and the people who get one each night.
TELLING, DAILY = 0.3, 4
pytestmark = pytest.mark.xdist_group("kills")


class Sink:
    """Notes the Message-ID and the receiver of each mail that comes in."""

    def __init__(self):
        self.received = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.content)
        self.received.append((message["Message-ID"], message["To"], message["Subject"]))
        return "250 OK"


@pytest.fixture
def sink():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def servers():
    # Not tmp_path: pytest closes its folders to PostgreSQL's account.
    folder = Path(tempfile.mkdtemp(prefix="underpin-storm-", dir="/tmp"))
    folder.chmod(0o711)
    with Postgres(folder, is_throwaway=True) as postgres, Valkey(folder, is_throwaway=True) as valkey:
        yield postgres, valkey
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def house(servers, sink):
    """The environment of programs on servers of their own, migrated."""
    postgres, valkey = servers
    environment = os.environ | {
        "DATABASE_URL": postgres.url(),
        "DATABASE_OWNER_URL": postgres.url(OWNER),
        "REDIS_URL": valkey.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "UNDERPIN_VAR": str(postgres.folder),
        # A worker that starts asks for the last due night: the first of these, not one of today.
        "UNDERPIN_CLOCK": f"{FIRST.isoformat()}T02:00:30+00:00",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(sink.port),
        "LOG_LEVEL": "CRITICAL",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=CHECKOUT, env=environment, check=True)
    return environment


@pytest.fixture
def copied(servers, house):
    """Copies the database as it is now; gives the environment of programs on the copy."""

    def copied():
        postgres, _ = servers
        connection = postgres.connect(database="postgres")
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE copy TEMPLATE {DATABASE} OWNER {OWNER}")
        connection.close()
        return house | {
            "DATABASE_URL": postgres.url(database="copy"),
            "DATABASE_OWNER_URL": postgres.url(OWNER, "copy"),
        }

    return copied


class Director:
    """Asks tests/storms/nightfall.py, which runs beside, to do and to tell."""

    def __init__(self, environment):
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import django; django.setup(); from tests.storms.nightfall import main; main()"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *command):
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{command}: the process has ended"
        return json.loads(answer)

    def end(self):
        self._process.stdin.close()
        self._process.wait(30)


@contextmanager
def directed(environment):
    director = Director(environment)
    try:
        yield director
    finally:
        director.end()


class Worker:
    """Celery as bin/run starts it: a parent and two children."""

    QUEUES = "interactive,nightly,import,webhooks"

    def __init__(self, environment):
        self._environment = environment
        self.start()

    def start(self):
        command = ["-m", "celery", "-A", "config", "--quiet", "worker", "--queues", self.QUEUES, "--concurrency", "2"]
        self._process = subprocess.Popen(
            [sys.executable, *command, "--loglevel", "CRITICAL"],
            cwd=CHECKOUT,
            env=self._environment,
            start_new_session=True,
        )

    def kill(self):
        """kill -9 of the parent and both children at once; another takes their place."""
        self.end()
        self.start()

    def end(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_child(self):
        """kill -9 of one child: the parent puts another into its place."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if children:
            os.kill(int(random.choice(children)), signal.SIGKILL)


@contextmanager
def running(environment):
    relay = subprocess.Popen(
        [sys.executable, "manage.py", "relay"], cwd=CHECKOUT, env=environment, start_new_session=True
    )
    worker = Worker(environment)
    try:
        yield worker
    finally:
        worker.end()
        os.killpg(relay.pid, signal.SIGKILL)
        relay.wait()


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.long)])
def test_killed_nights_leave_what_undisturbed_ones_leave(house, copied, sink, rounds):
    nights = [(FIRST + timedelta(days=number)).isoformat() for number in range(rounds)]
    with directed(house) as director:
        products = director("seed", FIRST.isoformat())
    with directed(copied()) as director:
        seconds = [director("undisturbed", on) for on in nights]
        expected = {on: director("left", on)["rows"] for on in nights}
        written = director("mails")
    rng, attempts = random.Random(rounds), Counter()

    with directed(house) as director, running(house) as worker:
        for number, on in enumerate(nights):
            director("tick", on, 0)
            director("under_way", on, rng.randrange(len(products) - 2))
            # Some way into the nights that two children are at.
            time.sleep(rng.uniform(0, seconds[number] / len(products)))
            worker.kill_child() if number % 4 == 3 else worker.kill()
            director("wait_long")
            _wait(director, on, lambda told: told["done"] == len(products))
            if number % 2:
                director("telling", on)
                time.sleep(rng.uniform(0, TELLING))
                worker.kill()
                director("wait_long")
            _wait(director, on, lambda told: told["told"])
        _wait(director, nights[-1], lambda told: told["waiting"] == 0)
        found = {on: director("left", on) for on in nights}
        mails = director("mails")

    assert list(_differences({on: left["rows"] for on, left in found.items()}, expected)) == []
    for on, left in found.items():
        assert left["runs"].keys() == {f"{product}:{on}" for product in products.values()}
        assert {key.partition(" ")[0] for key in left["rows"]} == products.keys()
        assert {len(rows) for rows in left["rows"].values()} == {1}
        assert len(left["digests"]) == len(set(left["digests"])) >= DAILY
    assert mails == written
    # One mail may come twice, and never under two names.
    named = {(receiver, subject): name for name, receiver, subject in sink.handler.received}
    assert {name for name, *_ in sink.handler.received} == set(named.values()) == {name for name, *_ in mails}
    attempts.update(count for left in found.values() for count in left["runs"].values())
    assert max(attempts) > 1, "no night was hit"


def _differences(found, expected, path=()):
    """Where two values of lists and dictionaries differ, and how."""
    if type(found) is type(expected) is dict and found.keys() == expected.keys():
        for key in found:
            yield from _differences(found[key], expected[key], (*path, key))
    elif type(found) is type(expected) is list and len(found) == len(expected):
        for place, pair in enumerate(zip(found, expected, strict=True)):
            yield from _differences(*pair, (*path, place))
    elif found != expected:
        yield path, found, expected


def _wait(director, on, is_enough):
    until, minutes = time.monotonic() + PATIENCE, 0
    while not is_enough(told := director("standing", on)):
        assert time.monotonic() < until, told
        time.sleep(0.3)
        # Beat goes on ticking, fast.
        minutes = (minutes + 15) % 600
        director("tick", on, minutes)
