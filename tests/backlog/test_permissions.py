"""Roles towards a product, and the conditions of the table."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership
from backlog.models import Comment, Delegation, Product, ProductRole
from backlog.permissions import product_roles
from core.permissions import can
from tests import factories


def lend(component, power, *, to, by, **fields):
    return Delegation.objects.create(
        organization=component.organization,
        product=component.product,
        component=component,
        power=power,
        grantee=to,
        granted_by=by,
        until=fields.pop("until", timezone.now() + timedelta(days=90)),
        **fields,
    )


def test_each_of_the_cast_has_their_role(payments, ines, marek, mia, dev, stan, ada, eve):
    roles = {user.name: product_roles(user, payments) for user in (ines, marek, mia, dev, stan, ada, eve)}

    assert roles == {
        "Ines Falkner": {"product_owner"},
        "Marek Osei": {"technical_owner"},
        "Mia Dahl": {"scrum_master"},
        "Dev Patel": {"team_member"},
        "Stan Berg": {"stakeholder"},
        "Ada Byron": {"organization_admin"},
        "Eve Moss": set(),
    }


def test_one_person_may_hold_several_roles(payments, ines, payouts, kestrel):
    factories.ComponentOwnerFactory(component=payouts, user=ines)
    factories.TeamMembershipFactory(team=kestrel, user=ines)

    assert product_roles(ines, payments) == {"product_owner", "technical_owner", "team_member"}


def test_roles_take_one_statement(payments, marek, django_assert_num_queries):
    with django_assert_num_queries(1):
        product_roles(marek, payments)


def test_a_deactivated_member_has_no_role(payments, ines, ada):
    Membership.objects.filter(user=ines).update(deactivated_at=timezone.now(), deactivated_by=ada)

    assert product_roles(ines, payments) == set()


def test_roles_in_another_product_do_not_count(payments, ines):
    ledger = factories.ProductFactory(organization=payments.organization, key="LED")

    assert product_roles(ines, ledger) == set()


def test_an_instance_admin_sees_no_content(payments):
    root = factories.UserFactory(is_superuser=True)

    assert product_roles(root, payments) == {"instance_admin"}
    assert not can(root, "backlog.read", payments)


def test_who_is_lent_a_power_counts_as_technical_owner_while_it_lasts(payments, payouts, ines, dev):
    lent = lend(payouts, "refine", to=dev, by=ines)
    item = factories.ItemFactory(product=payments, component=payouts)
    assert product_roles(dev, payments) == {"team_member", "technical_owner"}
    assert can(dev, "item.edit", item)

    Delegation.objects.filter(pk=lent.pk).update(until=timezone.now() - timedelta(seconds=1))

    assert product_roles(dev, payments) == {"team_member"}
    assert not can(dev, "item.edit", item)


@pytest.mark.parametrize("ended", ["revoked", "suspended"])
def test_an_ended_delegation_gives_nothing(ended, payments, payouts, ines, marek):
    now = timezone.now()
    ending = {"revoked": {"revoked_at": now, "revoked_by": ines}, "suspended": {"suspended_at": now}}
    lend(payouts, "refine", to=marek, by=ines, **ending[ended])
    item = factories.ItemFactory(product=payments, component=payouts)

    assert not can(marek, "item.edit", item)


def test_refining_reaches_the_lent_component_only(payments, payouts, ines, marek):
    lend(payouts, "refine", to=marek, by=ines)
    inside = factories.ItemFactory(product=payments, component=payouts)
    outside = factories.ItemFactory(product=payments, component=factories.ComponentFactory(product=payments))
    nowhere = factories.ItemFactory(product=payments)

    assert [can(marek, "item.edit", item) for item in (inside, outside, nowhere)] == [True, False, False]


def test_lent_acceptance_is_for_technical_items(payments, payouts, ines, marek):
    lend(payouts, "accept", to=marek, by=ines)
    technical = factories.ItemFactory(product=payments, component=payouts, kind="technical")
    functional = factories.ItemFactory(product=payments, component=payouts)

    assert [can(marek, "item.accept", item) for item in (technical, functional)] == [True, False]


def test_a_lent_order_holds_for_item_component_and_list(payments, payouts, ines, marek):
    item = factories.ItemFactory(product=payments, component=payouts, kind="technical")
    targets = [item, payouts, payments, payments.order]
    assert [can(marek, "order.move_technical", target) for target in targets] == [False] * 4

    lend(payouts, "order", to=marek, by=ines)

    assert [can(marek, "order.move_technical", target) for target in targets] == [True] * 4


def test_developers_edit_their_own_technical_items(payments, dev):
    own = factories.ItemFactory(product=payments, kind="technical", created_by=dev)
    own_functional = factories.ItemFactory(product=payments, created_by=dev)
    other = factories.ItemFactory(product=payments, kind="technical")

    assert [can(dev, "item.edit", item) for item in (own, own_functional, other)] == [True, False, False]


def test_developers_drop_their_own_items_for_an_hour(payments, dev):
    fresh = factories.ItemFactory(product=payments, created_by=dev, created_at=timezone.now() - timedelta(minutes=59))
    old = factories.ItemFactory(product=payments, created_by=dev, created_at=timezone.now() - timedelta(minutes=61))

    assert [can(dev, "item.drop", item) for item in (fresh, old)] == [True, False]


def test_comments_are_edited_by_their_author_and_the_product_owner(payments, dev, mia, ines):
    item = factories.ItemFactory(product=payments)
    comment = Comment.objects.create(product=payments, item=item, text="Seen.", by=dev)

    assert [can(user, "comment.edit", comment) for user in (dev, mia, ines)] == [True, False, True]


def test_an_owner_is_appointed_only_where_there_is_none(payments, ines, ada):
    assert not can(ada, "product.appoint_owner", payments)

    ProductRole.objects.filter(product=payments, role="product_owner").delete()

    assert can(ada, "product.appoint_owner", payments)


def test_a_product_owner_who_left_counts_as_missing(payments, ines, ada):
    Membership.objects.filter(user=ines).update(deactivated_at=timezone.now(), deactivated_by=ada)

    assert can(ada, "product.appoint_owner", payments)


def test_a_team_that_was_put_away_gives_no_role(payments, kestrel, dev):
    type(kestrel).objects.filter(pk=kestrel.pk).update(archived_at=timezone.now())

    assert product_roles(dev, payments) == set()
    assert not Product.objects.visible_to(dev).exists()
