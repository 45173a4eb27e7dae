"""Pages of the backlog, and search."""

import pytest
from pytest_django.asserts import assertNumQueries

from backlog.actions import ordering
from backlog.actions.ordering import Place
from backlog.models import Item, ItemTag, SourceKey, Tag
from backlog.queries import search
from backlog.queries.lists import backlog_page
from core.errors import InvalidInput
from tests import factories


def letters(items, page):
    return items.word(row.id for row in page.rows)


def test_a_page_has_the_rows_in_order(payments, ines, payouts, kestrel, items):
    tag = Tag.objects.create(product=payments, name="payday")
    ItemTag.objects.create(product=payments, item_id=items.B, tag=tag)
    Item.objects.filter(pk=items.B).update(component=payouts, team=kestrel, assignee=ines, points=3)
    ordering.move(payments, items("B"), Place.top(), by=ines)

    page = backlog_page(payments, ines)

    assert (letters(items, page), page.next) == ("BACDEF", "")
    row = page.rows[0]
    assert (row.key, row.position, row.tags, row.points) == ("PAY-2", 1, ("payday",), 3)
    assert (row.component, row.team, row.assignee) == ("Payouts", "Kestrel", "Ines Falkner")
    assert (row.is_ready, row.is_technical, row.is_pinned) == (True, False, False)
    assert [row.position for row in page.rows] == [1, 2, 3, 4, 5, 6]


def test_pages_follow_one_another(payments, ines, items):
    pages, cursor = [], ""
    while not pages or cursor:
        page = backlog_page(payments, ines, cursor=cursor, size=2)
        pages.append((letters(items, page), [row.position for row in page.rows]))
        cursor = page.next

    assert pages == [("AB", [1, 2]), ("CD", [3, 4]), ("EF", [5, 6])]


def test_a_page_follows_an_item_that_left(payments, ines, items):
    cursor = backlog_page(payments, ines, size=2).next
    items.leave("B", by=ines)

    assert letters(items, backlog_page(payments, ines, cursor=cursor, size=2)) == "CD"


def test_filters_narrow_the_list(payments, ines, payouts, kestrel, items):
    tag = Tag.objects.create(product=payments, name="payday")
    ItemTag.objects.create(product=payments, item_id=items.C, tag=tag)
    Item.objects.filter(pk__in=items("BD")).update(kind="technical", type="debt", component=payouts, checks_total=1)
    Item.objects.filter(pk=items.E).update(status="in_progress", team=kestrel, assignee=ines)

    def found(**filters):
        return letters(items, backlog_page(payments, ines, filters=filters))

    assert found(kind="technical") == "BD"
    assert found(type="debt", component=str(payouts.pk)) == "BD"
    assert found(component="none") == "ACEF"
    assert found(tag=str(tag.pk)) == "C"
    assert found(status="in_progress") == "E"
    assert found(team=str(kestrel.pk)) == "E"
    assert found(assignee=str(ines.pk)) == "E"
    assert found(ready="no") == "BD"
    assert found(ready="yes", team="none") == "ACF"
    assert backlog_page(payments, ines, filters={"kind": "technical"}).rows[0].position is None


@pytest.mark.parametrize(
    ("filters", "cursor"),
    [({"colour": "red"}, ""), ({"tag": "x"}, ""), ({"ready": "maybe"}, ""), ({"team": "9" * 30}, ""), ({}, "x.y")],
)
def test_what_can_not_be_read_is_refused(payments, ines, items, filters, cursor):
    with pytest.raises(InvalidInput):
        backlog_page(payments, ines, filters=filters, cursor=cursor)


def test_restricted_items_are_left_out_for_others(payments, ines, dev, items):
    Item.objects.filter(pk=items.C).update(is_restricted=True, title="The hole in the wall")

    assert letters(items, backlog_page(payments, dev)) == "ABDEF"
    assert letters(items, backlog_page(payments, ines)) == "ABCDEF"
    assert search.search(payments, dev, "hole").hits == []
    assert search.search(payments, dev, "PAY-3").hits == []
    assert len(search.search(payments, ines, "hole").hits) == 1


def test_a_page_takes_few_statements(payments, dev, items):
    with assertNumQueries(2):
        backlog_page(payments, dev, size=2)
    with assertNumQueries(2):
        backlog_page(payments, dev)


# Search.


@pytest.fixture
def titles(payments, ines, items):
    """Titles of A to F; F has left the list."""
    names = [
        "Refund a payment",
        "Retry failed payouts",
        "Payout report",
        "Gateway certificate",
        "Ledger export",
        "Old payout page",
    ]
    for item, name in zip(items.ids, names, strict=True):
        Item.objects.filter(pk=item).update(title=name)
    Item.objects.filter(pk=items.E).update(description="Needs the certificates of the gateways")
    items.leave("F", by=ines)
    return names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("payout", "BCF"),
        ("payouts", "BCF"),
        ("pay", "ABCF"),
        ("certificate", "DE"),
        ("gateway certif", "DE"),
        ("gatway", "D"),
        ("certifcate", "D"),
        ("payuot", "ABCF"),
        ("PAY-4", "D"),
        ("pay 4", "D"),
        ("4", "D"),
        ("pya-4", "D"),
        ("PAY-99", ""),
        ("", ""),
        ("!!! ' & | :*", ""),
        ("zebra", ""),
    ],
)
def test_search_finds_words_keys_and_nearly_words(payments, ines, items, titles, text, expected):
    result = search.search(payments, ines, text)

    assert items.word(hit.id for hit in result.hits) == expected
    assert not result.is_capped


def test_a_hit_says_what_it_is(payments, ines, items, titles):
    hit = search.search(payments, ines, "old").hits[0]

    assert (hit.key, hit.title, hit.is_listed, hit.status) == ("PAY-6", "Old payout page", False, "open")


def test_an_item_is_found_by_its_key_in_the_source(payments, ines, items, titles):
    SourceKey.objects.create(organization=payments.organization, item_id=items.D, source="jira", key="OLD-77")

    assert items.word(hit.id for hit in search.search(payments, ines, "old-77").hits) == "D"


def test_search_shows_50_in_backlog_order_and_says_when_there_were_too_many(payments, ines, monkeypatch):
    ids = factories.enter_items(payments, 60, by=ines)
    Item.objects.update(title="Payout")
    ordering.move(payments, [ids[-1]], Place.top(), by=ines)

    result = search.search(payments, ines, "payout")
    assert [hit.id for hit in result.hits] == [ids[-1], *ids[:49]]

    monkeypatch.setattr(search, "MOST_CANDIDATES", 55)
    assert search.search(payments, ines, "payout").is_capped


def test_search_stays_within_the_product(payments, ines, items, titles):
    factories.ItemFactory(title="Payout elsewhere")

    assert len(search.search(payments, ines, "payout").hits) == 3
