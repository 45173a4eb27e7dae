"""An order made through its log, written as letters: `order(payments)` reads "ABCDE"."""

import pytest
from django.db import transaction

from backlog.actions import ordering
from backlog.models import Move, OrderedList
from backlog.queries import order_log
from tests import factories


class Letters:
    """Names the items of a product in the order in which they came in."""

    def __init__(self, product, ids):
        self.product, self.ids = product, ids

    def __getattr__(self, letter):
        return self.ids["ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter)]

    def __call__(self, word):
        return [getattr(self, letter) for letter in word]

    @property
    def order(self):
        return self.word(order_log.present(self.list))

    @property
    def replayed(self):
        return self.replayed_since(0, "")

    def replayed_since(self, version, word):
        sequence = order_log.Sequence(self(word))
        for move in order_log.since(self.list, version):
            sequence.replay(move)
        return self.word(sequence)

    @property
    def list(self):
        return OrderedList.objects.get(product=self.product)

    @property
    def last(self):
        return Move.objects.filter(list=self.list).order_by("version").last()

    def word(self, ids):
        return "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[self.ids.index(item)] for item in ids)

    def leave(self, word, *, by):
        with transaction.atomic():
            return ordering.leave(ordering.lock(self.product.pk), self(word), by=by)

    def rejoin(self, word, *, by):
        with transaction.atomic():
            return ordering.rejoin(ordering.lock(self.product.pk), self(word), by=by)


@pytest.fixture
def items(payments, ines):
    """Items A to F of Payments, in this order."""
    return Letters(payments, factories.enter_items(payments, 6, by=ines))
