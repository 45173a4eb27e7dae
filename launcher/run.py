"""bin/run: Underpin with servers of its own, for one machine and its loopback."""

import argparse
import fcntl
import http.client
import os
import secrets
import shutil
import socket
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2

from launcher import sources
from launcher.errors import LauncherError, Stopped
from launcher.postgres import APP, OWNER, Postgres
from launcher.processes import Processes
from launcher.progress import say, step
from launcher.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 100
READY_SECONDS = 120
QUEUES = "interactive,nightly,import,webhooks"
# All that bin/run keeps; --reset removes these and nothing else that may lie in the folder.
KEPT = (
    "beat",
    "demo-sign-ins",
    "log",
    "mail",
    "media",
    "postgres",
    "postgres-programs",
    "postgres.unfinished",
    "prepared-from",
    "secret-key",
    "started-before",
    "static",
    "valkey",
)


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(CHECKOUT / "manage.py"), *arguments]


# bin/test has made the checks; here they would cost half a second.
MIGRATE = _manage("migrate", "--no-input", "--verbosity", "0", "--skip-checks")


def main(arguments: list[str]) -> int:
    """Run until Ctrl-C; return the exit code."""
    options = _parser().parse_args(arguments)
    folder = Path(os.environ.get("UNDERPIN_VAR") or CHECKOUT / "var").absolute()
    try:
        with ExitStack() as stack:
            _claim_folder(folder)
            if options.reset:
                _reset(folder, is_sure=options.yes)
            _serve(folder, stack, with_demo=not options.no_demo)
    except Stopped:
        say("Underpin has stopped.")
        return 0
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description="Start Underpin on this machine, with a database and a queue of its own.",
        epilog="UNDERPIN_PORT (8000) and UNDERPIN_VAR (var) choose the port and the data folder; "
        "DATABASE_URL and REDIS_URL use servers that run already. docs/operations.md has the rest.",
    )
    parser.add_argument("--no-demo", action="store_true", help="start empty, without the demo organization")
    parser.add_argument("--reset", action="store_true", help="delete all data first, after asking")
    parser.add_argument("--yes", action="store_true", help="answer the question of --reset")
    return parser


def _serve(folder: Path, stack: ExitStack, *, with_demo: bool) -> None:
    port = _claim_port(stack)
    # Handlers before servers, so that no Ctrl-C finds a server and nobody to stop it.
    environment = os.environ | {
        "UNDERPIN_VAR": str(folder),
        "UNDERPIN_PORT": str(port),
        "SECRET_KEY": _secret_key(folder),
        "LOG_READABLE": "1" if sys.stdout.isatty() else "0",
        # A line for each request would bury the address.
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "PYTHONUNBUFFERED": "1",
        # Celery warns root of pickle, which Underpin never accepts.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges:Warning",
    }
    processes = Processes(environment)
    with step("Starting PostgreSQL and Valkey"):
        environment |= _servers(folder, stack)
    stack.callback(_stop, processes)
    database = environment["DATABASE_URL"]
    prepared_from = folder / "prepared-from"
    now = sources.fingerprint(CHECKOUT, database)
    is_prepared = prepared_from.exists() and prepared_from.read_text() == now
    if not is_prepared:
        _prepare(folder, processes, database, with_demo=with_demo)
        prepared_from.write_text(now)
    with step("Starting the web server"):
        processes.start("web", _web(port))
        if is_prepared:
            # The same code has migrated this folder, so only a restored dump can leave something to do.
            processes.finish({"migrate": MIGRATE})
        _wait_until_ready(processes, port)
    # After the first answer: the cores are the web server's until then.
    for name, command in _background(folder).items():
        processes.start(name, command)
    say(f"Underpin is ready at http://{HOST}:{port}")
    sign_ins = folder / "demo-sign-ins"
    if sign_ins.exists():
        say(sign_ins.read_text().rstrip())
    say("Ctrl-C stops it.")
    while True:
        processes.watch(60.0)


def _servers(folder: Path, stack: ExitStack) -> dict:
    addresses = {}
    if "REDIS_URL" not in os.environ:
        addresses["REDIS_URL"] = stack.enter_context(Valkey(folder)).url
    if "DATABASE_URL" not in os.environ:
        postgres = stack.enter_context(Postgres(folder))
        addresses |= {"DATABASE_URL": postgres.url(APP), "DATABASE_OWNER_URL": postgres.url(OWNER)}
    return addresses


def _prepare(folder: Path, processes: Processes, database: str, *, with_demo: bool) -> None:
    with step("Bringing the database and the static files up to date"):
        processes.finish(
            {
                "migrate": MIGRATE,
                "static": _manage("collectstatic", "--no-input", "--verbosity", "0", "--skip-checks"),
            }
        )
    started_before = folder / "started-before"
    if started_before.exists():
        return
    if with_demo and not _has_people(database):
        with step("Loading the demo"):
            printed = processes.finish({"demo": _manage("load_demo")})["demo"]
        (folder / "demo-sign-ins").write_text(printed[printed.index("Sign in") :])
    started_before.touch()


def _has_people(database: str) -> bool:
    # A database of one's own, or one that was restored, may be in use already.
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM accounts_user WHERE NOT is_service)")
        return cursor.fetchone()[0]


def _web(port: int) -> list[str]:
    return [
        *[sys.executable, "-m", "granian", "--interface", "asgi", "--host", HOST, "--port", str(port)],
        *["--workers", "2", "--no-ws", "--log-level", "warning", "--workers-kill-timeout", "5"],
        "config.asgi:application",
    ]


def _background(folder: Path) -> dict:
    schedule = folder / "beat" / "schedule"
    schedule.parent.mkdir(exist_ok=True)
    celery = [sys.executable, "-m", "celery", "-A", "config", "--quiet"]
    return {
        "relay": _manage("relay"),
        "worker": [
            *[*celery, "worker", "--queues", QUEUES, "--concurrency", "2", "--loglevel", "WARNING"],
            *["--without-gossip", "--without-mingle", "--without-heartbeat"],
        ],
        "beat": [*celery, "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "WARNING"],
    }


def _stop(processes: Processes) -> None:
    with step("Stopping"):
        processes.stop()


def _wait_until_ready(processes: Processes, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(port):
        processes.wait(0.2)
        if time.monotonic() > deadline:
            raise LauncherError(f"Underpin was not ready in {READY_SECONDS} seconds.")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _claim_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Kept open, and so locked, until this process ends in whatever way.
        lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise LauncherError(
            f"Underpin keeps its data in {folder} and cannot write there ({error.strerror}); "
            "UNDERPIN_VAR chooses another folder."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 32).decode() or "?"
        raise LauncherError(
            f"Underpin already runs on the data in {folder} (process {holder}). "
            "Stop it first, or choose another folder with UNDERPIN_VAR."
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())


def _claim_port(stack: ExitStack) -> int:
    given = os.environ.get("UNDERPIN_PORT")
    if given and not (given.isascii() and given.isdigit() and 0 < int(given) < 65536):
        raise LauncherError(f"UNDERPIN_PORT is {given!r}; a port is a number from 1 to 65535.")
    candidates = [int(given)] if given else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
    for port in candidates:
        if _is_free(port, stack):
            return port
    if given:
        raise LauncherError(f"Port {given} is taken or not permitted: choose another UNDERPIN_PORT.")
    raise LauncherError(
        f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} is free: choose one with UNDERPIN_PORT."
    )


def _is_free(port: int, stack: ExitStack) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of the last run that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    if sys.platform == "linux":
        # Two copies that start together must not choose one port: a name that dies with its process.
        claim = stack.enter_context(socket.socket(socket.AF_UNIX))
        try:
            claim.bind(f"\0underpin-port-{port}")
        except OSError:
            return False
    return True


def _secret_key(folder: Path) -> str:
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = folder / "secret-key"
    if not path.exists():
        # Whole or not at all, and never readable by others.
        unfinished = folder / "secret-key.unfinished"
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        unfinished.rename(path)
    return path.read_text().strip()


def _reset(folder: Path, *, is_sure: bool) -> None:
    if "DATABASE_URL" in os.environ:
        raise LauncherError("--reset clears Underpin's own database only, and DATABASE_URL names another one.")
    question = f"This deletes the database, attachments and mails in {folder}."
    if not is_sure:
        if not sys.stdin.isatty():
            raise LauncherError(f"{question} Without a terminal to ask on, --reset needs --yes.")
        if input(f"{question} Type yes to go on: ").strip() != "yes":
            raise LauncherError("Nothing was deleted.")
    for place in {folder, Postgres(folder).data.parent}:
        for name in KEPT:
            path = place / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
