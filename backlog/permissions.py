"""Who is what towards a product and its rows, and the conditions that cells of the table name."""

from datetime import timedelta

from django.db import connection
from django.db.models import CharField, Value
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import own_roles, register_organization_roles, register_token_products
from backlog.models import (
    Attachment,
    Comment,
    Component,
    ComponentOwner,
    Decision,
    Delegation,
    Goal,
    HandOver,
    Item,
    Notification,
    OrderedList,
    PokerRound,
    Product,
    ProductRole,
    Question,
    Refinement,
    SavedView,
    Suggestion,
    Tag,
)
from backlog.models.engagement import whose_word
from core.permissions import can, register_condition, register_roles

FRESH = timedelta(hours=1)

_ROLE_NAMES = {"admin": "organization_admin", "developer": "team_member"}
_MEMBER = {Membership.Role.ADMIN, Membership.Role.MEMBER}
# By hand: every action asks it once or twice, and Django takes longer to write it than PostgreSQL to answer.
_ROLES = """
    SELECT member.role FROM backlog_product product JOIN accounts_membership member USING (organization_id)
    WHERE product.id = %(product)s AND member.user_id = %(user)s AND member.deactivated_at IS NULL
    UNION ALL
    SELECT role FROM backlog_productrole WHERE product_id = %(product)s AND user_id = %(user)s
    UNION ALL
    SELECT place.role FROM backlog_productteam link
    JOIN accounts_team team ON team.id = link.team_id AND team.archived_at IS NULL
    JOIN accounts_teammembership place ON place.team_id = team.id AND place.user_id = %(user)s
    WHERE link.product_id = %(product)s
    UNION ALL
    SELECT 'technical_owner' FROM backlog_componentowner WHERE product_id = %(product)s AND user_id = %(user)s
    UNION ALL
    SELECT 'technical_owner' FROM backlog_delegation WHERE product_id = %(product)s AND grantee_id = %(user)s
        AND revoked_at IS NULL AND suspended_at IS NULL AND until > statement_timestamp()
"""


def product_roles(user, product) -> set[str]:
    """The roles of a person towards a product, in one statement; none for who is no active member.

    Whom the product owner lends a power counts as technical owner while it lasts: a business analyst refines.
    """
    return _roles(user, product.pk)


def may_hear(user, product_id: int) -> bool:
    """May this person hear of changes of the product as they happen?"""
    product = Product.objects.visible_to(user).filter(pk=product_id).first()
    return product is not None and can(user, "live.subscribe", product)


def register() -> None:
    """Tell core how to find roles towards the rows of this app, and what its conditions mean."""
    register_roles(Product, product_roles)
    rows = (
        Attachment,
        Comment,
        Component,
        Decision,
        Delegation,
        Goal,
        HandOver,
        Item,
        OrderedList,
        PokerRound,
        Question,
        Refinement,
        SavedView,
        Suggestion,
        Tag,
    )
    for model in rows:
        register_roles(model, lambda user, row: _roles(user, row.product_id))
    register_roles(Notification, lambda user, row: own_roles(user, row.user))
    register_organization_roles(_roles_in_organization)
    register_token_products(_products_of)
    register_condition("own", lambda user, row: row.by_id == user.pk)
    register_condition("own_technical", lambda user, item: item.created_by_id == user.pk and item.is_technical)
    register_condition("own_proposed", _is_own_and_proposed)
    register_condition("functional", lambda user, item: not item.is_technical)
    register_condition("touches_own", _touches_own)
    register_condition("is_asked", lambda user, item: user in whose_word([item])[item.pk])
    register_condition("own_item", lambda user, item: item.created_by_id == user.pk)
    register_condition("own_fresh", _is_own_and_fresh)
    register_condition("may_refine", lambda user, item: _holds(user, Delegation.Power.REFINE, item))
    register_condition("may_order", lambda user, target: _holds(user, Delegation.Power.ORDER, target))
    register_condition(
        "may_accept", lambda user, item: item.is_technical and _holds(user, Delegation.Power.ACCEPT, item)
    )
    register_condition("own_delegation", lambda user, delegation: delegation.grantee_id == user.pk)
    register_condition("offered", lambda user, hand_over: hand_over.to_id == user.pk)
    register_condition("owner_missing", lambda user, product: not has_owner(product))


def has_owner(product) -> bool:
    """Has the product a product owner who is still an active member?"""
    owners = ProductRole.objects.filter(product=product, role=ProductRole.Role.PRODUCT_OWNER).values("user")
    return Membership.objects.active().filter(organization=product.organization_id, user__in=owners).exists()


def hold_delegation(user, power, item) -> Delegation | None:
    """The live delegation of this power over the item, its row locked: a revocation waits, or has won (D7)."""
    if item.component_id is None:
        return None
    held = Delegation.objects.live().filter(grantee=user, power=power, component=item.component_id)
    return held.select_related("granted_by").select_for_update(no_key=True, of=("self",)).first()


def as_lent(delegation) -> dict:
    """What an event says of an act under a delegation (D5)."""
    return {"on_behalf_of": delegation.granted_by, "delegation": delegation.pk} if delegation else {}


def _roles(user, product_id):
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, {"user": user.pk, "product": product_id})
        found = {role for (role,) in cursor.fetchall()}
    roles = {_ROLE_NAMES.get(role, role) for role in found - {Membership.Role.MEMBER}} if found & _MEMBER else set()
    return roles | {"instance_admin"} if user.is_superuser else roles


def _roles_in_organization(user, organization):
    held = _named(ProductRole.objects.filter(user=user, organization=organization), "role")
    return set(held.union(_as_technical_owner(ComponentOwner.objects.filter(user=user, organization=organization))))


def _products_of(user):
    seen = Product.objects.visible_to(user).order_by("name").values_list("pk", "name", "key")
    return {pk: f"{name} ({key})" for pk, name, key in seen}


def _named(rows, field):
    return rows.order_by().values_list(field, flat=True)


def _as_technical_owner(rows):
    return _named(rows.annotate(as_role=Value("technical_owner", CharField())), "as_role")


def _is_own_and_fresh(user, item):
    return item.created_by_id == user.pk and item.created_at > timezone.now() - FRESH


def _is_own_and_proposed(user, decision):
    return decision.created_by_id == user.pk and decision.status == Decision.Status.PROPOSED


def _touches_own(user, item):
    components = [item.component_id, *item.further_components.values_list("component", flat=True)]
    return ComponentOwner.objects.filter(user=user, component__in=components).exists()


def _holds(user, power, target):
    delegations = Delegation.objects.live().filter(grantee=user, power=power)
    match target:
        case Item():
            return delegations.filter(component=target.component_id).exists()
        case Component():
            return delegations.filter(component=target).exists()
        case Product():
            return delegations.filter(product=target).exists()
    return delegations.filter(product=target.product_id).exists()
