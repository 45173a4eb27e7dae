"""A server under a storm, in a process of its own: moves until its input ends, whatever happens to the database.

Prints a line for each move that was acknowledged, and at last what the database holds.
"""

import json
import random
import sys
import threading
import time

from django.db import InterfaceError, OperationalError, close_old_connections

from backlog.actions import ordering
from backlog.actions.ordering import Place
from backlog.models import Move
from backlog.queries import order_check
from tests import factories

ITEMS, CLIENTS = 500, 8
_ended = threading.Event()
_printing = threading.Lock()


def main():
    threading.excepthook = lambda failure: _say(error=repr(failure.exc_value))
    product, owner = _product()
    items = factories.enter_items(product, ITEMS, by=owner)
    clients = [threading.Thread(target=_client, args=(number, product, items, owner)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    sys.stdin.read()
    _ended.set()
    for client in clients:
        client.join()
    close_old_connections()
    _say(
        problems=[problem.text for problem in order_check.problems()],
        moves={move.version: [move.items[0], move.after] for move in Move.objects.filter(kind="move")},
    )


def _product():
    product = factories.ProductFactory(key="PAY")
    owner = factories.MemberFactory(organization=product.organization)
    factories.ProductRoleFactory(product=product, user=owner, role="product_owner")
    return product, owner


def _client(number, product, items, owner):
    rng = random.Random(number)
    while not _ended.is_set():
        item, anchor = rng.sample(items, 2)
        # As between two requests: a broken connection is thrown away.
        close_old_connections()
        try:
            move = ordering.move(product, [item], Place.after(anchor), by=owner)
        except (OperationalError, InterfaceError):
            time.sleep(0.1)
            continue
        if move:
            _say(version=move.version, item=item, after=move.after)


def _say(**line):
    with _printing:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
