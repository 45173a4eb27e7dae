"""PostgreSQL is killed in the middle of a storm, and comes back (RELIABILITY R4)."""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.postgres import OWNER, Postgres

CHECKOUT = Path(__file__).resolve().parents[2]
# Kills a server: never beside another test that does.
pytestmark = pytest.mark.xdist_group("kills")


@pytest.fixture
def postgres():
    # Not tmp_path: pytest closes its folders to PostgreSQL's account.
    folder = Path(tempfile.mkdtemp(prefix="underpin-storm-", dir="/tmp"))
    folder.chmod(0o711)
    server = Postgres(folder).start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("rounds", "acknowledged"), [pytest.param(1, 150), pytest.param(5, 1_000, marks=pytest.mark.long)]
)
def test_no_acknowledged_move_is_lost(postgres, rounds, acknowledged):
    environment = os.environ | {
        "DATABASE_URL": postgres.url(),
        "DATABASE_OWNER_URL": postgres.url(OWNER),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    _run(environment, "manage.py", "migrate", "--verbosity=0")
    storm = Storm(environment)

    for _ in range(rounds):
        storm.wait_for_moves(acknowledged)
        postgres.kill()
        _start_again(postgres)
        began = time.monotonic()
        storm.wait_for_moves(1)
        assert time.monotonic() - began <= 10
    storm.wait_for_moves(acknowledged)
    found = storm.end()

    assert found["problems"] == []
    kept = {int(version): tuple(move) for version, move in found["moves"].items()}
    assert len(storm.moves) >= acknowledged * (rounds + 1)
    assert {version: kept.get(version) for version in storm.moves} == storm.moves


def _run(environment, *command):
    subprocess.run([sys.executable, *command], cwd=CHECKOUT, env=environment, check=True)


def _start_again(postgres):
    # The first attempts fail while the kernel still holds the shared memory of the dead.
    for _ in range(50):
        try:
            postgres.start()
            return
        except LauncherError:
            time.sleep(0.1)
    pytest.fail("PostgreSQL did not come back")


class Storm:
    """A process that moves items; `moves` are those it was told have happened: version → (item, after)."""

    def __init__(self, environment):
        self.moves = {}
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import django; django.setup(); from tests.storms.mover import main; main()"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def wait_for_moves(self, count):
        # What was said before counts as well, but not as an answer to what comes now.
        while not self._lines.empty():
            self._note(self._lines.get())
        for _ in range(count):
            self._note(self._lines.get(timeout=60))

    def end(self):
        self._process.stdin.close()
        while True:
            line = self._lines.get(timeout=60)
            if "problems" in line:
                self._process.wait(30)
                return line
            self._note(line)

    def _note(self, line):
        assert "error" not in line, line["error"]
        self.moves[line["version"]] = (line["item"], line["after"])
