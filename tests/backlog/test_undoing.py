"""Taking moves back, one's own and others', and going back to an earlier order."""

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backlog.actions import ordering
from backlog.actions.ordering import NothingToRedo, NothingToUndo, Place
from backlog.actions.undoing import ItemsHaveLeft
from backlog.models import Item, ProductRole
from core.errors import InvalidInput
from tests import factories


@pytest.fixture
def olga(payments, ines):
    """The next product owner of Payments: `hand_over` makes her it."""
    return factories.MemberFactory(name="Olga Ryba", organization=payments.organization)


def hand_over(product, user):
    ProductRole.objects.filter(product=product, role="product_owner").update(user=user)


def test_undo_and_redo_go_through_one_s_moves(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    ordering.move(payments, items("CA"), Place.bottom(), by=ines)
    assert items.order == "EBDFCA"

    orders = []
    for step in (ordering.undo, ordering.undo, ordering.redo, ordering.redo):
        step(payments, by=ines)
        orders.append(items.order)

    assert orders == ["EABCDF", "ABCDEF", "EABCDF", "EBDFCA"]
    assert items.replayed == "EBDFCA"


def test_undo_says_where_the_items_went(payments, ines, items):
    ordering.move(payments, items("BE"), Place.top(), by=ines)

    move = ordering.undo(payments, by=ines)

    assert (move.undoes, items.word(move.items), items.word(move.predecessors)) == (2, "BE", "AD")


def test_a_new_move_ends_redoing(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    ordering.undo(payments, by=ines)
    ordering.move(payments, items("F"), Place.top(), by=ines)

    with pytest.raises(NothingToRedo):
        ordering.redo(payments, by=ines)


def test_nothing_to_undo(payments, ines, items):
    ordering.pin(Item.objects.get(pk=items.A), by=ines)

    with pytest.raises(NothingToUndo):
        ordering.undo(payments, by=ines)


def test_undo_after_others_moved_goes_behind_the_former_predecessor(payments, ines, olga, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    hand_over(payments, olga)
    ordering.move(payments, items("D"), Place.after(items.A), by=olga)
    hand_over(payments, ines)

    ordering.undo(payments, by=ines)

    assert (items.order, items.replayed) == ("ADEBCF", "ADEBCF")


def test_undo_where_the_predecessor_left_goes_to_its_place(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    items.leave("CD", by=ines)

    move = ordering.undo(payments, by=ines)

    assert (items.order, items.word([move.after])) == ("ABEF", "B")
    items.rejoin("CD", by=ines)
    assert (items.order, items.replayed) == ("ABCDEF", "ABCDEF")


def test_undo_of_two_whose_predecessors_left_keeps_their_order(payments, ines, items):
    ordering.move(payments, items("FD"), Place.top(), by=ines)
    items.leave("CE", by=ines)

    ordering.undo(payments, by=ines)

    assert (items.order, items.replayed) == ("ABDF", "ABDF")


def test_undo_passes_over_items_that_left(payments, ines, items):
    ordering.move(payments, items("ED"), Place.top(), by=ines)
    items.leave("E", by=ines)

    ordering.undo(payments, by=ines)

    assert (items.order, items.replayed) == ("ABCDF", "ABCDF")


def test_undo_passes_over_moves_whose_items_all_left(payments, ines, items):
    ordering.move(payments, items("C"), Place.top(), by=ines)
    ordering.move(payments, items("E"), Place.top(), by=ines)
    items.leave("E", by=ines)

    ordering.undo(payments, by=ines)

    assert items.order == "ABCDF"


def test_what_another_took_back_is_not_undone_again(payments, ines, olga, items):
    ordering.move(payments, items("C"), Place.top(), by=ines)
    ordering.move(payments, items("E"), Place.top(), by=ines)
    hand_over(payments, olga)
    ordering.undo_move(payments, 3, by=olga)
    hand_over(payments, ines)

    ordering.undo(payments, by=ines)

    assert (items.order, items.last.undoes) == ("ABCDEF", 2)


def test_the_product_owner_undoes_anybody_s_move_and_undoes_that(payments, ines, olga, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    hand_over(payments, olga)
    ordering.undo_move(payments, 2, by=olga)
    assert items.order == "ABCDEF"

    ordering.undo(payments, by=olga)

    assert items.order == "EABCDF"


@pytest.mark.parametrize("version", [0, 1, 99])
def test_only_moves_can_be_undone(payments, ines, items, version):
    with pytest.raises(InvalidInput):
        ordering.undo_move(payments, version, by=ines)


def test_a_move_of_items_that_left_is_not_undone(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    items.leave("E", by=ines)

    with pytest.raises(ItemsHaveLeft):
        ordering.undo_move(payments, 2, by=ines)


@pytest.mark.parametrize("who", ["mia", "dev", "stan", "ada", "eve", "olga"])
def test_who_may_not_move_does_not_undo(payments, ines, items, request, who):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    user = request.getfixturevalue(who)

    for refused in (ordering.undo, ordering.redo):
        with pytest.raises(PermissionDenied):
            refused(payments, by=user)
    for refused in (ordering.undo_move, ordering.restore):
        with pytest.raises(PermissionDenied):
            refused(payments, 2, by=user)


def test_who_is_no_longer_product_owner_does_not_undo(payments, ines, olga, items):
    factories.ComponentOwnerFactory(component=factories.ComponentFactory(product=payments), user=ines)
    ordering.move(payments, items("E"), Place.top(), by=ines)
    hand_over(payments, olga)

    with pytest.raises(PermissionDenied):
        ordering.undo(payments, by=ines)


# Going back to an earlier order.


def test_an_earlier_order_is_restored_as_one_step(payments, ines, items):
    for letter in "EBDF":
        ordering.move(payments, items(letter), Place.top(), by=ines)
    assert items.order == "FDBEAC"

    move = ordering.restore(payments, 1, by=ines)

    assert (items.order, items.replayed, items.list.version) == ("ABCDEF", "ABCDEF", 6)
    assert move.reason == "Order of version 1"
    ordering.undo(payments, by=ines)
    assert (items.order, items.replayed) == ("FDBEAC", "FDBEAC")


def test_restoring_moves_no_more_than_it_must(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    ordering.move(payments, items("B"), Place.bottom(), by=ines)
    ordering.move(payments, items("B"), Place.after(items.A), by=ines)

    move = ordering.restore(payments, 1, by=ines)

    assert items.word(move.items) == "E"


def test_restoring_leaves_out_who_left_and_keeps_who_came(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    items.leave("C", by=ines)
    items.ids += factories.enter_items(payments, 1, by=ines)
    ordering.move(payments, items("G"), Place.after(items.A), by=ines)

    ordering.restore(payments, 1, by=ines)

    assert (items.order, items.replayed) == ("AGBDEF", "AGBDEF")


def test_restoring_the_present_order_changes_nothing(payments, ines, items):
    ordering.move(payments, items("E"), Place.top(), by=ines)
    ordering.undo(payments, by=ines)

    assert ordering.restore(payments, 1, by=ines) is None
    for version in (-1, 99):
        with pytest.raises(InvalidInput):
            ordering.restore(payments, version, by=ines)


# R19: undo(all) gives the first order, redo(all) the last, for any sequence of moves.

blocks = st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=4, unique=True).map("".join)
asked = st.lists(st.tuples(blocks, st.integers(1, 7)), max_size=8)


@given(asked)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_undoing_all_gives_the_first_order_and_redoing_all_the_last(payments, ines, items, asked):
    _undo_and_redo_all(payments, ines, items, asked)


@pytest.mark.long
@given(asked)
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
def test_undoing_all_gives_the_first_order_for_a_thousand_sequences(payments, ines, items, asked):
    _undo_and_redo_all(payments, ines, items, asked)


def _undo_and_redo_all(payments, ines, items, asked):
    first, version = items.order, items.list.version
    moves = [ordering.move(payments, items(block), Place.position(at), by=ines) for block, at in asked]
    last, made = items.order, sum(move is not None for move in moves)

    for _ in range(made):
        ordering.undo(payments, by=ines)
    assert items.order == first
    for _ in range(made):
        ordering.redo(payments, by=ines)

    assert (items.order, items.replayed_since(version, first)) == (last, last)
