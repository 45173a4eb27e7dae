"""The two locks, which fill one environment."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(lock):
    return dict(PIN.findall((CHECKOUT / lock).read_text()))


def test_the_lock_for_development_pins_all_that_runs_at_the_same_version():
    runs = pins("requirements.txt")

    assert len(runs) > 50
    assert runs.items() <= pins("requirements-dev.txt").items()


def test_psycopg_3_stays_out():
    assert "psycopg" not in pins("requirements-dev.txt")
