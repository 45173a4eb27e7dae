"""Lend powers over a component, and take them back (RELIABILITY 3.4, D1 to D12)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from backlog import mails
from backlog.actions import ordering
from backlog.models import Component, ComponentOwner, Delegation, Item
from backlog.permissions import product_roles
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

USUAL = timedelta(days=90)
LONGEST = timedelta(days=365)
TIME_TO_CONFIRM = timedelta(days=14)
Power = Delegation.Power


class ToOneself(RuleViolation):
    code = "delegation_to_self"
    message = "A product owner has all powers already: lend them to somebody else."
    status = 422
    field = "grantee"


class NoTechnicalOwner(RuleViolation):
    code = "not_technical_owner"
    message = "This power is lent to a technical owner of the component. Make this person one first."
    field = "grantee"


class NoPlaceInProduct(RuleViolation):
    code = "no_place_in_product"
    message = "This person works neither in a team of the product nor on a component of it."
    field = "grantee"


class AlreadyLent(RuleViolation):
    code = "already_lent"
    message = "This power is lent already. End that delegation first."


class DelegationEnded(RuleViolation):
    code = "delegation_ended"
    message = "The delegation has ended."


class NotSuspended(RuleViolation):
    code = "delegation_not_suspended"
    message = "The delegation is not suspended."


@transaction.atomic
def grant(
    component, power: str, grantee, *, by, until: datetime | None = None, intent: str = "", at: datetime | None = None
) -> Delegation:
    """Lend a power over a component, for 90 days unless said otherwise, for 365 at most.

    The order of its technical items is kept as it is now, to return to (D6).
    Raises PermissionDenied, InvalidInput, ToOneself, NoTechnicalOwner, NoPlaceInProduct, AlreadyLent.
    """
    ordering.lock(component.product_id)
    component = _lock_component(component.pk)
    require(by, "delegation.grant", component)
    now = at or timezone.now()
    until = until or now + USUAL
    if power not in Power.values:
        raise InvalidInput("There is no such power.", field="power")
    _check_end(now, until, now)
    _check_grantee(component, power, grantee, by)
    _close_what_is_over(component)
    _refuse_second(component, power, grantee)
    delegation = Delegation.objects.create(
        organization_id=component.organization_id,
        product_id=component.product_id,
        component=component,
        power=power,
        grantee=grantee,
        granted_by=by,
        granted_at=now,
        until=until,
        intent=_short(intent),
        base_order=_technical_order(component) if power == Power.ORDER else [],
    )
    events.record(
        "delegation.granted",
        target=delegation,
        by=by,
        at=at,
        component=component.pk,
        power=power,
        grantee=grantee.pk,
        until=until,
        intent=delegation.intent,
    )
    return delegation


@transaction.atomic
def extend(delegation, until: datetime, *, by) -> Delegation:
    """Let it last until another date, at most 365 days from its grant.

    Raises PermissionDenied, InvalidInput, DelegationEnded.
    """
    delegation = _lock(delegation)
    require(by, "delegation.grant", delegation)
    _refuse_ended(delegation)
    _check_end(delegation.granted_at, until, timezone.now())
    old, delegation.until, delegation.reminded_at = delegation.until, until, None
    delegation.save(update_fields=["until", "reminded_at"])
    events.record("delegation.extended", target=delegation, by=by, changes={"until": [old, until]})
    return delegation


@transaction.atomic
def remind(product, *, now: datetime, by) -> int:
    """Tell both sides of what is lent that it is about to end, once; returns how many delegations.

    Raises PermissionDenied.
    """
    require(by, "delegation.remind", product)
    ending = Delegation.objects.ending(now).filter(product=product, reminded_at=None)
    rows = ending.select_for_update(of=("self",)).select_related("component__product", "grantee", "granted_by")
    due = list(rows.order_by("pk"))
    for delegation in due:
        mails.send_ending(delegation)
    if due:
        Delegation.objects.filter(pk__in=[delegation.pk for delegation in due]).update(reminded_at=now)
        events.record("delegations.reminded", target=product, by=by, delegations=[one.pk for one in due])
    return len(due)


@transaction.atomic
def revoke(delegation, *, by) -> Delegation:
    """End it at once: whoever acts under it has committed before, or is refused (D7).

    Raises PermissionDenied, DelegationEnded.
    """
    delegation = _lock(delegation)
    require(by, "delegation.revoke", delegation)
    if delegation.revoked_at:
        raise DelegationEnded
    delegation.revoked_at, delegation.revoked_by = timezone.now(), by
    delegation.save(update_fields=["revoked_at", "revoked_by"])
    events.record("delegation.revoked", target=delegation, by=by, is_given_back=by.pk == delegation.grantee_id)
    return delegation


@transaction.atomic
def confirm(delegation, *, by) -> Delegation:
    """Take over, as the new product owner, what the former one lent; within 14 days (D8).

    Raises PermissionDenied, NotSuspended, DelegationEnded.
    """
    delegation = _lock(delegation)
    require(by, "delegation.grant", delegation)
    if delegation.suspended_at is None:
        raise NotSuspended
    _refuse_ended(delegation)
    former = delegation.granted_by_id
    delegation.suspended_at, delegation.granted_by = None, by
    delegation.save(update_fields=["suspended_at", "granted_by"])
    events.record("delegation.confirmed", target=delegation, by=by, changes={"granted_by": [former, by.pk]})
    return delegation


def _lock_component(pk):
    component = Component.objects.select_for_update(no_key=True).get(pk=pk)
    if component.archived_at:
        raise InvalidInput("The component is archived.", field="component")
    return component


def _lock(delegation):
    return Delegation.objects.select_for_update(no_key=True).get(pk=delegation.pk)


def _check_end(start, until, now):
    if until <= now:
        raise InvalidInput("The end lies in the past.", field="until")
    if until > start + LONGEST:
        raise InvalidInput("A delegation lasts 365 days at most.", field="until")


def _check_grantee(component, power, grantee, by):
    if grantee.pk == by.pk:
        raise ToOneself
    roles = product_roles(grantee, component.product)
    if not roles & {"team_member", "scrum_master", "technical_owner"}:
        raise NoPlaceInProduct
    owns = ComponentOwner.objects.filter(component=component, user=grantee).exists()
    if power != Power.REFINE and not owns:
        raise NoTechnicalOwner


def _close_what_is_over(component):
    now = timezone.now()
    over = Q(until__lte=now) | Q(suspended_at__lte=now - TIME_TO_CONFIRM)
    component.delegations.filter(over, revoked_at=None).update(revoked_at=now, revoked_by=F("granted_by"))


def _refuse_second(component, power, grantee):
    running = component.delegations.filter(power=power, revoked_at=None)
    if power == Power.REFINE:
        running = running.filter(grantee=grantee)
    if running.exists():
        raise AlreadyLent


def _refuse_ended(delegation):
    now = timezone.now()
    unconfirmed = delegation.suspended_at and delegation.suspended_at <= now - TIME_TO_CONFIRM
    if delegation.revoked_at or delegation.until <= now or unconfirmed:
        raise DelegationEnded


def _technical_order(component):
    return list(Item.objects.filter(component=component).technical().ranked().values_list("pk", flat=True))


def _short(intent):
    intent = intent.strip()
    if len(intent) > Delegation._meta.get_field("intent").max_length:
        raise InvalidInput("At most 300 characters.", field="intent")
    return intent
