"""A technical product owner permutes the places lent to them, and nothing else (RELIABILITY 3.4, D1 to D12)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.utils import timezone

from backlog.actions import ordering
from backlog.actions.ordering import Place, StaleAnchor
from backlog.actions.undoing import TooLateToRevert
from backlog.models import Component, Delegation, Item, Move
from core.errors import InvalidInput
from core.models import Event
from tests import factories


@pytest.fixture
def ledger(payments):
    return factories.ComponentFactory(product=payments, name="Ledger")


@pytest.fixture
def loan(payouts, ines, marek, items):
    """B, D and F are technical items of Payouts, which is lent to Marek; E is one of nobody's."""
    Item.objects.filter(pk__in=items("BDF")).update(kind="technical", type="enabler", component=payouts)
    Item.objects.filter(pk=items.E).update(kind="technical", type="enabler")
    return lend(payouts, marek, ines, base_order=items("BDF"))


def lend(component, to, by, **fields):
    fields = {"power": "order", "until": timezone.now() + timedelta(days=90)} | fields
    return Delegation.objects.create(
        organization_id=component.organization_id,
        product_id=component.product_id,
        component=component,
        grantee=to,
        granted_by=by,
        **fields,
    )


def places_of_others(items, lent):
    return [letter if letter not in lent else "-" for letter in items.order]


MOVES = [
    ("F", Place.top, None, "AFCBED"),
    ("B", Place.bottom, None, "ADCFEB"),
    ("F", Place.before, "D", "ABCFED"),
    ("B", Place.after, "D", "ADCBEF"),
    ("F", Place.position, 2, "ABCFED"),
    ("F", Place.position, 99, None),
    ("FB", Place.bottom, None, "ADCFEB"),
    ("FD", Place.top, None, "AFCDEB"),
]


@pytest.mark.parametrize(("block", "place", "where", "expected"), MOVES)
def test_a_delegated_move_permutes_the_slots(payments, marek, items, loan, block, place, where, expected):
    arguments = [] if where is None else [where if isinstance(where, int) else getattr(items, where)]

    move = ordering.move(payments, items(block), place(*arguments), by=marek)

    assert items.order == (expected or "ABCDEF")
    assert items.replayed == items.order
    assert places_of_others(items, "BDF") == list("A-C-E-")
    assert (move is None) == (expected is None)


def test_a_delegated_move_says_on_whose_behalf(payments, ines, marek, items, loan):
    ordering.move(payments, [items.F], Place.before(items.D), by=marek, reason="First the gateway")

    move = items.last
    assert (move.kind, move.by, move.on_behalf_of, move.delegation) == ("permute", marek, ines, loan)
    assert (items.word(move.items), items.word(move.former)) == ("FD", "DF")
    event = Event.objects.get(name="item.moved")
    assert (event.by, event.on_behalf_of, event.data["delegation"]) == (marek, ines, loan.pk)


@pytest.mark.parametrize("block", ["A", "E", "AB", "BE"])
def test_items_not_lent_are_refused(payments, marek, items, loan, block):
    with pytest.raises(PermissionDenied):
        ordering.move(payments, items(block), Place.top(), by=marek)

    assert (items.order, items.list.version) == ("ABCDEF", 1)


def test_a_place_beside_an_item_not_lent_is_refused(payments, marek, items, loan):
    with pytest.raises(PermissionDenied):
        ordering.move(payments, [items.B], Place.after(items.C), by=marek)


def test_a_stale_anchor_is_said_to_be_stale(payments, ines, marek, items, loan):
    items.leave("D", by=ines)

    with pytest.raises(StaleAnchor):
        ordering.move(payments, [items.B], Place.after(items.D), by=marek)


def test_a_pinned_item_is_outside_the_slots(payments, ines, marek, items, loan):
    ordering.pin(Item.objects.get(pk=items.D), by=ines)

    with pytest.raises(PermissionDenied):
        ordering.move(payments, [items.D], Place.top(), by=marek)
    ordering.move(payments, [items.F], Place.top(), by=marek)

    assert items.order == "AFCDEB"


@pytest.mark.parametrize(
    "change", [{"kind": "functional", "type": "story"}, {"component": None}], ids=["kind", "component"]
)
def test_a_relabelled_item_is_outside_the_slots(payments, marek, items, loan, change):
    Item.objects.filter(pk=items.D).update(**change)

    with pytest.raises(PermissionDenied):
        ordering.move(payments, [items.D], Place.top(), by=marek)


@pytest.mark.parametrize(
    "ended",
    [
        lambda marek: {"revoked_at": Now(), "revoked_by": marek},
        lambda marek: {"suspended_at": Now()},
        lambda marek: {"until": Now()},
        lambda marek: {"power": "refine"},
        lambda marek: {"power": "accept"},
    ],
    ids=["revoked", "suspended", "expired", "refine", "accept"],
)
def test_only_a_live_order_delegation_counts(payments, marek, items, loan, ended):
    Delegation.objects.update(**ended(marek))

    with pytest.raises(PermissionDenied):
        ordering.move(payments, [items.F], Place.top(), by=marek)

    assert items.list.version == 1


def test_who_no_longer_owns_the_component_has_no_slots(payments, marek, items, loan):
    marek.owned_components.all().delete()

    with pytest.raises(PermissionDenied):
        ordering.move(payments, [items.F], Place.top(), by=marek)


def test_lending_a_parent_does_not_lend_its_children(payments, payouts, ledger, marek, items, loan):
    Component.objects.filter(pk=ledger.pk).update(parent=payouts)
    Item.objects.filter(pk=items.D).update(component=ledger)

    with pytest.raises(PermissionDenied):
        ordering.move(payments, [items.D], Place.top(), by=marek)


def test_slots_of_several_components_are_one_set(payments, ledger, ines, marek, items, loan):
    Item.objects.filter(pk=items.E).update(component=ledger)
    factories.ComponentOwnerFactory(component=ledger, user=marek)
    second = lend(ledger, marek, ines)

    ordering.move(payments, [items.E], Place.top(), by=marek)

    assert items.order == "AECBDF"
    assert items.last.delegation == second


def test_a_neighbour_s_delegation_gives_nothing(payments, payouts, dev, ledger, ines, items, loan):
    factories.ComponentOwnerFactory(component=ledger, user=dev)
    lend(ledger, dev, ines)

    with pytest.raises(PermissionDenied):
        ordering.move(payments, [items.F], Place.top(), by=dev)


def test_a_whole_permutation_is_one_step(payments, ines, marek, items, loan):
    ordering.permute_technical(payments, items("FDB"), by=marek)

    assert (items.order, items.replayed, items.list.version) == ("AFCDEB", "AFCDEB", 2)
    assert items.word(items.last.items) == "FB"
    assert items.last.on_behalf_of == ines


def test_a_part_of_the_slots_can_be_permuted(payments, marek, items, loan):
    ordering.permute_technical(payments, items("DB"), by=marek)

    assert items.order == "ADCBEF"
    assert ordering.permute_technical(payments, items("DB"), by=marek) is None


@pytest.mark.parametrize("block", ["BA", "BE"])
def test_a_permutation_reaches_no_further_than_the_slots(payments, marek, items, loan, block):
    with pytest.raises(PermissionDenied):
        ordering.permute_technical(payments, items(block), by=marek)


def test_the_product_owner_permutes_any_technical_items(payments, ines, items, loan):
    ordering.permute_technical(payments, items("EB"), by=ines)

    assert (items.order, items.last.on_behalf_of, items.last.delegation) == ("AECDBF", None, None)
    with pytest.raises(PermissionDenied):
        ordering.permute_technical(payments, items("AB"), by=ines)
    with pytest.raises(InvalidInput):
        ordering.permute_technical(payments, items("BB"), by=ines)


def test_the_product_owner_s_move_wins(payments, ines, marek, items, loan):
    ordering.move(payments, [items.F], Place.top(), by=marek)
    ordering.move(payments, [items.F], Place.bottom(), by=ines)

    assert (items.order, items.replayed) == ("ACBEDF", "ACBEDF")


# Taking back.


def test_a_delegated_move_is_undone_and_redone_by_who_made_it(payments, ines, marek, items, loan):
    ordering.move(payments, [items.F], Place.top(), by=marek)

    undone = ordering.undo(payments, by=marek)
    assert items.order == "ABCDEF"
    assert (undone.kind, undone.undoes, undone.on_behalf_of, undone.delegation) == ("permute", 2, ines, loan)

    ordering.redo(payments, by=marek)
    assert (items.order, items.replayed) == ("AFCBED", "AFCBED")


def test_who_lost_the_delegation_undoes_nothing(payments, marek, ines, items, loan):
    ordering.move(payments, [items.F], Place.top(), by=marek)
    Delegation.objects.update(revoked_at=Now(), revoked_by=ines)

    with pytest.raises(PermissionDenied):
        ordering.undo(payments, by=marek)

    assert items.order == "AFCBED"


def test_the_product_owner_undoes_a_delegated_move(payments, ines, marek, items, loan):
    ordering.move(payments, [items.F], Place.top(), by=marek)
    ordering.move(payments, [items.A], Place.bottom(), by=ines)

    ordering.undo_move(payments, 2, by=ines)

    assert (items.order, items.replayed) == ("BCDEFA", "BCDEFA")
    with pytest.raises(PermissionDenied):
        ordering.undo_move(payments, 2, by=marek)


def test_a_delegation_is_reverted_for_what_survives(payments, ines, marek, items, loan):
    ordering.permute_technical(payments, items("FDB"), by=marek)
    items.leave("D", by=ines)
    ordering.move(payments, [items.A], Place.bottom(), by=ines)

    move = ordering.revert_delegation(loan, by=ines)

    assert (items.order, items.replayed) == ("BCEFA", "BCEFA")
    assert (move.by, move.delegation, move.on_behalf_of) == (ines, loan, None)
    assert ordering.revert_delegation(loan, by=ines) is None


@pytest.mark.parametrize("who", ["marek", "dev", "ada", "eve"])
def test_only_the_product_owner_reverts_a_delegation(items, loan, request, who):
    with pytest.raises(PermissionDenied):
        ordering.revert_delegation(loan, by=request.getfixturevalue(who))


def test_a_delegation_long_ended_is_not_reverted(ines, items, loan):
    loan.until = timezone.now() - timedelta(days=91)

    with pytest.raises(TooLateToRevert):
        ordering.revert_delegation(loan, by=ines)

    assert Move.objects.count() == 1
