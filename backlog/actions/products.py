"""Create products, agree how to work on them, and say who owns them."""

import re
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership
from backlog.actions import fields, readiness
from backlog.models import (
    ComponentOwner,
    Delegation,
    HandOver,
    ItemCounter,
    OrderedList,
    Product,
    ProductRole,
    ProductTeam,
    RetiredProductKey,
)
from backlog.models.products import PRODUCT_KEY
from backlog.permissions import product_roles
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from planning.readiness import read_checklist

Role = ProductRole.Role

AGREEMENT = (
    "name",
    "description",
    "technical_share_min",
    "technical_share_max",
    "debt_share",
    "definition_of_ready",
    "definition_of_done",
    "sprint_length_days",
    "largest_ready_points",
    "value_point_in_currency",
    "currency",
    "hours_per_point",
)
_CHECKLIST_KINDS = {"functional", "technical", "spike"}


class KeyTaken(RuleViolation):
    code = "product_key_taken"
    message = "Another product has this key, or had it before."
    field = "key"


class AlreadyArchived(RuleViolation):
    code = "product_archived"
    message = "The product is archived."


class NotArchived(RuleViolation):
    code = "product_not_archived"
    message = "The product is not archived."


class NoMember(RuleViolation):
    code = "not_a_member"
    message = "This person does not belong to the organization."
    status = 422


class NoRoleYet(RuleViolation):
    code = "no_role_in_product"
    message = "This person has no role in the product yet. Add them as a stakeholder or to a team first."


class AlreadyOwner(RuleViolation):
    code = "already_product_owner"
    message = "This person is the product owner already."


class AlreadyOffered(RuleViolation):
    code = "hand_over_offered"
    message = "The product is offered to somebody already. Take that offer back first."


class OfferGone(RuleViolation):
    code = "hand_over_gone"
    message = "The offer has been taken back."


class OtherOrganization(RuleViolation):
    code = "team_of_other_organization"
    message = "The team belongs to another organization."
    status = 422


@transaction.atomic
def create(
    organization, *, key: str, name: str, owner=None, by, description: str = "", at: datetime | None = None
) -> Product:
    """Make a product with its empty order and its product owner.

    owner: None where the organization's admin appoints one later.
    Raises PermissionDenied, InvalidInput, KeyTaken, NoMember.
    """
    require(by, "product.create", organization)
    values = fields.cleaned(Product, {"name": name, "description": description})
    product = Product.objects.create(
        organization=organization, key=_free_key(key), created_at=at or timezone.now(), **values
    )
    OrderedList.objects.create(product=product)
    ItemCounter.objects.create(product=product)
    if owner:
        _make_owner(product, owner)
    events.record(
        "product.created", target=product, by=by, at=at, key=product.key, name=product.name, owner=owner and owner.pk
    )
    return product


@transaction.atomic
def edit(product, *, by, version: int | None = None, at: datetime | None = None, **values) -> Product:
    """Change the working agreement: fields of `AGREEMENT`.

    Raises PermissionDenied, PreconditionFailed, InvalidInput.
    """
    if unknown := values.keys() - set(AGREEMENT):
        raise TypeError(f"No such fields of a product: {sorted(unknown)}")
    product = _lock(product)
    require(by, "product.edit", product)
    fields.expect(product, version)
    changes = fields.change(product, _checked(product, values))
    if not changes:
        return product
    product.version += 1
    product.save(update_fields=[*changes, "version"])
    events.record("product.edited", target=product, by=by, at=at, changes=changes)
    if changes.keys() & {"definition_of_ready", "largest_ready_points"}:
        readiness.refresh_product(product)
    return product


@transaction.atomic
def rename_key(product, key: str, *, by) -> Product:
    """Give the product another key; the old one keeps leading to it and nobody else may take it.

    Raises PermissionDenied, InvalidInput, KeyTaken.
    """
    product = _lock(product)
    require(by, "product.rename_key", product)
    old = product.key
    new = _free_key(key, but_of=product)
    if new == old:
        return product
    RetiredProductKey.objects.filter(product=product, key=new).delete()
    RetiredProductKey.objects.create(product=product, key=old)
    product.key = new
    product.version += 1
    product.save(update_fields=["key", "version"])
    events.record("product.key_renamed", target=product, by=by, changes={"key": [old, new]})
    return product


@transaction.atomic
def archive(product, *, by) -> Product:
    """Take a product out of use; nothing in it is lost. Raises PermissionDenied, AlreadyArchived."""
    product = _lock(product)
    require(by, "product.archive", product)
    if product.archived_at:
        raise AlreadyArchived
    return _set_archived(product, timezone.now(), "product.archived", by)


@transaction.atomic
def restore(product, *, by) -> Product:
    """Take an archived product into use again. Raises PermissionDenied, NotArchived."""
    product = _lock(product)
    require(by, "product.archive", product)
    if not product.archived_at:
        raise NotArchived
    return _set_archived(product, None, "product.restored", by)


@transaction.atomic
def appoint_owner(product, user, *, by) -> Product:
    """Give a product without a product owner one. Raises PermissionDenied, NoMember."""
    product = _lock(product)
    require(by, "product.appoint_owner", product)
    _change_owner(product, user)
    events.record("product.owner_appointed", target=product, by=by, owner=user.pk)
    return product


@transaction.atomic
def offer(product, to, *, by) -> HandOver:
    """Offer the product to another person with a role in it: the first of two steps.

    Raises PermissionDenied, AlreadyOwner, NoRoleYet, AlreadyOffered.
    """
    product = _lock(product)
    require(by, "product.hand_over", product)
    if to.pk == by.pk:
        raise AlreadyOwner
    if not product_roles(to, product) - {"instance_admin"}:
        raise NoRoleYet
    if HandOver.objects.filter(product=product).exists():
        raise AlreadyOffered
    hand_over = HandOver.objects.create(organization_id=product.organization_id, product=product, to=to, offered_by=by)
    events.record("product.offered", target=product, by=by, to=to.pk)
    return hand_over


@transaction.atomic
def withdraw_offer(hand_over, *, by) -> None:
    """Take the offer back. Raises PermissionDenied, OfferGone."""
    product, hand_over = _lock_hand_over(hand_over)
    require(by, "product.hand_over", product)
    events.record("product.offer_withdrawn", target=product, by=by, to=hand_over.to_id)
    hand_over.delete()


@transaction.atomic
def accept_offer(hand_over, *, by) -> Product:
    """Become the product owner: the second step. What the former one lent is suspended until confirmed (D8).

    Raises PermissionDenied, OfferGone.
    """
    product, hand_over = _lock_hand_over(hand_over)
    require(by, "product.accept_hand_over", hand_over)
    former = hand_over.offered_by_id
    _change_owner(product, by)
    events.record("product.handed_over", target=product, by=by, changes={"owner": [former, by.pk]})
    return product


@transaction.atomic
def add_stakeholder(product, user, *, by, at: datetime | None = None) -> ProductRole:
    """Raises PermissionDenied, NoMember."""
    product = _lock(product)
    require(by, "product.manage_stakeholders", product)
    _require_member(product, user)
    role, is_new = ProductRole.objects.get_or_create(
        organization_id=product.organization_id, product=product, user=user, role=Role.STAKEHOLDER
    )
    if is_new:
        events.record("product.stakeholder_added", target=product, by=by, at=at, user=user.pk)
    return role


@transaction.atomic
def remove_stakeholder(product, user, *, by) -> None:
    """Raises PermissionDenied."""
    product = _lock(product)
    require(by, "product.manage_stakeholders", product)
    count, _ = ProductRole.objects.filter(product=product, user=user, role=Role.STAKEHOLDER).delete()
    if count:
        events.record("product.stakeholder_removed", target=product, by=by, user=user.pk)


@transaction.atomic
def link_team(product, team, *, by, at: datetime | None = None) -> ProductTeam:
    """Let a team work on the product. Raises PermissionDenied, OtherOrganization."""
    product = _lock(product)
    require(by, "product.choose_teams", product)
    if team.organization_id != product.organization_id:
        raise OtherOrganization
    link, is_new = ProductTeam.objects.get_or_create(
        organization_id=product.organization_id, product=product, team=team
    )
    if is_new:
        events.record("product.team_linked", target=product, by=by, at=at, team=team.pk)
    return link


@transaction.atomic
def unlink_team(product, team, *, by) -> None:
    """Raises PermissionDenied."""
    product = _lock(product)
    require(by, "product.choose_teams", product)
    count, _ = ProductTeam.objects.filter(product=product, team=team).delete()
    if count:
        events.record("product.team_unlinked", target=product, by=by, team=team.pk)


@transaction.atomic
def end_roles(organization, user, *, by) -> None:
    """End what a person who left the organization was in its products; may run twice.

    Raises PermissionDenied. A person who is back by now keeps everything.
    """
    require(by, "product.end_roles", organization)
    if Membership.objects.active().filter(organization=organization, user=user).exists():
        return
    now = timezone.now()
    products = Product.objects.filter(organization=organization)
    for product in products.select_for_update(no_key=True).order_by("pk"):
        roles = list(ProductRole.objects.filter(product=product, user=user).values_list("role", flat=True))
        owned = list(ComponentOwner.objects.filter(product=product, user=user).values_list("component", flat=True))
        held = Delegation.objects.filter(product=product, grantee=user, revoked_at=None)
        delegations = list(held.values_list("pk", flat=True))
        if not (roles or owned or delegations):
            continue
        if Role.PRODUCT_OWNER in roles:
            _suspend_delegations(product, now)
        HandOver.objects.filter(product=product, to=user).delete()
        ProductRole.objects.filter(product=product, user=user).delete()
        ComponentOwner.objects.filter(product=product, user=user).delete()
        held.update(revoked_at=now, revoked_by=by)
        events.record(
            "product.roles_ended",
            target=product,
            by=by,
            user=user.pk,
            roles=roles,
            components=owned,
            delegations=delegations,
        )


def _lock(product):
    return Product.objects.select_for_update(no_key=True).get(pk=product.pk)


def _lock_hand_over(hand_over):
    product = _lock(hand_over.product)
    hand_over = HandOver.objects.filter(pk=hand_over.pk).first()
    if hand_over is None:
        raise OfferGone
    return product, hand_over


def _free_key(key, but_of=None):
    key = key.strip().upper()
    if not re.match(PRODUCT_KEY, key):
        raise InvalidInput("Two to ten capital letters or digits, first a letter.", field="key")
    # Present and retired keys are two tables: this lock keeps one key out of both at once.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('product-keys', 0))")
    others = but_of.pk if but_of else None
    taken = Product.objects.filter(key=key).exclude(pk=others)
    retired = RetiredProductKey.objects.filter(key=key).exclude(product=others)
    if taken.exists() or retired.exists():
        raise KeyTaken
    return key


def _checked(product, values):
    lists = {name: values[name] for name in ("definition_of_ready", "definition_of_done") if name in values}
    checked = fields.cleaned(Product, {k: v for k, v in values.items() if k not in lists})
    for name, checklists in lists.items():
        checked[name] = _checklists(checklists, name)

    def after(name):
        return checked.get(name, getattr(product, name))

    if not after("technical_share_min") <= after("technical_share_max") <= 100:
        raise InvalidInput("The technical share is a range within 0 and 100 percent.", field="technical_share_min")
    if after("debt_share") is not None and not 0 <= after("debt_share") <= after("technical_share_max"):
        raise InvalidInput(
            "Debt is technical work: its share is within 0 and the most that is agreed for technical work.",
            field="debt_share",
        )
    if after("sprint_length_days") > 60:
        raise InvalidInput("A sprint has at most 60 days.", field="sprint_length_days")
    for name in ("value_point_in_currency", "hours_per_point"):
        if after(name) is not None and after(name) <= 0:
            raise InvalidInput("This must be more than zero.", field=name)
    return checked


def _checklists(checklists, name):
    if not isinstance(checklists, dict) or not checklists.keys() <= _CHECKLIST_KINDS:
        raise InvalidInput("There is one checklist for functional and technical items, and for spikes.", field=name)
    for rows in checklists.values():
        try:
            checks = read_checklist(rows)
        except ValueError as error:
            raise InvalidInput(str(error), field=name) from error
        if name == "definition_of_done" and any(check.rule for check in checks):
            raise InvalidInput("The Definition of Done is checked by hand: it has no rules.", field=name)
    return checklists


def _set_archived(product, at, name, by):
    product.archived_at = at
    product.version += 1
    product.save(update_fields=["archived_at", "version"])
    events.record(name, target=product, by=by)
    return product


def _require_member(product, user):
    if not Membership.objects.active().filter(organization=product.organization_id, user=user).exists():
        raise NoMember


def _change_owner(product, user):
    _require_member(product, user)
    _suspend_delegations(product, timezone.now())
    Delegation.objects.filter(product=product, grantee=user, revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by=user
    )
    ProductRole.objects.filter(product=product, role=Role.PRODUCT_OWNER).delete()
    HandOver.objects.filter(product=product).delete()
    _make_owner(product, user)


def _make_owner(product, user):
    _require_member(product, user)
    ProductRole.objects.create(
        organization_id=product.organization_id, product=product, user=user, role=Role.PRODUCT_OWNER
    )


def _suspend_delegations(product, now):
    Delegation.objects.filter(product=product, revoked_at=None, suspended_at=None).update(suspended_at=now)
