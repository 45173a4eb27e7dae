"""The order under many clients of the real server (RELIABILITY R1)."""

import http.client
import json
import random
import time
import uuid

import pytest

from accounts.actions import tokens
from backlog.models import OrderedList
from backlog.queries import order_check, order_log
from tests import factories
from tests.storms.clients import check, storm


@pytest.mark.parametrize("size", [pytest.param("short"), pytest.param("full", marks=pytest.mark.long)])
def test_a_storm_of_requests_adds_up(payments, ines, server, size):
    clients, moves = {"short": (8, 10), "full": (32, 100)}[size]
    first = factories.enter_items(payments, 2000, by=ines)
    anchors = random.Random(1).sample(first, 5)
    secret = tokens.create(ines, by=ines, name="storm", scopes=["order:write", "backlog:read"]).secret

    def client(number):
        rng, connection = random.Random(number), http.client.HTTPConnection("127.0.0.1", server, timeout=60)
        return [_move(connection, secret, *_intent(rng, first, anchors)) for _ in range(moves)]

    answers = [answer for answers in storm(clients, client) for answer in answers]

    assert len(answers) == clients * moves
    check(answers, first, order_log.present(OrderedList.objects.get(product=payments)))
    assert order_check.problems() == []


def _intent(rng, items, anchors):
    anchor = rng.choice(anchors)
    item = rng.choice([item for item in rng.sample(items, 2) if item != anchor])
    return item, rng.choice([{"after": anchor}, {"before": anchor}, {"top": True}, {"position": 2}])


def _move(connection, secret, item, place):
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    began = time.monotonic()
    connection.request("POST", "/api/v1/products/PAY/moves", json.dumps({"items": [item], **place}), headers)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    ended = time.monotonic()
    assert answer.status == 200, document
    (move,) = document["moves"] or [None]
    return (began, ended, move and move["version"], item, move and move["predecessors"][0])
