"""The compact feed of the list screen, and what changed since."""

import orjson
import pytest
from django.db import transaction
from pytest_django.asserts import assertNumQueries

from backlog.actions import feed as feed_actions
from backlog.actions import ordering, proposals
from backlog.actions.ordering import Place
from backlog.models import Dependency, Item, ItemTag, OrderedList, Tag
from backlog.queries import feed
from backlog.queries.readers import reader
from core.models import OutboxMessage
from tests import factories


def read(product, user, since=""):
    return orjson.loads(feed.order_feed(product, reader(product, user), since))


def change(items, word, **fields):
    with transaction.atomic():
        Item.objects.filter(pk__in=items(word)).update(**fields)
        return feed_actions.changed(items.product.pk, items(word))


def shown(items, answer):
    return items.word(answer["columns"]["id"])


def applied(items, word, answer):
    """What a list screen makes of a part: take out what changed or went, put the rows behind what they name."""
    if answer["is_whole"]:
        return shown(items, answer)
    changed = answer["columns"]["id"]
    order = [item for item in items(word) if item not in changed and item not in answer["gone"]]
    for item, after in zip(changed, answer["columns"]["after"], strict=True):
        order.insert(order.index(after) + 1 if after else 0, item)
    return items.word(order)


def test_a_change_is_counted_marked_and_told(items):
    OutboxMessage.objects.all().delete()

    assert change(items, "BC", points=3) == 2

    assert list(OrderedList.objects.values_list("version", "feed_version")) == [(1, 2)]
    assert items.word(items.list.entries.filter(changed_version=2).order_by("rank").values_list("item", flat=True)) == (
        "BC"
    )
    message = OutboxMessage.objects.get()
    assert (message.topic, message.key) == ("live", f"product:{items.product.pk}")
    assert message.payload == {"feed_version": 2}


def test_the_whole_order_has_a_column_for_each_field(payments, ines, payouts, kestrel, items):
    tag = Tag.objects.create(product=payments, name="payday")
    ItemTag.objects.create(product=payments, item_id=items.B, tag=tag)
    Item.objects.filter(pk=items.B).update(
        kind="technical", type="debt", points="2.5", component=payouts, team=kestrel, checks_met=2, checks_total=5
    )
    payouts.engagement = "architectural"
    payouts.save()
    Dependency.objects.create(
        organization=payments.organization, dependent_id=items.D, enabler_id=items.B, created_by=ines
    )

    answer = read(payments, ines)

    columns = answer["columns"]
    assert shown(items, answer) == "ABCDEF"
    assert {name: column[1] for name, column in columns.items()} == {
        "id": items.B,
        "number": 2,
        "kind": "technical",
        "type": "debt",
        "title": "Item 2",
        "plain": "",
        "points": 2.5,
        "component": payouts.pk,
        "team": kestrel.pk,
        "status": "open",
        "checks_met": 2,
        "checks_total": 5,
        "questions": 0,
        "pinned": False,
        "restricted": False,
        "level": "architectural",
        "tags": [tag.pk],
        "waits": False,
    }
    assert {len(column) for column in columns.values()} == {6}
    assert answer["needs"] == {str(items.D): [items.B]}
    assert answer["legend"] == {
        "order_rule": ["story", "bug"],
        "product": "PAY",
        "levels": {"architectural": "Architectural", "large_scale": "Large-scale"},
        "components": {str(payouts.pk): "Payouts"},
        "teams": {str(kestrel.pk): "Kestrel"},
        "tags": {str(tag.pk): "payday"},
    }
    assert (answer["is_whole"], answer["version"], answer["order_version"]) == (True, "1-all", 1)


def test_what_is_proposed_comes_with_its_place_whole_or_in_part(payments, ines, marek, dev, items):
    first = read(payments, ines)
    what = {"kind": "technical", "type": "enabler", "by": marek}
    before = Item.objects.get(pk=items.C)
    made = proposals.propose(payments, title="Outbox", case={"place": "before", "before": before}, **what)
    secret = proposals.propose(payments, title="Key leak", case={"place": "top"}, **what)
    Item.objects.filter(pk=secret.pk).update(is_restricted=True)

    part = read(payments, ines, first["version"])

    named = {"kind": "technical", "type": "enabler", "by": str(marek)}
    outbox = {"id": made.pk, "number": made.number, "title": "Outbox", "place": items.C, **named}
    leak = {"id": secret.pk, "number": secret.number, "title": "Key leak", "place": "top", **named}
    assert (part["is_whole"], part["proposed"]) == (False, [leak, outbox])
    assert read(payments, dev)["proposed"] == [outbox]
    assert first["proposed"] == []


def test_an_item_waits_for_what_no_place_above_it_could_satisfy(payments, ines, items):
    other = factories.ProductFactory(organization=payments.organization, key="OTH")
    for dependent, enabler in (
        (items.A, items.B),
        (items.C, factories.ItemFactory(product=other).pk),
        (items.D, factories.ItemFactory(product=payments, status="proposed").pk),
        (items.E, factories.ItemFactory(product=other, status="dropped").pk),
    ):
        Dependency.objects.create(
            organization=payments.organization, dependent_id=dependent, enabler_id=enabler, created_by=ines
        )

    columns = read(payments, ines)["columns"]

    assert items.word(pk for pk, waits in zip(columns["id"], columns["waits"], strict=True) if waits) == "CD"


def test_an_empty_product_has_an_empty_feed(payments, ines):
    answer = read(payments, ines)

    assert set(map(tuple, answer["columns"].values())) == {()}


def test_since_carries_moves_changes_arrivals_and_departures(payments, ines, items):
    before = read(payments, ines)
    ordering.move(payments, items("FB"), Place.top(), by=ines)
    items.leave("C", by=ines)
    items.ids += factories.enter_items(payments, 1, by=ines)
    ordering.pin(Item.objects.get(pk=items.E), by=ines)

    part = read(payments, ines, before["version"])

    assert (part["is_whole"], shown(items, part), items.word(part["gone"])) == (False, "FBEG", "C")
    assert applied(items, "ABCDEF", part) == items.order == "FBADEG"
    assert part["columns"]["pinned"] == [False, False, True, False]


def test_nothing_changed_since(payments, ines, items):
    part = read(payments, ines, read(payments, ines)["version"])

    assert (part["is_whole"], part["columns"]["id"], part["gone"]) == (False, [], [])


@pytest.mark.parametrize("since", ["", "99-all", "x-all", "1", "1-7", "-", "1-all-all", "٣-all"])
def test_a_version_that_can_not_be_followed_gets_the_whole_order(payments, ines, items, since):
    assert read(payments, ines, since)["is_whole"]


def test_many_changes_get_the_whole_order(payments, ines, items, monkeypatch):
    monkeypatch.setattr(feed, "MOST_CHANGES", 2)
    version = read(payments, ines)["version"]

    change(items, "AB", points=1)
    assert not read(payments, ines, version)["is_whole"]
    change(items, "C", points=1)
    assert read(payments, ines, version)["is_whole"]


# Restricted items.


@pytest.fixture
def secret(payouts, items):
    """C is restricted, and owned by Payouts."""
    change(items, "C", is_restricted=True, component=payouts)


@pytest.mark.parametrize(("who", "expected"), [("ines", "ABCDEF"), ("marek", "ABCDEF"), ("dev", "ABDEF")])
def test_restricted_items_are_left_out_for_others(payments, items, secret, request, who, expected):
    answer = read(payments, request.getfixturevalue(who))

    assert shown(items, answer) == expected
    assert ("Item 3" in answer["columns"]["title"]) == ("C" in expected)


def test_a_restricted_item_is_seen_by_its_assignee(payments, dev, items, secret):
    change(items, "C", assignee=dev)

    assert shown(items, read(payments, dev)) == "ABCDEF"


def test_no_dependency_names_a_hidden_item(payments, ines, dev, items, secret):
    for dependent, enabler in ("DC", "CB"):
        Dependency.objects.create(
            organization=payments.organization,
            dependent_id=getattr(items, dependent),
            enabler_id=getattr(items, enabler),
            created_by=ines,
        )

    assert read(payments, dev)["needs"] == {}
    assert len(read(payments, ines)["needs"]) == 2


def test_a_change_of_a_hidden_item_tells_nothing_of_it(payments, ines, dev, items, secret):
    version = read(payments, dev)["version"]
    ordering.move(payments, items("C"), Place.top(), by=ines)

    answer = read(payments, dev, version)

    assert (answer["is_whole"], shown(items, answer)) == (True, "ABDEF")


def test_a_part_names_only_predecessors_that_are_seen(payments, ines, dev, items, secret):
    version = read(payments, dev)["version"]
    ordering.move(payments, items("F"), Place.after(items.C), by=ines)

    part = read(payments, dev, version)

    assert (part["is_whole"], part["columns"]["after"]) == (False, [items.B])
    assert applied(items, "ABDEF", part) == "ABFDE"


def test_an_item_that_becomes_restricted_disappears(payments, dev, items):
    version = read(payments, dev)["version"]
    change(items, "C", is_restricted=True)

    assert applied(items, "ABCDEF", read(payments, dev, version)) == "ABDEF"


def test_the_etag_tells_versions_and_readers_apart(payments, ines, marek, dev, mia, items):
    tags = [feed.etag(reader(payments, user)) for user in (ines, marek, dev, mia)]
    assert len(set(tags)) == 4
    assert tags[0] == read(payments, ines)["version"]

    change(items, "A", points=1)

    assert not set(tags) & {feed.etag(reader(payments, user)) for user in (ines, marek, dev, mia)}


def test_the_feed_takes_as_many_statements_for_many_rows(payments, ines, dev, items, secret):
    for user, count in ((ines, 7), (dev, 7)):
        with assertNumQueries(count):
            feed.order_feed(payments, reader(payments, user))
    factories.enter_items(payments, 50, by=ines)

    for user, count in ((ines, 7), (dev, 7)):
        with assertNumQueries(count):
            feed.order_feed(payments, reader(payments, user))
