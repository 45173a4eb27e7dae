"""docs/operations.md against the code that it describes."""

import re
from pathlib import Path

import pytest

from launcher import run

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def operations():
    return (CHECKOUT / "docs" / "operations.md").read_text()


def test_every_setting_is_in_the_table(operations):
    settings = (CHECKOUT / "config" / "settings.py").read_text()
    names = set(re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", settings))

    table = operations.split("## Settings")[1].split("\n## ")[0]

    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in table} == set()


def test_every_celery_setting_is_explained(operations):
    settings = (CHECKOUT / "config" / "settings.py").read_text()
    names = {name.lower() for name in re.findall(r"^CELERY_(\w+) =", settings, re.MULTILINE)}
    # Where the broker is, what is due and which queue is the usual one prevents nothing.
    plain = {
        "beat_schedule",
        "broker_connection_retry_on_startup",
        "broker_url",
        "task_default_queue",
        "worker_hijack_root_logger",
    }

    explained = operations.split("## What each Celery setting prevents")[1]

    assert {name for name in names - plain if name not in explained} == set()
    assert all(f"`{queue}`" in explained for queue in run.QUEUES.split(","))


def test_every_option_of_bin_run_is_told(operations):
    options = {option for action in run._parser()._actions for option in action.option_strings if option[:2] == "--"}

    assert {option for option in options - {"--help"} if option not in operations} == set()
