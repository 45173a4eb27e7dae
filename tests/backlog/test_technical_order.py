"""The order of technical work over all products, and a product that takes it over."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from backlog.actions import delegations, life_cycle, ordering, suggestions, technical_order
from backlog.actions.ordering import Place
from backlog.actions.places import StaleAnchor
from backlog.models import Delegation, Item, TechnicalEntry
from backlog.queries.suggestions import suggested
from backlog.queries.technical_order import out_of_step, sequence
from core.errors import InvalidInput
from core.models import Event
from planning import ranking
from tests import factories


@pytest.fixture
def ledger(organization, marek):
    """Marek owns a component there too."""
    product = factories.ProductFactory(organization=organization, key="LED", name="Ledger")
    factories.ComponentOwnerFactory(component=factories.ComponentFactory(product=product), user=marek)
    return product


@pytest.fixture
def work(payments, payouts, ledger):
    """Technical items a, b, c of Payouts with something functional between, and d of another product."""
    a = factories.ItemFactory(product=payments, kind="technical", component=payouts, title="a")
    functional = factories.ItemFactory(product=payments, title="functional")
    b = factories.ItemFactory(product=payments, kind="technical", component=payouts, title="b")
    c = factories.ItemFactory(product=payments, kind="technical", title="c")
    d = factories.ItemFactory(product=ledger, kind="technical", title="d")
    return {"a": a, "functional": functional, "b": b, "c": c, "d": d}


def titles(organization):
    names = dict(Item.objects.values_list("pk", "title"))
    return "".join(names[pk] for pk in sequence(organization.pk))


def order_of(product):
    return list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))


def test_technical_work_has_an_order_of_its_own(organization, payments, work, marek, dev, ines):
    # As it comes: by product, and by place there.
    assert titles(organization) == "dabc"
    before = order_of(payments)

    assert technical_order.move(work["c"], Place.top(), by=marek)
    assert technical_order.move(work["a"], Place.after(work["b"].pk), by=ines)
    assert titles(organization) == "cdba"
    assert technical_order.move(work["d"], Place.bottom(), by=marek)
    assert titles(organization) == "cbad"

    assert not technical_order.move(work["d"], Place.bottom(), by=marek)
    assert order_of(payments) == before
    moved = Event.objects.filter(name="technical_order.moved")
    assert moved.count() == 3
    for refused, by, error in (
        ((work["c"], Place.top()), dev, PermissionDenied),
        ((work["functional"], Place.top()), ines, technical_order.NotTechnical),
        ((work["a"], Place.after(work["a"].pk)), ines, InvalidInput),
        ((work["a"], Place.position(1)), ines, InvalidInput),
        ((work["a"], Place.after(work["functional"].pk)), ines, StaleAnchor),
    ):
        with pytest.raises(error):
            technical_order.move(*refused, by=by)


def test_new_work_comes_last_and_finished_work_leaves(organization, payments, work, marek, ines):
    technical_order.move(work["c"], Place.top(), by=marek)
    factories.ItemFactory(product=payments, kind="technical", title="e")
    assert titles(organization) == "cdabe"

    life_cycle.drop(work["a"], reason="Done elsewhere", by=ines)
    assert technical_order.move(work["d"], Place.after(work["b"].pk), by=marek)

    assert titles(organization) == "cbde"
    life_cycle.restore(work["a"], by=ines)
    assert titles(organization) == "cabde"


def test_a_crowded_place_makes_room(organization, work, marek, monkeypatch):
    monkeypatch.setattr(ranking, "MAX_KEY_BYTES", 11)
    for _ in range(8):
        technical_order.move(work["b"], Place.after(work["d"].pk), by=marek)
        technical_order.move(work["c"], Place.after(work["d"].pk), by=marek)

    assert titles(organization) == "dcba"
    assert TechnicalEntry.objects.count() == 4


def test_a_product_takes_the_technical_order_over(organization, payments, payouts, work, ines, marek, dev):
    technical_order.move(work["c"], Place.top(), by=marek)
    technical_order.move(work["b"], Place.before(work["a"].pk), by=marek)
    in_product = [work[name].pk for name in "abc"]
    assert len(out_of_step(in_product, sequence(organization.pk))) == 2

    with pytest.raises(PermissionDenied):
        technical_order.apply(payments, by=marek)
    with pytest.raises(PermissionDenied):
        technical_order.apply(payments, by=dev)
    # What he may not apply he suggests to her, and it is the order of then that she takes.
    asked = suggestions.suggest_technical_order(payments, by=marek)
    (shown,) = suggested([asked], ines)
    assert (shown.words.startswith("Give the technical items of Payments"), shown.may_take) == (True, True)
    with pytest.raises(PermissionDenied):
        suggestions.suggest_technical_order(payments, by=ines)
    suggestions.take(asked, by=ines)
    assert order_of(payments) == ["c", "functional", "b", "a"]
    with pytest.raises(technical_order.NoSlots):
        suggestions.suggest_technical_order(payments, by=marek)
    ordering.undo(payments, by=ines)
    # With a loan he fills the slots of its component, and no other.
    until = timezone.now() + timedelta(days=7)
    delegations.grant(payouts, Delegation.Power.ORDER, marek, until=until, intent="Payouts first", by=ines)
    technical_order.apply(payments, by=marek)
    assert order_of(payments) == ["b", "functional", "a", "c"]

    technical_order.apply(payments, by=ines)
    assert order_of(payments) == ["c", "functional", "b", "a"]
    with pytest.raises(technical_order.NoSlots):
        technical_order.apply(payments, by=ines)
    ordering.undo(payments, by=ines)
    assert order_of(payments) == ["b", "functional", "a", "c"]
