"""Make .venv hold exactly the pinned libraries; runs on the system's Python, before anything is installed."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"

# The lock for development pins a superset of the other (tests/launcher/test_environment.py).
ALSO_SATISFIED = {"requirements.txt": [], "requirements-dev.txt": ["requirements.txt"]}


def main(lock: str) -> None:
    """Make or update .venv from a lock file; a second process waits for the first and finds it done."""
    try:
        VENV.mkdir(exist_ok=True)
        turn = os.open(VENV, os.O_RDONLY)
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _is_made_from(lock):
            return
        _make(lock)
    except PermissionError as error:
        sys.exit(f"Underpin keeps its libraries in {VENV} and may not write there ({error.strerror}).")


def _is_made_from(lock: str) -> bool:
    stamp = _stamp(lock)
    return _runs() and stamp.exists() and stamp.read_bytes() == (CHECKOUT / lock).read_bytes()


def _make(lock: str) -> None:
    began = time.monotonic()
    print("Preparing the environment in .venv (the first time downloads the libraries) …", flush=True)
    if not _runs():
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(VENV)
    if not (_install_with_uv(lock) or _install_with_pip(lock)):
        sys.exit(f"The libraries of {lock} could not be installed; what the installer said is above.")
    for name in [lock, *ALSO_SATISFIED[lock]]:
        shutil.copyfile(CHECKOUT / name, _stamp(name))
    print(f"The environment is ready ({time.monotonic() - began:.0f} s).", flush=True)


def _runs() -> bool:
    return PYTHON.exists() and _succeeds([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL)


def _install_with_uv(lock: str) -> bool:
    uv = VENV / "bin" / "uv"
    # Not `sync`: that would take the development libraries away again, and uv itself.
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    install = [uv, "pip", "install", *quiet, "--python", PYTHON, "--requirements", lock]
    has_uv = uv.exists() or _succeeds([PYTHON, "-m", "pip", "install", *_QUIET_PIP, "uv"])
    if has_uv and _succeeds(install):
        return True
    print("uv did not install them; pip tries, and needs longer.", flush=True)
    return False


def _install_with_pip(lock: str) -> bool:
    return _succeeds([PYTHON, "-m", "pip", "install", *_QUIET_PIP, "--requirement", lock])


_QUIET_PIP = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]


def _succeeds(command, **options) -> bool:
    return subprocess.run(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, **options).returncode == 0


def _stamp(lock: str) -> Path:
    return VENV / f"made-from-{lock}"


if __name__ == "__main__":
    main(sys.argv[1])
