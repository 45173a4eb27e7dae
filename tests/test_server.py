"""The production server, as bin/run starts it, over a connection that stays open."""

import http.client
import json

from accounts.actions import tokens
from tests import factories


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
