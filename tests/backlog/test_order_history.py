"""The history of an order, its differences, and the check of every promise it makes."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from backlog import tasks
from backlog.actions import ordering
from backlog.actions.ordering import Place
from backlog.models import Item, Move, OrderedList, OrderEntry
from backlog.queries import order_check, order_log
from backlog.queries.history import difference, order_history
from core import metrics
from core.errors import InvalidInput
from tests import factories


def test_each_step_says_who_moved_what_where_and_why(payments, ines, items):
    ordering.move(payments, items("EC"), Place.after(items.A), by=ines, reason="Payday")

    step = order_history(payments, ines).steps[0]

    assert (step.version, step.kind, step.words, step.by, step.reason) == (2, "move", "moved", "Ines Falkner", "Payday")
    assert [item.key for item in step.items] == ["PAY-5", "PAY-3"]
    assert (step.before.key, step.after.key, step.on_behalf_of) == ("PAY-4", "PAY-1", None)
    assert step.can_be_undone


def test_of_a_large_step_only_some_items_are_named(payments, ines):
    factories.enter_items(payments, 60, by=ines)

    step = order_history(payments, ines).steps[0]

    assert (step.kind, len(step.items), step.item_count) == ("enter", 50, 60)


def test_history_comes_in_pages_newest_first(payments, ines, items):
    for _ in range(2):
        for letter in "FE":
            ordering.move(payments, items(letter), Place.top(), by=ines)

    first = order_history(payments, ines, size=3)
    second = order_history(payments, ines, size=3, before=first.next)

    assert [step.version for step in first.steps + second.steps] == [5, 4, 3, 2, 1]
    assert (first.next, second.next) == (3, None)


def test_a_page_of_history_takes_few_statements(payments, ines, items):
    for letter in "FEDCF":
        ordering.move(payments, items(letter), Place.top(), by=ines)

    with assertNumQueries(3):
        order_history(payments, ines)


def test_hidden_items_are_left_out_of_history(payments, ines, dev, items):
    Item.objects.filter(pk=items.C).update(is_restricted=True)
    ordering.move(payments, items("CD"), Place.top(), by=ines)
    ordering.move(payments, items("C"), Place.bottom(), by=ines)
    ordering.move(payments, items("E"), Place.after(items.C), by=ines)

    steps = order_history(payments, dev).steps

    assert [(step.version, items.word(item.id for item in step.items)) for step in steps] == [
        (4, "E"),
        (2, "D"),
        (1, "ABDEF"),
    ]
    assert steps[0].after is None
    assert moved(items, difference(payments, dev, since_version=1)) == [("D", 3, 1), ("E", 4, 5)]


def moved(items, found):
    return [(items.word([d.item.id]), d.from_position, d.to_position) for d in found.moved]


def test_the_difference_names_only_what_stands_elsewhere(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines, reason="First")
    ordering.move(payments, items("B"), Place.bottom(), by=ines)
    ordering.move(payments, items("B"), Place.after(items.A), by=ines)

    found = difference(payments, ines, since_version=1)

    assert moved(items, found) == [("E", 5, 1)]
    assert (found.moved[0].by, found.moved[0].reason) == ("Ines Falkner", "First")
    assert (found.came, found.left) == ([], [])


@pytest.mark.parametrize(
    ("letter", "place", "expected"),
    [("C", lambda items: Place.before(items.B), ("C", 3, 2)), ("B", lambda items: Place.after(items.C), ("B", 2, 3))],
)
def test_the_difference_names_the_one_that_was_moved_not_its_neighbour(payments, ines, items, letter, place, expected):
    ordering.move(payments, items(letter), place(items), by=ines)

    assert items.order == "ACBDEF"
    assert moved(items, difference(payments, ines, since_version=1)) == [expected]


def test_the_difference_tells_arrivals_and_departures(payments, ines, items):
    items.leave("C", by=ines)
    items.ids += factories.enter_items(payments, 1, by=ines)
    ordering.move(payments, items("G"), Place.top(), by=ines)

    found = difference(payments, ines, since_version=1)

    assert (found.moved, items.word(i.id for i in found.came), items.word(i.id for i in found.left)) == ([], "G", "C")


def test_the_difference_since_a_time(payments, ines, items):
    Move.objects.update(at=timezone.now() - timedelta(days=9))
    ordering.move(payments, items("E"), Place.top(), by=ines, at=timezone.now() - timedelta(days=8))
    ordering.move(payments, items("F"), Place.top(), by=ines)

    monday = timezone.now() - timedelta(days=7)

    assert moved(items, difference(payments, ines, since_time=monday)) == [("F", 6, 1)]
    assert len(difference(payments, ines, since_time=monday - timedelta(days=99)).came) == 6


@pytest.mark.parametrize("version", [-1, 2, None])
def test_there_is_no_difference_since_a_version_that_never_was(payments, ines, items, version):
    with pytest.raises(InvalidInput):
        difference(payments, ines, since_version=version)


def test_the_difference_takes_few_statements(payments, ines, items):
    for letter in "FEDCF":
        ordering.move(payments, items(letter), Place.top(), by=ines)

    with assertNumQueries(6):
        difference(payments, ines, since_version=1)


# check_order.


def codes(product=None):
    return [problem.code for problem in order_check.problems(product)]


def test_an_order_after_every_kind_of_step_has_no_problem(payments, ines, items):
    Item.objects.filter(pk__in=items("BD")).update(kind="technical", type="debt")
    ordering.move(payments, items("FB"), Place.after(items.C), by=ines)
    ordering.permute_technical(payments, items("BD"), by=ines)
    ordering.pin(Item.objects.get(pk=items.A), by=ines)
    items.leave("CE", by=ines)
    ordering.undo(payments, by=ines)
    items.rejoin("E", by=ines)
    ordering.redo(payments, by=ines)
    ordering.restore(payments, 2, by=ines)
    ordering.unpin(Item.objects.get(pk=items.A), by=ines)
    ordering.restore(payments, 1, by=ines)

    assert order_check.problems() == []
    assert items.order == items.replayed


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda items: OrderEntry.objects.filter(item=items.A).update(rank="zzzzzzzzzzz"), ["log_differs"]),
        (lambda items: OrderEntry.objects.filter(item=items.A).update(is_listed=False), ["log_differs"]),
        (lambda items: OrderEntry.objects.filter(item=items.A).update(is_pinned=True), ["pin_differs"]),
        (lambda items: OrderEntry.objects.filter(item=items.A).delete(), ["open_without_place", "log_differs"]),
        (lambda items: Item.objects.filter(pk=items.A).update(status="dropped"), ["listed_though_closed"]),
        (lambda items: OrderedList.objects.update(version=2), ["versions"]),
        (lambda items: Move.objects.update(version=2), ["versions"]),
        (lambda items: Move.objects.update(items=[items.A, items.A]), ["log_broken"]),
    ],
)
def test_damage_is_found(items, damage, expected):
    damage(items)

    assert codes() == expected


def test_the_command_says_what_is_wrong_and_fails(payments, items):
    OrderEntry.objects.filter(item=items.A).update(rank="zzzzzzzzzzz")
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("check_order", stdout=out)

    assert ended.value.code == 1
    assert out.getvalue() == "PAY: the log replays to another order from position 1 on (log_differs)\n"


def test_the_command_says_that_nothing_is_wrong(payments, items):
    factories.ProductFactory()
    out = StringIO()

    call_command("check_order", stdout=out)
    call_command("check_order", "--product=pay", stdout=out)

    assert out.getvalue() == "2 orders checked, nothing wrong.\n1 order checked, nothing wrong.\n"
    with pytest.raises(CommandError):
        call_command("check_order", "--product=NONE")


# The log itself.


@pytest.mark.parametrize(
    ("before", "after", "mentioned", "expected"),
    [
        ("ABCDE", "ABCDE", "ABCDE", ""),
        ("ABCDE", "EABCD", "E", "E"),
        ("ABCDE", "EABCD", "ABCDE", "E"),
        ("ABCDE", "BACDE", "A", "A"),
        ("ABCDE", "BACDE", "B", "B"),
        ("ABCDE", "EDCBA", "ABCDE", "BCDE"),
        ("ABCDE", "ADCBE", "BCD", "BC"),
        ("ABCDE", "CABED", "CE", "CE"),
    ],
)
def test_as_few_items_as_possible_are_said_to_have_moved(before, after, mentioned, expected):
    found = order_log.fewest_moved(list(before), list(after), set(mentioned))

    assert len(found) == len(expected)
    kept = [letter for letter in before if letter not in found]
    assert kept == [letter for letter in after if letter not in found]


def test_the_nightly_check_is_a_metric(payments, ines, items):
    tasks.check_orders(slot="2026-03-01T00:00Z")
    before = metrics.exposition().decode()
    OrderEntry.objects.filter(item=items.A).update(is_listed=False)

    tasks.check_orders(slot="2026-03-02T00:00Z")

    after = metrics.exposition().decode()
    assert "\nunderpin_order_problems 0.0\n" in before
    assert "\nunderpin_order_problems 1.0\n" in after
    age = float(re.search(r"^underpin_order_check_age_seconds (\S+)$", after, re.MULTILINE)[1])
    assert 0 <= age < 60


def test_before_the_first_night_nothing_is_claimed_about_the_orders(db):
    text = metrics.exposition().decode()

    assert "\nunderpin_order_problems NaN\n" in text
    assert "\nunderpin_order_check_age_seconds +Inf\n" in text
