"""The order under many hands at once (RELIABILITY R1, R2, R3, R20)."""

import random
import statistics
import threading
import time
from contextlib import suppress

import pytest
from django.db import transaction

from backlog.actions import feed, ordering
from backlog.actions.ordering import NothingToUndo, NotListed, Place, StaleAnchor
from backlog.models import Item, OrderedList, OrderEntry
from backlog.queries import order_check, order_log
from planning import ranking
from tests import factories
from tests.storms.clients import check, storm, timed_move

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SIZES = [pytest.param("short"), pytest.param("full", marks=pytest.mark.long)]


def order(product):
    return order_log.present(OrderedList.objects.get(product=product))


# R1


def test_the_checker_sees_a_lost_a_doubled_and_a_late_move():
    moves = [(0, 1, 2, "B", None), (2, 3, 3, "A", None)]
    check(moves, "AB", ["A", "B"])

    for wrong, last in (
        (moves, ["B", "A"]),
        ([*moves[:1], (2, 3, 4, "A", None)], ["A", "B"]),
        ([(2, 3, 2, "B", None), (0, 1, 3, "A", None)], ["A", "B"]),
    ):
        with pytest.raises(AssertionError):
            check(wrong, "AB", last)


@pytest.mark.parametrize("size", SIZES)
def test_a_storm_of_moves_adds_up(payments, ines, size):
    clients, moves = {"short": (8, 25), "full": (32, 100)}[size]
    first = factories.enter_items(payments, 2000, by=ines)
    anchors = random.Random(1).sample(first, 5)

    def client(number):
        rng = random.Random(number)
        return [timed_move(payments, *_intent(rng, first, anchors), by=ines) for _ in range(moves)]

    answers = [answer for answers in storm(clients, client) for answer in answers]

    assert len(answers) == clients * moves
    check(answers, first, order(payments))
    assert order_check.problems() == []


def _intent(rng, items, anchors):
    anchor = rng.choice(anchors)
    item = rng.choice([item for item in rng.sample(items, 2) if item != anchor])
    place = rng.choice(
        [Place.after(anchor), Place.after(anchor), Place.before(anchor), Place.top(), Place.bottom(), Place.position(2)]
    )
    return item, place


# R2


@pytest.mark.parametrize("size", SIZES)
def test_two_who_put_each_behind_the_other_end_adjacent(payments, ines, size):
    pairs = {"short": 40, "full": 200}[size]
    ids = factories.enter_items(payments, pairs * 4, by=ines)
    ids = random.Random(2).sample(ids, len(ids))
    together = threading.Barrier(2)

    def client(number):
        for pair in range(pairs):
            item, other = ids[2 * pair : 2 * pair + 2][:: 1 if number else -1]
            together.wait(30)
            ordering.move(payments, [item], Place.after(other), by=ines)

    storm(2, client)

    now = {item: place for place, item in enumerate(order(payments))}
    adjacent = [abs(now[ids[2 * pair]] - now[ids[2 * pair + 1]]) == 1 for pair in range(pairs)]
    assert adjacent == [True] * pairs
    assert order_check.problems() == []


# R3


PATTERNS = {
    "to the top": (20_000, lambda rng, ids, turn: (rng.choice(ids), Place.top())),
    "always second": (20_000, lambda rng, ids, turn: (rng.choice(ids[1:]), Place.position(2))),
    "into one gap": (
        20_000,
        lambda rng, ids, turn: (rng.choice(ids[2:]), Place.before(ids[1]) if turn % 2 else Place.after(ids[0])),
    ),
    "to the bottom": (10_000, lambda rng, ids, turn: (rng.choice(ids), Place.bottom())),
    "shuffling the first 40": (
        20_000,
        lambda rng, ids, turn: (rng.choice(ids[:40]), Place.position(rng.randint(1, 40))),
    ),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_ranks_stay_short_whatever_the_pattern(payments, ines, pattern):
    ids = factories.enter_items(payments, 2_000, by=ines)

    _repeat(payments, ines, ids, pattern, 300)

    assert _longest_rank() <= ranking.MAX_KEY_BYTES
    assert order_check.problems() == []


@pytest.mark.long
def test_ranks_stay_short_after_90_000_moves_among_100_000(payments, ines):
    ids = factories.enter_items(payments, 100_000, by=ines)

    for pattern, (count, _) in PATTERNS.items():
        seconds = _repeat(payments, ines, ids, pattern, count)
        assert statistics.quantiles(seconds, n=100)[98] <= 0.1, pattern

    assert _longest_rank() <= ranking.MAX_KEY_BYTES
    assert order_check.problems() == []


def _repeat(product, by, ids, pattern, count):
    rng, seconds = random.Random(3), []
    intent = PATTERNS[pattern][1]
    for turn in range(count):
        item, place = intent(rng, ids, turn)
        began = time.monotonic()
        ordering.move(product, [item], place, by=by)
        seconds.append(time.monotonic() - began)
    return seconds


def _longest_rank():
    return max(map(len, OrderEntry.objects.values_list("rank", flat=True)))


# R20, with everything else that writes to a list.


@pytest.mark.parametrize("size", SIZES)
def test_four_lists_and_all_that_writes_to_them(payments, ines, size):
    turns = {"short": 25, "full": 250}[size]
    products = [payments, *(_another(payments, ines) for _ in range(3))]
    ids = {product: factories.enter_items(product, 60, by=ines) for product in products}
    acts = [_move, _move, _move, _leave, _rejoin, _edit, _undo]

    def client(number):
        rng = random.Random(number)
        for _ in range(turns):
            product = rng.choice(products)
            rng.choice(acts)(product, rng.sample(ids[product], 4), ines)

    storm(12, client)

    assert order_check.problems() == []
    for product in products:
        entries = OrderEntry.objects.filter(product=product)
        assert sorted(entries.values_list("item", flat=True)) == ids[product]


def _another(product, owner):
    another = factories.ProductFactory(organization=product.organization)
    factories.ProductRoleFactory(product=another, user=owner, role="product_owner")
    return another


def _move(product, items, by):
    with suppress(NotListed, StaleAnchor):
        ordering.move(product, items[1:], Place.after(items[0]), by=by)


def _undo(product, items, by):
    with suppress(NothingToUndo):
        ordering.undo(product, by=by)


@transaction.atomic
def _leave(product, items, by):
    ordered = ordering.lock(product.pk)
    ordering.leave(ordered, items, by=by)


@transaction.atomic
def _rejoin(product, items, by):
    ordered = ordering.lock(product.pk)
    ordering.rejoin(ordered, items, by=by)


@transaction.atomic
def _edit(product, items, by):
    for item in Item.objects.select_for_update().filter(pk__in=items).order_by("pk"):
        item.points = 3
        item.save(update_fields=["points"])
    feed.changed(product.pk, items)
