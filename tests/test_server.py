"""The production server, as bin/run starts it, over a connection that stays open."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from django.db import connection

from accounts.actions import tokens
from tests import factories


@pytest.fixture
def server(transactional_db):
    """granian on this test's database; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = connection.settings_dict
    url = f"postgres://{database['USER']}:{database['PASSWORD']}@{quote(database['HOST'], safe='')}"
    url += f":{database['PORT']}/{database['NAME']}" if database["PORT"] else f"/{database['NAME']}"
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", "1", "--no-ws", "config.asgi:application"],
        env=os.environ | {"DATABASE_URL": url, "DATABASE_OWNER_URL": url, "LOG_LEVEL": "ERROR"},
    )
    try:
        _wait_until_live(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_live(port):
    for _ in range(150):
        try:
            waiting = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            waiting.request("GET", "/healthz")
            if waiting.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("granian did not become ready")


def test_the_server_reads_bodies_on_a_connection_that_stays_open(payments, ines, server):
    factories.ItemFactory.create_batch(3, product=payments)
    secret = tokens.create(ines, by=ines, name="test", scopes=["order:write", "backlog:read"]).secret
    first, second, third = payments.items.order_by("number").values_list("pk", flat=True)
    client = http.client.HTTPConnection("127.0.0.1", server, timeout=20)
    statuses = []

    for number, moved in enumerate((second, third, first, third)):
        headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"move {number}",
        }
        body = json.dumps({"items": [moved], "top": True})
        client.request("POST", "/api/v1/products/PAY/moves", body, headers)
        answer = client.getresponse()
        answer.read()
        statuses.append(answer.status)

    assert statuses == [200] * 4
    assert list(payments.items.ranked().values_list("pk", flat=True)) == [third, first, second]
