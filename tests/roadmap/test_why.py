"""Why an item stands where it stands."""

import time
from datetime import timedelta

import pytest
from django.urls import reverse

from backlog.actions import dependencies, items, life_cycle, ordering
from backlog.models import Dependency, Item
from backlog.queries.readers import reader
from roadmap.actions import forecasts
from roadmap.queries.why import Named, why
from tests import factories
from tests.roadmap.pasts import TODAY, finish


def make(product, by, **values):
    return items.create(product, kind="functional", type="story", by=by, **values)


@pytest.fixture
def backlog(payments, ines):
    """Keys stand above what needs them; Load stands above what it needs."""
    return {
        "keys": make(payments, ines, title="Keys", points=5, business_value=1),
        "arrive": make(payments, ines, title="Arrive", points=4, business_value=13, risk_reduction=3),
        "load": make(payments, ines, title="Load", points=2, business_value=9),
        "region": make(payments, ines, title="Region", points=8, business_value=2),
        "tap": make(payments, ines, title="Tap", points=1, due_on=TODAY, penalty_per_week=6),
    }


def test_value_flows_back_to_what_enables_it(payments, ines, backlog):
    dependencies.add(backlog["keys"], backlog["arrive"], by=ines)

    found = why(payments, backlog["keys"], reader(payments, ines), today=TODAY)

    assert (found.position, found.weight, found.size) == (1, 1, 5)
    assert [named.key for named in found.received] == [backlog["arrive"].key]
    assert found.ratio == pytest.approx((1 + 16) / 9)
    assert [(lever.label, lever.percent) for lever in found.levers] == [("Value", 12), ("What it enables", 100)]
    assert found.above is None
    assert found.below == Named(backlog["arrive"].key, backlog["arrive"].number, found.ratio)


def test_an_inversion_tells_what_it_costs_and_when_it_would_be_done(payments, ines, backlog):
    dependencies.add(backlog["region"], backlog["load"], by=ines)
    finish(payments, [1] * 8)
    forecasts.record(payments, on=TODAY, by=ines)

    inversion = why(payments, backlog["load"], reader(payments, ines), today=TODAY).inversion

    assert [named.key for named in inversion.needs] == [backlog["region"].key]
    assert inversion.on >= inversion.mended_on > TODAY
    assert inversion.share == 0


def test_a_pin_has_a_price(payments, ines, backlog):
    ordering.move(payments, [backlog["region"].pk], ordering.Place.top(), by=ines)
    ordering.pin(backlog["region"], by=ines)

    pinned = why(payments, backlog["region"], reader(payments, ines), today=TODAY)
    free = why(payments, backlog["arrive"], reader(payments, ines), today=TODAY)

    assert pinned.is_pinned
    assert pinned.pin_share > free.pin_share
    assert pinned.best_position > pinned.position


def test_restricted_neighbours_are_not_named(payments, ines, mia, backlog):
    dependencies.add(backlog["keys"], backlog["arrive"], by=ines)
    Item.objects.filter(pk=backlog["arrive"].pk).update(is_restricted=True)

    found = why(payments, backlog["keys"], reader(payments, mia), today=TODAY)

    assert (found.received, found.below) == ((), None)


def test_the_sentence_is_a_fragment_of_the_backlog(client, payments, ines, backlog):
    payments.currency, payments.value_point_in_currency = "EUR", 1000
    payments.save()
    client.force_login(ines)

    text = {
        name: client.get(reverse("roadmap:why", args=["PAY", item.number])).content.decode()
        for name, item in backlog.items()
    }

    assert "First because each week of delay costs 1 value point" in text["keys"]
    assert "about 1,000" in text["keys"]
    assert "A pin here would cost" in text["keys"]
    assert "Due date" not in text["tap"]
    assert "no value yet" in text["tap"]


def test_an_item_outside_the_order_is_said_to_be_so(client, payments, ines, backlog):
    life_cycle.drop(backlog["tap"], by=ines)
    client.force_login(ines)

    answer = client.get(reverse("roadmap:why", args=["PAY", backlog["tap"].number]))

    assert "is not in the order" in answer.content.decode()


def test_a_long_backlog_is_explained_at_once(payments, ines, django_assert_num_queries):
    """2,000 items, half of them with dependencies and an eighth with a due date, within the 300 ms of a request."""
    ids = [
        pk
        for points, value in ((3, 5), (8, 2), (1, 3), (5, 13), (2, 1))
        for pk in factories.enter_items(payments, 400, by=ines, points=points, business_value=value)
    ]
    Item.objects.filter(pk__in=ids[::8]).update(due_on=TODAY + timedelta(100), penalty_per_week=3)
    Dependency.objects.bulk_create(
        Dependency(
            organization=payments.organization,
            enabler_id=ids[place],
            dependent_id=ids[place + 1 + place * 11 % 60],
            created_by=ines,
        )
        for place in range(0, 1900, 2)
    )
    finish(payments, [6] * 20)
    forecasts.record(payments, on=TODAY, by=ines)
    who = reader(payments, ines)
    item = Item.objects.select_related("product").get(pk=ids[700])
    why(payments, item, who, today=TODAY)

    began = time.process_time()
    with django_assert_num_queries(9):
        found = why(payments, item, who, today=TODAY)

    assert found.best_position
    assert time.process_time() - began < 0.3
