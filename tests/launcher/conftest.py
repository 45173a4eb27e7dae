"""Folders for servers, and copies of bin/run on them."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
# What bin/test sets for the tests would make bin/run use the servers of bin/test.
NOT_FOR_RUN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "UNDERPIN_PORT", "UNDERPIN_VAR")


@pytest.fixture
def folder():
    # Not tmp_path: pytest closes its folders to PostgreSQL's account.
    path = Path(tempfile.mkdtemp(prefix="underpin-launcher-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def start_copy(folder):
    copies = []

    def start(*arguments, stdin=subprocess.DEVNULL, **environment):
        copies.append(Copy(folder, arguments, environment, stdin))
        return copies[-1]

    yield start
    for copy in copies:
        copy.end()


class Copy:
    """One bin/run, usually without a terminal; its output is read as it comes."""

    def __init__(self, folder, arguments, environment, stdin):
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_FOR_RUN}
        self.lines = []
        self.process = subprocess.Popen(
            [CHECKOUT / "bin" / "run", *arguments],
            cwd="/",
            env=inherited | {"UNDERPIN_VAR": str(folder)} | environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self):
        return "\n".join(self.lines)

    def wait_until_ready(self, seconds=180):
        """Return the address of the ready line."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self.lines:
                if line.startswith("Underpin is ready at "):
                    return line.removeprefix("Underpin is ready at ")
            time.sleep(0.1)
        pytest.fail(f"bin/run was not ready:\n{self.output}")

    def press_ctrl_c(self):
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self, seconds=60):
        code = self.process.wait(seconds)
        self._reader.join(10)
        return code

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))


def processes_of(folder):
    """Return the ids of all processes that were started for a data folder."""
    mark = os.fsencode(f"UNDERPIN_VAR={folder}") + b"\0"
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes():
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found


def all_ended(folder, seconds=10):
    """Tell whether all of these end; a killed process may need a moment on a busy machine."""
    deadline = time.monotonic() + seconds
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return processes_of(folder) == set()
