"""Finding a Chromium for the browser tests, and on Debian installing one."""

import os
import shutil
import subprocess
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
WHAT_TO_INSTALL = (
    "No Chromium was found, so the browser tests are left out: install chromium or google-chrome, "
    "or set UNDERPIN_CHROMIUM to its path."
)


def environment(*, may_install: bool) -> dict:
    """Return UNDERPIN_CHROMIUM for the tests; without a browser say what to install and return nothing."""
    found = _find()
    if found is None and may_install and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _find()
    if found is None:
        print(WHAT_TO_INSTALL, flush=True)
        return {}
    return {"UNDERPIN_CHROMIUM": found}


def _find() -> str | None:
    candidates = [os.environ.get("UNDERPIN_CHROMIUM"), *map(shutil.which, COMMANDS), *MAC_APPLICATIONS]
    for path in candidates:
        if path and Path(path).exists() and _runs(path):
            return path
    return None


def _runs(path: str) -> bool:
    # Ubuntu's package of this name is a script that asks for another package.
    asked = [path, "--version"]
    return subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def _install() -> None:
    print("Installing Chromium for the browser tests …", flush=True)
    wait = ["-o", "DPkg::Lock::Timeout=300"]
    quiet = {
        "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
    }
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *wait, "-qq", *command], **quiet)
