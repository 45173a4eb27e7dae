"""Starting a child so that it cannot outlive its launcher, and ending it for certain."""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(command, *, death_signal=signal.SIGTERM, **options) -> subprocess.Popen:
    """Start a command in a process group of its own; on Linux it gets death_signal when we die."""
    launcher = os.getpid()

    def die_with_launcher():
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != launcher:
            os._exit(1)

    options.setdefault("stdin", subprocess.DEVNULL)
    command = [os.fspath(part) for part in command]
    return subprocess.Popen(command, process_group=0, preexec_fn=die_with_launcher, **options)


def stop(process: subprocess.Popen, steps) -> None:
    """Send each (signal, seconds) of steps until the process has ended; kill what is left of its group."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    kill_group(process)


def kill_group(process: subprocess.Popen) -> None:
    """Kill the process and all that it started."""
    # macOS says EPERM of a group in which only the dead are left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
