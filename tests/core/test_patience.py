"""A database that hangs costs a request seconds, not its life."""

import os
import signal
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connections

from core import context, patience

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def hung():
    """The runtime role's connection, whose server process is stopped."""
    connection = connections.create_connection("default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    if "postgres" not in Path(f"/proc/{pid}/cmdline").read_text():
        pytest.skip("the database runs on another machine")
    os.kill(pid, signal.SIGSTOP)
    yield connection
    os.kill(pid, signal.SIGCONT)
    connection.close()


@pytest.fixture
def in_request():
    door = context.via.set("ui")
    yield
    context.via.reset(door)


def test_a_request_does_not_wait_for_a_hung_server(hung, in_request, monkeypatch):
    monkeypatch.setattr(patience, "STATEMENT_SECONDS", 0.5)
    began = time.monotonic()

    with pytest.raises(OperationalError), hung.cursor() as cursor:
        cursor.execute("SELECT 2")

    assert time.monotonic() - began < 1.5


def test_a_connection_that_hangs_is_replaced_before_it_is_used(hung, in_request):
    hung.health_check_enabled, hung.health_check_done = True, False
    began = time.monotonic()

    with hung.cursor() as cursor:
        cursor.execute("SELECT 2")
        assert cursor.fetchone() == (2,)

    assert time.monotonic() - began < 2.5


def test_a_statement_in_time_is_left_alone(in_request, monkeypatch):
    monkeypatch.setattr(patience, "STATEMENT_SECONDS", 1.0)
    connection = connections.create_connection("default")

    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.6)")
    connection.close()


def test_jobs_may_take_their_time(monkeypatch):
    monkeypatch.setattr(patience, "STATEMENT_SECONDS", 0.1)
    connection = connections.create_connection("default")

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.8)")
    connection.close()
