"""Create and edit items."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlog.actions import items
from backlog.actions.ordering import Place
from backlog.models import Item, ItemComponent, OrderEntry, Product, RetiredProductKey, SourceKey
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event
from tests import factories
from tests.backlog.test_permissions import lend

STORY = {"title": "Retry failed payouts", "kind": "functional", "type": "story"}
DEBT = {"title": "Old card vault", "kind": "technical", "type": "debt"}


def ranked(product):
    return list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))


def test_a_created_item_stands_at_the_end_of_the_order(payments, ines):
    factories.ItemFactory(product=payments, title="First")

    item = items.create(payments, by=ines, points="3", **STORY)

    assert (item.key, item.status, item.points, item.created_by) == ("PAY-2", "open", Decimal(3), ines)
    assert ranked(payments) == ["First", "Retry failed payouts"]
    event = Event.objects.about(item).get()
    assert (event.name, event.by) == ("item.created", ines)
    assert event.data == {"key": "PAY-2", "kind": "functional", "title": "Retry failed payouts", "type": "story"}


def test_an_item_is_created_where_it_is_wanted(payments, ines):
    first = factories.ItemFactory(product=payments, title="First")

    items.create(payments, by=ines, place=Place.before(first.pk), **STORY)

    assert ranked(payments) == ["Retry failed payouts", "First"]


def test_an_item_is_created_with_all_it_has(payments, payouts, kestrel, dev, ines):
    cards = factories.ComponentFactory(product=payments, name="Cards")

    item = items.create(
        payments,
        by=ines,
        component=payouts,
        further_components=[cards],
        team=kestrel,
        assignee=dev,
        tags=["Compliance", "compliance", "cards"],
        criteria=["Retries thrice", "Gives up after a day"],
        **STORY,
    )

    assert sorted(item.tag_links.values_list("tag__name", flat=True)) == ["Compliance", "cards"]
    assert list(item.criteria.order_by("position").values_list("position", "text")) == [
        (1, "Retries thrice"),
        (2, "Gives up after a day"),
    ]
    assert list(ItemComponent.objects.filter(item=item).values_list("component__name", flat=True)) == ["Cards"]


@pytest.mark.parametrize("who", ["marek", "mia", "dev", "stan", "ada", "eve"])
def test_only_the_product_owner_creates_in_the_order(who, payments, request):
    user = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        items.create(payments, by=user, **STORY)

    assert not Item.objects.exists()


def test_creating_many_keeps_their_order_and_takes_the_same_statements(payments, ines):
    def rows(count):
        return [{**STORY, "title": f"Row {n}", "assignee": ines} for n in range(count)]

    items.create(payments, by=ines, **STORY)
    with CaptureQueriesContext(connection) as few:
        items.create_many(payments, rows(2), by=ines)
    with CaptureQueriesContext(connection) as many:
        items.create_many(payments, rows(40), by=ines)

    assert len(many) == len(few)
    assert ranked(payments) == [STORY["title"], "Row 0", "Row 1"] + [f"Row {n}" for n in range(40)]
    assert Event.objects.filter(name="item.created").count() == 43


@pytest.mark.parametrize("who", ["marek", "mia", "dev", "ines"])
def test_a_proposal_waits_outside_the_order(who, payments, ines, request):
    user = request.getfixturevalue(who)

    item = items.propose(payments, by=user, **DEBT)

    assert (item.status, item.number, ranked(payments)) == ("proposed", 1, [])
    assert [event.name for event in Event.objects.about(item)] == ["item.proposed"]


@pytest.mark.parametrize("who", ["stan", "ada", "eve"])
def test_outside_the_teams_nobody_proposes(who, payments, request):
    with pytest.raises(PermissionDenied):
        items.propose(payments, by=request.getfixturevalue(who), **DEBT)


def test_a_proposal_sets_no_value(payments, dev):
    with pytest.raises(PermissionDenied):
        items.propose(payments, by=dev, business_value=8, **DEBT)


def test_an_archived_product_takes_no_items(payments, ines):
    Product.objects.filter(pk=payments.pk).update(archived_at="2026-01-01T00:00Z")

    with pytest.raises(items.ProductArchived):
        items.create(payments, by=ines, **STORY)


def test_editing_records_old_and_new(payments, ines):
    item = items.create(payments, by=ines, **STORY)

    edited = items.edit(item, by=ines, version=1, title="  Retry\nfailed payouts daily ", points="5")

    assert (edited.title, edited.points, edited.version) == ("Retry failed payouts daily", Decimal(5), 2)
    event = Event.objects.about(item).newest_first().first()
    assert (event.name, event.data) == (
        "item.edited",
        {"changes": {"title": ["Retry failed payouts", "Retry failed payouts daily"], "points": [None, "5"]}},
    )


def test_editing_nothing_leaves_version_and_history_alone(payments, ines):
    item = items.create(payments, by=ines, **STORY)

    items.edit(item, by=ines, title=item.title)

    item.refresh_from_db()
    assert (item.version, Event.objects.about(item).count()) == (1, 1)


def test_a_stale_edit_is_refused(payments, ines):
    item = items.create(payments, by=ines, **STORY)
    items.edit(item, by=ines, version=1, title="Mine")

    with pytest.raises(PreconditionFailed):
        items.edit(item, by=ines, version=1, title="Yours")

    item.refresh_from_db()
    assert item.title == "Mine"


FIELD_OF_VERB = {
    "item.edit": {"title": "Other"},
    "item.classify": {"type": "bug"},
    "item.estimate": {"points": 3},
    "item.value": {"business_value": 8},
    "item.work": {"assignee": None},
    "item.tag": {"tags": ["cards"]},
    "item.restrict": {"is_restricted": True},
}


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("ines", set(FIELD_OF_VERB)),
        ("marek", {"item.estimate", "item.work", "item.tag"}),
        ("mia", {"item.estimate", "item.work", "item.tag"}),
        ("dev", {"item.estimate", "item.work", "item.tag"}),
        ("stan", set()),
        ("ada", set()),
        ("eve", set()),
    ],
)
def test_each_field_needs_the_verb_of_its_group(who, allowed, payments, ines, request):
    user = request.getfixturevalue(who)
    item = items.create(payments, by=ines, **STORY)

    granted = set()
    for verb, values in FIELD_OF_VERB.items():
        try:
            items.edit(item, by=user, **values)
        except PermissionDenied:
            continue
        granted.add(verb)

    assert granted == allowed


def test_one_forbidden_field_forbids_the_edit(payments, ines, dev):
    item = items.create(payments, by=ines, **STORY)

    with pytest.raises(PermissionDenied):
        items.edit(item, by=dev, points=3, business_value=5)

    item.refresh_from_db()
    assert item.points is None


def test_who_refines_under_a_delegation_acts_for_the_product_owner(payments, payouts, ines, marek):
    item = items.create(payments, by=ines, component=payouts, **STORY)
    lent = lend(payouts, "refine", to=marek, by=ines)

    items.edit(item, by=marek, description="Nightly.")

    event = Event.objects.about(item).newest_first().first()
    assert (event.by, event.on_behalf_of, event.data["delegation"]) == (marek, ines, lent.pk)


def test_the_lent_component_is_not_left_by_relabelling(payments, payouts, ines, marek):
    item = items.create(payments, by=ines, **DEBT)
    lend(payouts, "refine", to=marek, by=ines)

    with pytest.raises(PermissionDenied):
        items.edit(item, by=marek, component=payouts)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"type": "debt"}, "type"),
        ({"kind": "technical"}, "type"),
        ({"type": "nonsense"}, "type"),
        ({"points": -1}, "points"),
        ({"points": "1e9"}, "points"),
        ({"points": "many"}, "points"),
        ({"business_value": 1001}, "business_value"),
        ({"business_value": -1}, "business_value"),
        ({"time_criticality": 21}, "time_criticality"),
        ({"penalty_per_week": 5}, "due_on"),
        ({"due_on": "2026-13-01"}, "due_on"),
        ({"debt_interest": 2}, "debt_interest_unit"),
        ({"debt_interest": -2, "debt_interest_unit": "points"}, "debt_interest"),
        ({"debt_principal": -1}, "debt_principal"),
        ({"tags": [""]}, "name"),
    ],
)
def test_input_that_cant_be_right_is_refused_with_its_field(values, field, payments, ines):
    item = items.create(payments, by=ines, **STORY)

    with pytest.raises(InvalidInput) as refusal:
        items.edit(item, by=ines, **values)

    assert refusal.value.field == field


def test_an_item_refers_only_to_its_own_product(payments, ines, eve):
    item = items.create(payments, by=ines, **STORY)
    elsewhere = Product.objects.get(key="EVE")
    foreign = {
        "component": factories.ComponentFactory(product=elsewhere),
        "team": factories.TeamFactory(organization=elsewhere.organization),
        "assignee": eve,
        "parent": factories.ItemFactory(product=elsewhere),
        "goal": elsewhere.goals.create(title="Theirs"),
    }

    for name, row in foreign.items():
        with pytest.raises(InvalidInput) as refusal:
            items.edit(item, by=ines, **{name: row})
        assert refusal.value.field == name


def test_an_item_is_no_part_of_itself(payments, ines):
    top, middle, low = (items.create(payments, by=ines, **STORY) for _ in range(3))
    items.edit(middle, by=ines, parent=top)
    items.edit(low, by=ines, parent=middle)

    with pytest.raises(items.ParentCycle):
        items.edit(top, by=ines, parent=low)


def test_many_are_changed_alike(payments, ines):
    made = [items.create(payments, by=ines, tags=tags, **STORY) for tags in (["pci"], ["Cards", "pci"], [])]
    ids = [item.pk for item in made]

    items.edit_many(ids, by=ines, points=5, add_tags=["urgent"], remove_tags=["PCI"])

    changed = Item.objects.filter(pk__in=ids).order_by("pk")
    assert [(item.points, sorted(item.tag_links.values_list("tag__name", flat=True))) for item in changed] == [
        (Decimal(5), ["urgent"]),
        (Decimal(5), ["Cards", "urgent"]),
        (Decimal(5), ["urgent"]),
    ]


def test_of_many_all_are_changed_or_none(payments, ines, dev):
    made = [items.create(payments, by=ines, **STORY) for _ in range(2)]

    with pytest.raises(PermissionDenied):
        items.edit_many([item.pk for item in made], by=dev, points=5, kind="technical", type="debt")
    with pytest.raises(InvalidInput):
        items.edit_many([item.pk for item in made], by=ines, type="debt")

    assert set(Item.objects.values_list("points", "type")) == {(None, "story")}


def test_an_edit_reaches_the_feed(payments, ines):
    item = items.create(payments, by=ines, **STORY)
    payments.order.refresh_from_db()
    before = payments.order.feed_version

    items.edit(item, by=ines, points=3)

    payments.order.refresh_from_db()
    assert payments.order.feed_version == before + 1
    assert OrderEntry.objects.get(item=item).changed_version == before + 1


def test_an_item_is_found_by_the_keys_it_has_and_had(payments, ines):
    item = items.create(payments, by=ines, **STORY)
    RetiredProductKey.objects.create(product=payments, key="OLD")
    SourceKey.objects.create(organization=payments.organization, item=item, source="jira", key="JIRA-77")

    found = {key: Item.objects.visible_to(ines).by_key(key).first() for key in ("PAY-1", "pay-1", "OLD-1", "JIRA-77")}

    assert found == dict.fromkeys(("PAY-1", "pay-1", "OLD-1", "JIRA-77"), item)
    for key in ("PAY-2", "XYZ-1", "PAY-", "-1", "PAY", "", "PAY-99999999999"):
        assert not Item.objects.visible_to(ines).by_key(key).exists()


def test_a_key_of_our_own_wins_over_one_of_the_source(payments, ines):
    first = items.create(payments, by=ines, **STORY)
    second = items.create(payments, by=ines, **STORY)
    SourceKey.objects.create(organization=payments.organization, item=second, source="jira", key="PAY-1")

    assert Item.objects.visible_to(ines).by_key("PAY-1").get() == first


def test_eve_finds_no_item_by_its_key(payments, ines, eve):
    items.create(payments, by=ines, **STORY)

    assert not Item.objects.visible_to(eve).by_key("PAY-1").exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_numbers_have_no_gaps_under_concurrency(payments, ines):
    failures = []

    def create_25():
        try:
            for _ in range(25):
                items.create(payments, by=ines, **STORY)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=create_25) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(payments.items.values_list("number", flat=True)) == list(range(1, 201))
    assert payments.order.entries.count() == 200


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_refused_creation_takes_no_number(payments, ines):
    with pytest.raises(InvalidInput):
        items.create_many(payments, [STORY, {**STORY, "title": ""}], by=ines)

    assert items.create(payments, by=ines, **STORY).number == 1
