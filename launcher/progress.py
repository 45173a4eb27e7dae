"""Lines on the terminal: what is being done, and how long it took."""

import sys
import time
from contextlib import contextmanager, suppress

_is_midline = False


def say(text: str) -> None:
    """Print one line."""
    global _is_midline
    _write(("\n" if _is_midline else "") + text + "\n")
    _is_midline = False


@contextmanager
def step(text: str):
    """Print what begins, and at its end the seconds that it took."""
    global _is_midline
    began = time.monotonic()
    say(f"{text} …") if not sys.stdout.isatty() else _write(f"{text} …")
    _is_midline = sys.stdout.isatty()
    yield
    took = f"{time.monotonic() - began:.1f} s"
    if _is_midline:
        _write(f" {took}\n")
        _is_midline = False
    else:
        say(f"{text}: {took}")


def _write(text: str) -> None:
    # The terminal may be gone, and stopping in good order matters more than telling of it.
    with suppress(OSError):
        sys.stdout.write(text)
        sys.stdout.flush()
