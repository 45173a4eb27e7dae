"""The start page: the products that a person may see."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, F, Q

from accounts.models import Membership, Organization, TeamMembership
from backlog.models import ComponentOwner, Delegation, Goal, HandOver, Item, Product, ProductRole, ProductTeam

# By rank: the first that a person holds is shown.
_ROLES = {
    "product_owner": "Product owner",
    "technical_owner": "Technical product owner",
    "scrum_master": "Scrum master",
    "developer": "Developer",
    "stakeholder": "Stakeholder",
    "admin": "Organization admin",
}
_WITH_BACKLOG = ("product_owner", "technical_owner", "scrum_master", "developer")


@dataclass(frozen=True)
class ProductCard:
    """The counts are None for who may not read the backlog."""

    key: str
    name: str
    goal: str
    owner: str
    role: str
    teams: tuple[str, ...]
    may_read: bool
    item_count: int | None
    technical_count: int | None
    ready_count: int | None
    proposed_count: int | None


@dataclass(frozen=True)
class Offer:
    """A product that its owner would hand over to the person who looks."""

    id: int
    product: str
    key: str
    offered_by: str


@dataclass(frozen=True)
class ProductList:
    """organizations: where the person may make a product."""

    cards: tuple[ProductCard, ...]
    archived: tuple[ProductCard, ...]
    offers: tuple[Offer, ...]
    organizations: tuple[Organization, ...]


def product_list(user) -> ProductList:
    """The products of a person by name, in ten statements."""
    products = list(Product.objects.visible_to(user).order_by("name"))
    ids = [product.pk for product in products]
    administered = _administered(user)
    roles = _roles(user, products, administered)
    readable = [pk for pk in ids if roles[pk] & set(_WITH_BACKLOG)]
    facts = _goals(ids), _owners(ids), _teams(ids), _counts(readable, user, roles)
    cards = [(product, _card(product, roles[product.pk], *facts)) for product in products]
    return ProductList(
        cards=tuple(card for product, card in cards if not product.archived_at),
        archived=tuple(card for product, card in cards if product.archived_at),
        offers=_offers(user),
        organizations=tuple(administered),
    )


def _card(product, roles, goals, owners, teams, counts):
    count = counts.get(product.pk, {})
    may_read = bool(roles & set(_WITH_BACKLOG))
    return ProductCard(
        key=product.key,
        name=product.name,
        goal=goals.get(product.pk, ""),
        owner=owners.get(product.pk, ""),
        role=next((label for role, label in _ROLES.items() if role in roles), ""),
        teams=tuple(teams[product.pk]),
        may_read=may_read,
        **{name: count.get(name, 0) if may_read else None for name in _COUNTS},
    )


def _administered(user):
    admin = Q(memberships__user=user, memberships__role=Membership.Role.ADMIN, memberships__deactivated_at=None)
    return list(Organization.objects.filter(admin).order_by("name"))


def _roles(user, products, administered):
    roles = defaultdict(set)
    for product, role in ProductRole.objects.filter(user=user).values_list("product", "role"):
        roles[product].add(role)
    owned = ComponentOwner.objects.filter(user=user).values_list("product")
    for (product,) in owned.union(Delegation.objects.live().filter(grantee=user).values_list("product")):
        roles[product].add("technical_owner")
    in_teams = TeamMembership.objects.filter(user=user, team__archived_at=None)
    for product, role in in_teams.values_list("team__product_links__product", "role"):
        roles[product].add(role)
    admin_of = {organization.pk for organization in administered}
    for product in products:
        if product.organization_id in admin_of:
            roles[product.pk].add("admin")
    return roles


def _goals(ids):
    goals = Goal.objects.open().filter(product__in=ids, is_product_goal=True)
    return dict(goals.values_list("product", "title"))


def _owners(ids):
    owners = ProductRole.objects.filter(product__in=ids, role=ProductRole.Role.PRODUCT_OWNER)
    return dict(owners.values_list("product", "user__name"))


def _teams(ids):
    teams = defaultdict(list)
    links = ProductTeam.objects.filter(product__in=ids, team__archived_at=None).order_by("team__name")
    for product, name in links.values_list("product", "team__name"):
        teams[product].append(name)
    return teams


_UNFINISHED = Q(status__in=Item.UNFINISHED)
_COUNTS = {
    "item_count": _UNFINISHED,
    "technical_count": _UNFINISHED & Q(kind=Item.Kind.TECHNICAL),
    "ready_count": _UNFINISHED & Q(checks_met=F("checks_total")),
    "proposed_count": Q(status=Item.Status.PROPOSED),
}


def _counts(ids, user, roles):
    items = Item.objects.filter(product__in=ids, status__in=[*Item.UNFINISHED, Item.Status.PROPOSED])
    # What ItemQuerySet.visible_to says, in columns at hand: it would read every item's id.
    owned = [pk for pk in ids if "product_owner" in roles[pk]]
    components = ComponentOwner.objects.filter(user=user).values("component")
    items = items.filter(Q(is_restricted=False) | Q(assignee=user) | Q(product__in=owned) | Q(component__in=components))
    counted = {name: Count("pk", filter=condition) for name, condition in _COUNTS.items()}
    return {row["product"]: row for row in items.order_by().values("product").annotate(**counted)}


def _offers(user):
    offers = HandOver.objects.filter(to=user, product__in=Product.objects.visible_to(user).values("pk"))
    return tuple(
        Offer(*values)
        for values in offers.order_by("pk").values_list("pk", "product__name", "product__key", "offered_by__name")
    )
