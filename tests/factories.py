"""Rows for tests, complete enough for the database to take them."""

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from accounts.models import Membership, Organization, Team, TeamMembership, User
from backlog.actions import ordering
from backlog.actions.ordering import Place
from backlog.models import (
    Component,
    ComponentOwner,
    Item,
    ItemCounter,
    OrderedList,
    OrderEntry,
    Product,
    ProductRole,
    ProductTeam,
)
from planning import ranking

PASSWORD = "correct horse battery staple"


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.LazyAttribute(lambda user: f"{user.name.lower().replace(' ', '.')}@northwind.example")
    password = "!"


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)


class MemberFactory(UserFactory):
    """A user with an active membership: MemberFactory(organization=…, role="admin")."""

    class Meta:
        model = User
        exclude = ["organization", "role"]

    organization = factory.SubFactory(OrganizationFactory)
    role = "member"

    @classmethod
    def _generate(cls, strategy, params):
        organization, role = params.pop("organization", None), params.pop("role", "member")
        user = UserFactory(**params)
        MembershipFactory(organization=organization or OrganizationFactory(), user=user, role=role)
        return user


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Team {n}")


class TeamMembershipFactory(DjangoModelFactory):
    class Meta:
        model = TeamMembership

    organization = factory.SelfAttribute("team.organization")
    team = factory.SubFactory(TeamFactory)
    role = "developer"


class ProductFactory(DjangoModelFactory):
    """A product with its empty order."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)
    key = factory.Sequence(lambda n: f"P{n}")
    name = factory.Sequence(lambda n: f"Product {n}")

    @factory.post_generation
    def order(self, create, extracted, **kwargs):
        OrderedList.objects.create(product=self)
        ItemCounter.objects.create(product=self)


class ProductTeamFactory(DjangoModelFactory):
    class Meta:
        model = ProductTeam

    organization = factory.SelfAttribute("product.organization")
    product = factory.SubFactory(ProductFactory)
    team = factory.SubFactory(TeamFactory)


class ProductRoleFactory(DjangoModelFactory):
    class Meta:
        model = ProductRole

    organization = factory.SelfAttribute("product.organization")
    product = factory.SubFactory(ProductFactory)


class ComponentFactory(DjangoModelFactory):
    class Meta:
        model = Component

    organization = factory.SelfAttribute("product.organization")
    product = factory.SubFactory(ProductFactory)
    name = factory.Sequence(lambda n: f"Component {n}")


class ComponentOwnerFactory(DjangoModelFactory):
    class Meta:
        model = ComponentOwner

    organization = factory.SelfAttribute("component.organization")
    product = factory.SelfAttribute("component.product")
    component = factory.SubFactory(ComponentFactory)


class ItemFactory(DjangoModelFactory):
    """An open item at the end of its product's order: ItemFactory(product=…, title=…)."""

    class Meta:
        model = Item
        skip_postgeneration_save = True

    organization = factory.SelfAttribute("product.organization")
    product = factory.SubFactory(ProductFactory)
    kind = "functional"
    type = factory.LazyAttribute(lambda item: "enabler" if item.kind == "technical" else "story")
    title = factory.Sequence(lambda n: f"Item {n}")
    created_by = factory.SubFactory(UserFactory)
    status_by = factory.SelfAttribute("created_by")

    @factory.lazy_attribute
    def number(self):
        counter = ItemCounter.objects.get(product=self.product)
        counter.last_number += 1
        counter.save(update_fields=["last_number"])
        return counter.last_number

    @factory.post_generation
    def entry(self, create, extracted, **kwargs):
        ordered = OrderedList.objects.get(product=self.product)
        last = OrderEntry.objects.filter(list=ordered).order_by("-rank").values_list("rank", flat=True).first()
        rank = ranking.after(last) if last else ranking.even(1)[0]
        OrderEntry.objects.create(
            product=self.product, list=ordered, item=self, rank=rank, is_listed=self.status in Item.UNFINISHED
        )


def enter_items(product, count, *, by, **fields) -> list[int]:
    """Ids of new items at the end of the order, in bulk and by the log; ItemFactory leaves no line in it."""
    counter = ItemCounter.objects.get(product=product)
    fields = {"kind": "functional", "type": "story", "created_by": by, "status_by": by} | fields
    items = Item.objects.bulk_create(
        (
            Item(organization=product.organization, product=product, number=number, title=f"Item {number}", **fields)
            for number in range(counter.last_number + 1, counter.last_number + count + 1)
        ),
        batch_size=2000,
    )
    counter.last_number += count
    counter.save(update_fields=["last_number"])
    ids = [item.pk for item in items]
    with transaction.atomic():
        ordering.enter(ordering.lock(product.pk), ids, Place.bottom(), by=by)
    return ids
