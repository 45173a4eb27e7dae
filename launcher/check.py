"""bin/test: lint, checks and tests against PostgreSQL and Valkey servers of its own."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launcher import browser
from launcher.errors import LauncherError
from launcher.postgres import APP, OWNER, Postgres
from launcher.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

# What a developer has set for bin/run must not change what the tests see.
NOT_INHERITED = (
    "ALLOWED_HOSTS",
    "BASE_URL",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_HOST",
    "SECRET_KEY",
    "UNDERPIN_PORT",
    "UNDERPIN_PRODUCTION",
)
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command as command; sys.exit(command())"


@dataclass(frozen=True)
class Step:
    """One command of the full run; `name` is what the closing line says passed."""

    name: str
    command: list
    environment: dict


def main(arguments: list[str]) -> int:
    """Run everything, or only pytest when there are arguments besides --long; return the exit code."""
    began = time.monotonic()
    is_long = "--long" in arguments
    selection = [argument for argument in arguments if argument != "--long"]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _servers() as environment:
            steps = _selected(selection, is_long) if selection else _all(is_long)
            environment |= browser.environment(may_install=not selection)
            return _run(steps, environment, began)
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


def _interrupt(*_):
    raise KeyboardInterrupt


@contextmanager
def _servers():
    # Not the caller's TMPDIR: that may be closed to PostgreSQL's account, or too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="underpin-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        with Postgres(folder, is_throwaway=True) as postgres, Valkey(folder, is_throwaway=True) as valkey:
            inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
            yield {
                **inherited,
                **_data(),
                "DATABASE_URL": postgres.url(APP),
                "DATABASE_OWNER_URL": postgres.url(OWNER),
                "REDIS_URL": valkey.url,
                "UNDERPIN_VAR": str(folder / "var"),
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _data() -> dict:
    data = CHECKOUT.parent / "shared" / "data"
    if "UNDERPIN_DATA" in os.environ or not data.is_dir():
        return {}
    return {"UNDERPIN_DATA": str(data)}


def _selected(selection: list[str], is_long: bool) -> list[Step]:
    return [Step("tests", _python("pytest", *_long(is_long), *selection), {})]


def _all(is_long: bool) -> list[Step]:
    production = {
        "UNDERPIN_PRODUCTION": "1",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "underpin.example.org",
        "BASE_URL": "https://underpin.example.org",
    }
    return [
        Step("lint", _python("ruff", "check", "."), {}),
        Step("format", _python("ruff", "format", "--check", "."), {}),
        Step("imports", [PYTHON, "-c", LINT_IMPORTS, "--no-logo"], {}),
        Step("templates", _python("djlint", "--lint", "--quiet", "templates"), {}),
        Step("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        Step(
            "deployment check",
            [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            production,
        ),
        Step("long tests" if is_long else "tests", _python("pytest", *_in_parallel(), *_long(is_long)), {}),
    ]


def _python(module: str, *arguments: str) -> list:
    return [PYTHON, "-m", module, *arguments]


def _in_parallel() -> list[str]:
    return ["-n", "2", "--dist", "loadgroup", "--cov", "--cov-report", "term:skip-covered"]


def _long(is_long: bool) -> list[str]:
    return ["--long"] if is_long else []


def _run(steps: list[Step], environment: dict, began: float) -> int:
    for step in steps:
        print(f"== {step.name}", flush=True)
        code = _finish(step.command, environment | step.environment)
        if code != 0:
            print(f"bin/test: {step.name} failed.", file=sys.stderr)
            return code
    without_browser = "" if "UNDERPIN_CHROMIUM" in environment else "; the browser tests were left out"
    *first, last = [step.name for step in steps]
    passed = f"{', '.join(first)} and {last}" if first else last
    print(f"bin/test: {passed} passed in {time.monotonic() - began:.0f} s{without_browser}.")
    return 0


def _finish(command: list, environment: dict) -> int:
    # In our process group, so that Ctrl-C reaches pytest and it can tell what it has seen so far.
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
