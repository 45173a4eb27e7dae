"""The processes of production beside a test, on its database."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.db import connection

QUEUES = "interactive,nightly,import,webhooks"
_CELERY = ["-m", "celery", "-A", "config", "--quiet"]


@contextmanager
def granian(**environment):
    """The web server, as bin/run starts it; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    with _process(
        [*command, "--workers", "1", "--no-ws", "--workers-kill-timeout", "2", "config.asgi:application"], **environment
    ):
        _wait_until_live(port)
        yield port


def relay(**environment):
    """What publishes the outbox."""
    return _process(["manage.py", "relay"], **environment)


def worker(**environment):
    """What runs tasks, with one child."""
    return _process(
        [*_CELERY, "worker", "--queues", QUEUES, "--concurrency", "1", "--loglevel", "ERROR"], **environment
    )


def beat(folder, **environment):
    """What says each minute that it is time."""
    return _process(
        [*_CELERY, "beat", "--schedule", str(folder / "schedule"), "--pidfile=", "--loglevel", "ERROR"], **environment
    )


@contextmanager
def _process(command, **environment):
    database = connection.settings_dict
    url = f"postgres://{database['USER']}:{database['PASSWORD']}@{quote(database['HOST'], safe='')}"
    url += f":{database['PORT']}/{database['NAME']}" if database["PORT"] else f"/{database['NAME']}"
    own = {"DATABASE_URL": url, "DATABASE_OWNER_URL": url, "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen([sys.executable, *command], env=os.environ | own | environment, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_live(port):
    for _ in range(600):
        try:
            waiting = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            waiting.request("GET", "/healthz")
            if waiting.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("granian did not become ready")
