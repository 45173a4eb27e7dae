"""What the database itself refuses."""

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from backlog.models import Dependency, Item, OrderEntry, Product, ProductRole
from core import events
from core.models import Event
from tests import factories


def test_a_product_has_one_accountable_product_owner(payments, ines):
    other = factories.MemberFactory(organization=payments.organization)

    with pytest.raises(IntegrityError, match="one_accountable_product_owner"), transaction.atomic():
        factories.ProductRoleFactory(product=payments, user=other, role="product_owner")

    assert [role.user for role in ProductRole.objects.filter(product=payments)] == [ines]


def test_no_row_refers_into_another_organization(payments, eve):
    item = factories.ItemFactory(product=payments)
    foreign = factories.ItemFactory(product=Product.objects.get(key="EVE"))

    with pytest.raises(IntegrityError, match="dependency_enabler"), transaction.atomic():
        Dependency.objects.create(
            organization=payments.organization, enabler=foreign, dependent=item, created_by=item.created_by
        )
    with pytest.raises(IntegrityError, match="item_assignee_is_member"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(assignee=eve)


def test_an_items_type_fits_its_kind(payments):
    with pytest.raises(IntegrityError, match="item_type_fits_kind"), transaction.atomic():
        factories.ItemFactory(product=payments, kind="functional", type="debt")


def test_two_items_never_share_a_rank(payments):
    first, second = factories.ItemFactory.create_batch(2, product=payments)

    with pytest.raises(IntegrityError, match="one_item_a_rank"), transaction.atomic():
        OrderEntry.objects.filter(item=second).update(rank=first.order_entry.rank)


def test_the_app_cannot_rewrite_events(ines, payments):
    event = events.record("product.edited", target=payments, by=ines)

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(name="rewritten")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Event.objects.filter(pk=event.pk).delete()
