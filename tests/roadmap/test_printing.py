"""The whole order on paper."""

import re
from datetime import timedelta

from django.utils import timezone

from backlog.actions import items, ordering, places
from backlog.models import Item
from roadmap.actions import forecasts
from roadmap.queries import printed_order
from tests import factories
from tests.roadmap.pasts import finish

ADDRESS = "/products/PAY/print/"


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_paper_has_the_whole_order_with_dates_as_the_reader_sees_it(client, payments, ines, mia, monkeypatch):
    today = timezone.localdate()
    finish(payments, [3] * 12, on=today)
    rows = [{"title": f"Thing {n}", "kind": "functional", "type": "story"} for n in range(120)]
    made = items.create_many(payments, rows, by=ines)
    ordering.move(payments, [made[-1].pk], places.Place.top(), by=ines)
    items.edit(made[0], by=ines, points=8)
    Item.objects.filter(pk=made[1].pk).update(is_restricted=True)
    forecasts.record(payments, on=today, by=ines)

    client.force_login(ines)
    hers = client.get(ADDRESS)
    client.force_login(mia)
    team_view = client.get(ADDRESS)

    listed = [f"PAY-{item.number}" for item in (made[-1], *made[:-1])]
    assert re.findall(r'<td class="key">(PAY-\d+)', hers.content.decode()) == listed
    seen = [key for key in listed if key != f"PAY-{made[1].number}"]
    assert re.findall(r'<td class="key">(PAY-\d+)', team_view.content.decode()) == seen
    first, second, *_, last = printed_order.printed_order(payments, ines, today=today).rows
    assert (first.position, second.points, second.type, second.is_technical) == (1, 8, "Functional", False)
    assert today < first.done_on < last.done_on < today + timedelta(weeks=100)
    assert "120 items" in text_of(hers) and "119 items" in text_of(team_view)

    monkeypatch.setattr(printed_order, "MOST_ROWS", 100)
    assert "The first 100 of 119. More would be no use on paper. Export the backlog for all of it." in text_of(
        client.get(ADDRESS)
    )


def test_the_paper_takes_as_many_statements_for_three_as_for_one(payments, ines, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(5):
            printed_order.printed_order(payments, ines, today=timezone.localdate())
        factories.ItemFactory.create_batch(3, product=payments)


def test_under_a_filter_the_paper_has_what_fits_at_its_place_and_says_so(client, payments, ines):
    for kind, of in (("functional", "story"), ("technical", "debt"), ("functional", "story"), ("technical", "spike")):
        items.create(payments, kind=kind, type=of, title=f"A {of}", by=ines)
    client.force_login(ines)

    fitting = client.get(ADDRESS, {"filter": "kind:technical"})
    assert re.findall(r'<td class="num">(\d+)</td><td class="key">(PAY-\d+)', fitting.content.decode()) == [
        ("2", "PAY-2"),
        ("4", "PAY-4"),
    ]
    assert "Only what fits kind:technical , at its place in the whole order. Print all of it 2 items" in text_of(
        fitting
    )
    assert "No item of the order fits all of this." in text_of(client.get(ADDRESS, {"filter": "kind:technical bug"}))
    unread = text_of(client.get(ADDRESS, {"filter": "kind:"}))
    assert "This filter can't be read." in unread and "Mend it in the backlog" in unread and "PAY-1" not in unread
