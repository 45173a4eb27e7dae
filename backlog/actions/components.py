"""Set up components and say who owns them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from backlog.actions import feed, fields
from backlog.models import Component, ComponentOwner, Delegation, Item, Product
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from planning import graph

FIELDS = ("name", "type", "description", "parent", "engagement")


class ComponentNameTaken(RuleViolation):
    code = "component_name_taken"
    message = "The product has a component of that name already."
    field = "name"


class ComponentCycle(RuleViolation):
    code = "component_cycle"
    message = "A component can't be a part of itself."
    status = 422
    field = "parent"


class ComponentInUse(RuleViolation):
    code = "component_in_use"
    message = "Open items belong to this component. Give them another one first."


class ComponentArchived(RuleViolation):
    code = "component_archived"
    message = "The component is archived."


@transaction.atomic
def create(
    product,
    *,
    name: str,
    by,
    type: str = "component",
    description: str = "",
    parent=None,
    engagement: str = "",
    at: datetime | None = None,
) -> Component:
    """Raises PermissionDenied, InvalidInput, ComponentNameTaken."""
    product = _lock_product(product.pk)
    require(by, "component.manage", product)
    given = {"name": name, "type": type, "description": description, "parent": parent, "engagement": engagement}
    values = _checked(product, given)
    component = Component.objects.create(
        organization_id=product.organization_id, product=product, created_at=at or timezone.now(), **values
    )
    events.record("component.created", target=component, by=by, at=at, name=component.name, type=component.type)
    return component


@transaction.atomic
def edit(component, *, by, version: int | None = None, **values) -> Component:
    """Change `FIELDS`.

    Raises PermissionDenied, PreconditionFailed, InvalidInput, ComponentNameTaken, ComponentCycle.
    """
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"No such fields of a component: {sorted(unknown)}")
    product, component = _lock(component)
    require(by, "component.manage", component)
    fields.expect(component, version)
    changes = fields.change(component, _checked(product, values, component))
    if not changes:
        return component
    _save(component, *changes)
    events.record("component.edited", target=component, by=by, changes=changes)
    if changes.keys() & {"name", "engagement"}:
        feed.changed(product.pk, component.items.values_list("pk", flat=True))
    return component


@transaction.atomic
def archive(component, *, by) -> Component:
    """Take a component out of use; what was lent over it ends.

    Raises PermissionDenied, ComponentInUse, ComponentArchived.
    """
    _, component = _lock(component)
    require(by, "component.manage", component)
    if component.archived_at:
        raise ComponentArchived
    if component.items.filter(status__in=[Item.Status.PROPOSED, *Item.UNFINISHED]).exists():
        raise ComponentInUse
    component.archived_at = timezone.now()
    _save(component, "archived_at")
    ended = _end_delegations(component.delegations, by)
    events.record("component.archived", target=component, by=by, delegations=ended)
    return component


@transaction.atomic
def restore(component, *, by) -> Component:
    """Take an archived component into use again. Raises PermissionDenied."""
    _, component = _lock(component)
    require(by, "component.manage", component)
    if component.archived_at is None:
        return component
    component.archived_at = None
    _save(component, "archived_at")
    events.record("component.restored", target=component, by=by)
    return component


@transaction.atomic
def add_owner(component, user, *, by, at: datetime | None = None) -> ComponentOwner:
    """Make a member of the organization technical owner. Raises PermissionDenied, InvalidInput, ComponentArchived."""
    _, component = _lock(component)
    require(by, "component.manage", component)
    if component.archived_at:
        raise ComponentArchived
    if not Membership.objects.active().filter(organization=component.organization_id, user=user).exists():
        raise InvalidInput("This person does not belong to the organization.", field="user")
    owner, is_new = ComponentOwner.objects.get_or_create(
        organization_id=component.organization_id, product_id=component.product_id, component=component, user=user
    )
    if is_new:
        events.record("component.owner_added", target=component, by=by, at=at, user=user.pk)
    return owner


@transaction.atomic
def remove_owner(component, user, *, by) -> None:
    """End a technical ownership, and what it is needed for: lent ordering and acceptance. Raises PermissionDenied."""
    _, component = _lock(component)
    require(by, "component.manage", component)
    count, _ = ComponentOwner.objects.filter(component=component, user=user).delete()
    if not count:
        return
    powers = [Delegation.Power.ORDER, Delegation.Power.ACCEPT]
    ended = _end_delegations(component.delegations.filter(grantee=user, power__in=powers), by)
    events.record("component.owner_removed", target=component, by=by, user=user.pk, delegations=ended)


def _lock_product(product_id):
    # The product's row is the queue for its components: names and parents are checked under it.
    return Product.objects.select_for_update(no_key=True).get(pk=product_id)


def _lock(component):
    product = _lock_product(component.product_id)
    return product, Component.objects.get(pk=component.pk)


def _checked(product, values, component=None):
    values = fields.cleaned(Component, values)
    others = Component.objects.filter(product=product).exclude(pk=component.pk if component else None)
    if "name" in values and others.filter(name__iexact=values["name"]).exists():
        raise ComponentNameTaken
    if parent := values.get("parent"):
        if parent.product_id != product.pk or parent.archived_at:
            raise InvalidInput("The product has no such component.", field="parent")
        above = others.filter(parent__isnull=False).values_list("pk", "parent")
        if component and graph.find_cycle({child: [up] for child, up in above}, component.pk, parent.pk):
            raise ComponentCycle
    return values


def _save(component, *names):
    component.version += 1
    component.save(update_fields=[*names, "version"])


def _end_delegations(delegations, by):
    running = delegations.filter(revoked_at=None)
    ended = list(running.order_by("pk").values_list("pk", flat=True))
    running.update(revoked_at=timezone.now(), revoked_by=by)
    return ended
