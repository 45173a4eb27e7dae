"""Moving items in the one order of a product."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertNumQueries

from backlog.actions import ordering
from backlog.actions.ordering import NotListed, Place, StaleAnchor
from backlog.models import Item, Move, OrderEntry
from backlog.queries import order_log
from core.errors import InvalidInput
from core.models import Event, OutboxMessage
from planning import ranking
from tests import factories

MOVES = [
    ("C", "after", "E", "ABDECF"),
    ("C", "after", "A", "ACBDEF"),
    ("C", "before", "A", "CABDEF"),
    ("C", "before", "F", "ABDECF"),
    ("C", "top", None, "CABDEF"),
    ("C", "bottom", None, "ABDEFC"),
    ("C", "position", 1, "CABDEF"),
    ("C", "position", 2, "ACBDEF"),
    ("C", "position", 5, "ABDECF"),
    ("C", "position", 6, "ABDEFC"),
    ("C", "position", 999, "ABDEFC"),
    ("BE", "after", "C", "ACBEDF"),
    ("EB", "after", "C", "ACEBDF"),
    ("BE", "before", "C", "ABECDF"),
    ("FDB", "top", None, "FDBACE"),
    ("ABC", "bottom", None, "DEFABC"),
    ("AF", "position", 2, "BAFCDE"),
    ("FEDCBA", "top", None, "FEDCBA"),
]


def place_of(items, word, where):
    if word in ("top", "bottom"):
        return getattr(Place, word)()
    return getattr(Place, word)(where if word == "position" else getattr(items, where))


@pytest.mark.parametrize(("block", "word", "where", "expected"), MOVES)
def test_a_move_puts_the_block_where_it_was_asked_to(payments, ines, items, block, word, where, expected):
    move = ordering.move(payments, items(block), place_of(items, word, where), by=ines)

    assert items.order == expected
    assert items.replayed == expected
    assert (move.kind, items.word(move.items), move.version, items.list.version) == ("move", block, 2, 2)


@pytest.mark.parametrize(("block", "word", "where", "expected"), MOVES)
def test_the_log_can_be_wound_back(payments, ines, items, block, word, where, expected):
    ordering.move(payments, items(block), place_of(items, word, where), by=ines)

    before = order_log.rewound(order_log.present(items.list), order_log.since(items.list, 1))

    assert items.word(before) == "ABCDEF"


@pytest.mark.parametrize(
    ("block", "word", "where"),
    [
        ("C", "after", "B"),
        ("C", "before", "D"),
        ("A", "top", None),
        ("F", "bottom", None),
        ("C", "position", 3),
        ("BCD", "after", "A"),
        ("ABCDEF", "top", None),
        ("ABCDEF", "bottom", None),
    ],
)
def test_a_move_to_where_it_is_changes_nothing(payments, ines, items, block, word, where):
    assert ordering.move(payments, items(block), place_of(items, word, where), by=ines) is None

    assert (items.list.version, items.list.feed_version, items.order) == (1, 1, "ABCDEF")


def test_a_move_is_logged_recorded_and_told(payments, ines, items):
    OutboxMessage.objects.all().delete()

    ordering.move(payments, items("EC"), Place.after(items.A), by=ines, reason="Payday")

    move = Move.objects.get(version=2)
    assert (move.by, move.reason, move.after, move.afters) == (ines, "Payday", items.A, [])
    assert items.word(move.former) == "DB"
    event = Event.objects.get(name="item.moved")
    assert (event.by, event.stream) == (ines, f"product:{payments.pk}")
    assert (event.data["items"], event.data["version"], event.data["reason"]) == (items("EC"), 2, "Payday")
    assert list(OutboxMessage.objects.values_list("topic", "key", "payload")) == [
        ("live", f"product:{payments.pk}", {"feed_version": 2})
    ]


def test_a_move_writes_only_the_moved_entries(payments, ines, items):
    before = dict(OrderEntry.objects.values_list("item_id", "rank"))

    ordering.move(payments, items("BF"), Place.after(items.D), by=ines)

    after = dict(OrderEntry.objects.values_list("item_id", "rank"))
    assert {item for item in before if before[item] != after[item]} == set(items("BF"))
    assert set(OrderEntry.objects.filter(changed_version=2).values_list("item_id", flat=True)) == set(items("BF"))


@pytest.mark.parametrize(
    ("word", "where", "limit"), [("after", "A", 11), ("before", "A", 12), ("top", None, 11), ("position", 2, 12)]
)
def test_a_move_takes_few_statements(payments, ines, items, word, where, limit):
    place = place_of(items, word, where)

    with CaptureQueriesContext(connection) as statements:
        ordering.move(payments, items("F"), place, by=ines)

    assert len([s for s in statements if "SAVEPOINT" not in s["sql"]]) <= limit


def test_a_block_takes_as_many_statements_as_one_item(payments, ines, items):
    with CaptureQueriesContext(connection) as one:
        ordering.move(payments, items("F"), Place.after(items.A), by=ines)

    with assertNumQueries(len(one)):
        ordering.move(payments, items("FED"), Place.after(items.C), by=ines)


@pytest.mark.parametrize("who", ["marek", "mia", "dev", "stan", "ada", "eve"])
def test_only_the_product_owner_moves_items(payments, items, request, who):
    with pytest.raises(PermissionDenied):
        ordering.move(payments, items("C"), Place.top(), by=request.getfixturevalue(who))

    assert (items.order, items.list.version) == ("ABCDEF", 1)


@pytest.mark.parametrize(
    ("block", "place"),
    [
        ("", lambda items: Place.top()),
        ("BB", lambda items: Place.top()),
        ("AB", lambda items: Place.after(items.B)),
        ("B", lambda items: Place.before(items.B)),
    ],
)
def test_a_block_that_can_not_be_right_is_refused(payments, ines, items, block, place):
    with pytest.raises(InvalidInput):
        ordering.move(payments, items(block), place(items), by=ines)


def test_a_block_has_at_most_500_items(payments, ines, items):
    with pytest.raises(InvalidInput):
        ordering.move(payments, range(501), Place.top(), by=ines)


@pytest.mark.parametrize("wrong", [0, -1, 2**63])
def test_what_is_no_id_is_refused(payments, ines, items, wrong):
    for block, place in (([wrong], Place.top()), (items("A"), Place.after(wrong))):
        with pytest.raises(InvalidInput):
            ordering.move(payments, block, place, by=ines)


def test_a_reason_that_is_too_long_is_refused(payments, ines, items):
    with pytest.raises(InvalidInput):
        ordering.move(payments, items("C"), Place.top(), by=ines, reason="x" * 301)

    assert (items.order, items.list.version) == ("ABCDEF", 1)


def test_a_position_past_all_numbers_is_the_end(payments, ines, items):
    ordering.move(payments, items("C"), Place.position(10**30), by=ines)

    assert items.order == "ABDEFC"


def test_positions_count_from_one():
    with pytest.raises(InvalidInput):
        Place.position(0)


def test_an_anchor_that_left_is_refused_with_the_neighbours_of_now(payments, ines, items):
    items.leave("D", by=ines)

    with pytest.raises(StaleAnchor) as refusal:
        ordering.move(payments, items("EB"), Place.after(items.D), by=ines)

    assert refusal.value.extra == {
        "anchor": items.D,
        "neighbours": [{"item": items.E, "after": items.C}, {"item": items.B, "after": items.A}],
    }


def test_an_anchor_of_another_product_is_refused(payments, ines, items):
    foreign = factories.ItemFactory()

    with pytest.raises(StaleAnchor):
        ordering.move(payments, items("B"), Place.after(foreign.pk), by=ines)


def test_items_out_of_the_list_are_not_moved(payments, ines, items):
    items.leave("D", by=ines)
    foreign = factories.ItemFactory()

    with pytest.raises(NotListed) as refusal:
        ordering.move(payments, [*items("AD"), foreign.pk], Place.bottom(), by=ines)

    assert refusal.value.extra == {"items": [items.D, foreign.pk]}


def test_an_order_is_locked_inside_a_transaction(transactional_db):
    product = factories.ProductFactory()

    with pytest.raises(TransactionManagementError):
        ordering.lock(product.pk)


# Leaving and coming back.


def test_items_that_leave_return_to_their_place(payments, ines, items):
    items.leave("EBC", by=ines)
    assert (items.order, items.replayed) == ("ADF", "ADF")

    items.rejoin("CEB", by=ines)

    assert (items.order, items.replayed, items.list.version) == ("ABCDEF", "ABCDEF", 3)


def test_leaving_and_coming_in_can_be_wound_back(payments, ines, items):
    items.leave("ABE", by=ines)
    items.rejoin("EA", by=ines)

    now = order_log.present(items.list)

    assert items.word(order_log.rewound(now, order_log.since(items.list, 2))) == "CDF"
    assert items.word(order_log.rewound(now, order_log.since(items.list, 1))) == "ABCDEF"


def test_leaving_twice_is_leaving_once(payments, ines, items):
    items.leave("B", by=ines)

    assert items.leave("B", by=ines) is None
    assert items.rejoin("A", by=ines) is None
    assert items.list.version == 2


@pytest.mark.parametrize(
    ("block", "word", "where", "without", "with_them"),
    [
        ("F", "after", "A", "AFDE", "AFBCDE"),
        ("F", "before", "D", "AFDE", "ABCFDE"),
        ("F", "position", 2, "AFDE", "AFBCDE"),
        ("A", "before", "E", "DAEF", "BCDAEF"),
    ],
)
def test_places_are_said_among_listed_items(payments, ines, items, block, word, where, without, with_them):
    items.leave("BC", by=ines)

    ordering.move(payments, items(block), place_of(items, word, where), by=ines)
    assert (items.order, items.replayed) == (without, without)

    items.rejoin("BC", by=ines)
    assert (items.order, items.replayed) == (with_them, with_them)


def test_moving_past_items_that_are_away_is_no_move(payments, ines, items):
    items.leave("BC", by=ines)

    assert ordering.move(payments, items("D"), Place.after(items.A), by=ines) is None


def test_bottom_and_top_go_past_the_items_that_are_away(payments, ines, items):
    items.leave("AF", by=ines)

    ordering.move(payments, items("C"), Place.bottom(), by=ines)
    ordering.move(payments, items("D"), Place.top(), by=ines)
    items.rejoin("AF", by=ines)

    assert (items.order, items.replayed) == ("DABEFC", "DABEFC")


def test_new_items_enter_at_a_place_in_the_order_given(payments, ines, items):
    new = [factories.ItemFactory(product=payments, created_by=ines).pk for _ in range(2)]
    OrderEntry.objects.filter(item__in=new).delete()
    items.ids += new

    with transaction.atomic():
        ordering.enter(ordering.lock(payments.pk), new[::-1], Place.after(items.B), by=ines)

    assert (items.order, items.replayed) == ("ABHGCDEF", "ABHGCDEF")


@pytest.mark.parametrize("place", [Place.top(), Place.bottom(), Place.position(7)])
def test_an_empty_list_takes_its_first_items_anywhere(payments, ines, place):
    new = factories.ItemFactory(product=payments, created_by=ines)
    OrderEntry.objects.all().delete()

    with transaction.atomic():
        ordered = ordering.lock(payments.pk)
        ordering.enter(ordered, [new.pk], place, by=ines)

    assert order_log.present(ordered) == [new.pk]


# Crowded places.


def test_a_crowded_place_is_respaced_unseen(payments, ines, items):
    for letter in "BCDEF":
        OrderEntry.objects.filter(item=getattr(items, letter)).update(rank="V" + "0" * 36 + letter)
    OrderEntry.objects.filter(item=items.A).update(rank="U")

    ordering.move(payments, items("F"), Place.after(items.B), by=ines)

    assert (items.order, items.replayed) == ("ABFCDE", "ABFCDE")
    assert max(map(len, OrderEntry.objects.values_list("rank", flat=True))) <= ranking.MAX_KEY_BYTES


def test_an_exhausted_end_is_respaced(payments, ines, items):
    OrderEntry.objects.filter(item=items.A).update(rank="0000000000V")
    OrderEntry.objects.filter(item=items.F).update(rank="zzzzzzzzzzV")

    ordering.move(payments, items("C"), Place.top(), by=ines)
    ordering.move(payments, items("D"), Place.bottom(), by=ines)

    assert (items.order, items.replayed) == ("CABEFD", "CABEFD")


def test_items_that_are_away_are_respaced_with_the_others(payments, ines, items):
    items.leave("BD", by=ines)
    for turn in range(300):
        ordering.move(payments, items("FE"[turn % 2]), Place.after(items.A), by=ines)
    items.rejoin("BD", by=ines)

    assert items.order == items.replayed
    assert items.order in ("AEFBCD", "AFEBCD")


def test_the_database_refuses_two_items_at_one_rank(items):
    rank = OrderEntry.objects.get(item=items.A).rank

    with pytest.raises(IntegrityError), transaction.atomic():
        OrderEntry.objects.filter(item=items.B).update(rank=rank)


# Pins.


def test_a_pinned_item_is_marked_and_the_product_owner_still_moves_it(payments, ines, items):
    item = Item.objects.get(pk=items.B)

    move = ordering.pin(item, by=ines)

    assert (move.kind, move.items, items.list.version) == ("pin", [items.B], 2)
    assert list(OrderEntry.objects.filter(is_pinned=True).values_list("item_id", flat=True)) == [items.B]
    assert Event.objects.filter(name="item.pinned", target_id=items.B).exists()
    ordering.move(payments, items("B"), Place.bottom(), by=ines)
    assert (items.order, items.replayed) == ("ACDEFB", "ACDEFB")


def test_pinning_twice_is_pinning_once(ines, items):
    item = Item.objects.get(pk=items.B)

    assert ordering.unpin(item, by=ines) is None
    ordering.pin(item, by=ines)
    assert ordering.pin(item, by=ines) is None
    assert ordering.unpin(item, by=ines).kind == "unpin"
    assert not OrderEntry.objects.filter(is_pinned=True).exists()


@pytest.mark.parametrize("who", ["marek", "mia", "dev", "stan", "ada", "eve"])
def test_only_the_product_owner_pins(items, request, who):
    with pytest.raises(PermissionDenied):
        ordering.pin(Item.objects.get(pk=items.B), by=request.getfixturevalue(who))


def test_an_item_out_of_the_list_is_not_pinned(ines, items):
    items.leave("B", by=ines)

    with pytest.raises(NotListed):
        ordering.pin(Item.objects.get(pk=items.B), by=ines)
