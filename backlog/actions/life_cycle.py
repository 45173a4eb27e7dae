"""The life of an item, from proposed to accepted or dropped (PRODUCT section 3)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog import permissions
from backlog.actions import engagement, feed, items, notifications, ordering
from backlog.actions.item_rows import MANY, lock, lock_many, touch
from backlog.actions.ordering import Place
from backlog.models import Delegation, Item, Notification, OrderEntry, Proposal
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require

Status = Item.Status

# Step → the verb it needs, and where it may start.
STEPS = {
    "accept_proposal": ("item.decide", (Status.PROPOSED, Status.DECLINED)),
    "decline": ("item.decide", (Status.PROPOSED,)),
    "begin": ("item.work", (Status.OPEN,)),
    "stop": ("item.work", (Status.IN_PROGRESS,)),
    "finish": ("item.work", (Status.IN_PROGRESS,)),
    "accept": ("item.accept", (Status.DONE,)),
    "send_back": ("item.accept", (Status.DONE,)),
    "drop": ("item.drop", (Status.PROPOSED, Status.OPEN, Status.IN_PROGRESS, Status.DONE)),
    "restore": ("item.restore", (Status.DROPPED,)),
}

# Higher apps tell which items they keep out of the order: those in an active sprint.
_holds: list[Callable[[Iterable[int]], set[int]]] = []


class WrongStatus(RuleViolation):
    code = "item_wrong_status"
    message = "This step is not possible from where the item stands."


def register_hold(held: Callable[[Iterable[int]], set[int]]) -> None:
    """Let `held(item_ids)` tell which of the items must stay out of the order for now. For `apps.py`."""
    _holds.append(held)


@transaction.atomic
def accept_proposal(
    item, *, by, place: Place | None = None, reason: str = "", at: datetime | None = None, **values
) -> Item:
    """Take a proposed item, or one declined before, into the order: at the place it was proposed for, if that is
    still there, else at the end. values: what the product owner changes of it, as for `items.edit`.

    Raises PermissionDenied, WrongStatus, InvalidInput.
    """
    ordered = ordering.lock(item.product_id)
    item = lock(item)
    require(by, "item.decide", item)
    before = item.version
    if values:
        item = items.edit(item, by=by, at=at, **values)
    proposed = _proposed_place(item)
    is_changed = item.version > before or (proposed is not None and place not in (None, proposed))
    told = {"is_changed": True} if is_changed else {}
    _step(item, "accept_proposal", Status.OPEN, "item.opened", reason, by=by, at=at, **told)
    ordering.enter(ordered, [item.pk], place or proposed or Place.bottom(), by=by, at=at)
    kind = Notification.Kind.PROPOSAL_CHANGED if is_changed else Notification.Kind.PROPOSAL_ACCEPTED
    notifications.tell(item, [item.created_by], kind, by=by, at=at)
    return item


@transaction.atomic
def decline(item, *, by, reason: str, at: datetime | None = None) -> Item:
    """Say no to a proposed item, and why. Raises PermissionDenied, WrongStatus, InvalidInput."""
    item = lock(item)
    require(by, "item.decide", item)
    _need_reason(reason)
    _step(item, "decline", Status.DECLINED, "item.declined", reason, by=by, at=at)
    feed.changed(item.product_id, [item.pk])
    notifications.tell(item, [item.created_by], Notification.Kind.PROPOSAL_DECLINED, by=by, at=at)
    return item


@transaction.atomic
def begin(item, *, by, at: datetime | None = None) -> Item:
    """Start to work on an open item. Raises PermissionDenied, WrongStatus."""
    item = lock(item)
    require(by, "item.work", item)
    item.started_at = at or timezone.now()
    _step(item, "begin", Status.IN_PROGRESS, "item.begun", by=by, at=at)
    feed.changed(item.product_id, [item.pk])
    return item


@transaction.atomic
def stop(item, *, by, reason: str = "", at: datetime | None = None) -> Item:
    """Put an item back that nobody works on. Raises PermissionDenied, WrongStatus."""
    item = lock(item)
    require(by, "item.work", item)
    item.started_at = None
    _step(item, "stop", Status.OPEN, "item.stopped", reason, by=by, at=at)
    feed.changed(item.product_id, [item.pk])
    return item


@transaction.atomic
def finish(item, *, by, at: datetime | None = None) -> Item:
    """Say that an item meets the Definition of Done; it leaves the order. Raises PermissionDenied, WrongStatus."""
    ordered = ordering.lock(item.product_id)
    item = lock(item)
    require(by, "item.work", item)
    item.done_at = at or timezone.now()
    _step(item, "finish", Status.DONE, "item.finished", by=by, at=at)
    engagement.ask([item.pk], by=by, at=at)
    _leave(ordered, item, by=by, at=at)
    return item


@transaction.atomic
def accept(item, *, by, at: datetime | None = None) -> Item:
    """Accept a done item; where it lacks a technical owner's word, one who may give it gives it by accepting.

    Raises PermissionDenied, WrongStatus, WordMissing.
    """
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.ACCEPT, item)
    require(by, "item.accept", item)
    if item.status == Status.DONE:
        engagement.give_by_accepting(item, by=by, at=at)
    _step(item, "accept", Status.ACCEPTED, "item.accepted", by=by, at=at, lent=lent)
    feed.changed(item.product_id, [item.pk])
    return item


@transaction.atomic
def send_back(item, *, by, reason: str, at: datetime | None = None) -> Item:
    """Send a done item back into work, and say why; it returns to its place in the order.

    Raises PermissionDenied, WrongStatus, InvalidInput.
    """
    ordered = ordering.lock(item.product_id)
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.ACCEPT, item)
    require(by, "item.accept", item)
    _need_reason(reason)
    item.done_at = None
    _step(item, "send_back", Status.IN_PROGRESS, "item.sent_back", reason, by=by, at=at, lent=lent)
    _return(ordered, item, by=by, at=at)
    return item


@transaction.atomic
def drop(item, *, by, reason: str = "", at: datetime | None = None) -> Item:
    """Give an item up; row, history and place are kept. Raises PermissionDenied, WrongStatus."""
    ordered = ordering.lock(item.product_id)
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
    require(by, "item.drop", item)
    item.done_at = item.started_at = None
    _step(item, "drop", Status.DROPPED, "item.dropped", reason, by=by, at=at, lent=lent)
    _leave(ordered, item, by=by, at=at)
    return item


@transaction.atomic
def restore(item, *, by, reason: str = "", at: datetime | None = None) -> Item:
    """Bring a dropped item back: to its place in the order, or as a proposal if it never had one.

    Raises PermissionDenied, WrongStatus.
    """
    ordered = ordering.lock(item.product_id)
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
    require(by, "item.restore", item)
    had_place = OrderEntry.objects.filter(item=item).exists()
    status = Status.OPEN if had_place else Status.PROPOSED
    _step(item, "restore", status, "item.restored", reason, by=by, at=at, lent=lent)
    if had_place:
        _return(ordered, item, by=by, at=at)
    else:
        feed.changed(item.product_id, [item.pk])
    return item


@transaction.atomic
def drop_many(product, item_ids: Sequence[int], *, by, reason: str = "", at: datetime | None = None) -> list[Item]:
    """Give up items of a product as `drop` would, all of them or none, in one step of the order.

    item_ids: at most 500. Raises PermissionDenied, WrongStatus, InvalidInput.
    """
    ordered = ordering.lock(product.pk)
    items = _some(product, item_ids)
    for item in items:
        lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
        require(by, "item.drop", item)
        item.done_at = item.started_at = None
        _step(item, "drop", Status.DROPPED, "item.dropped", reason, by=by, at=at, lent=lent)
    ordering.leave(ordered, item_ids, by=by, at=at)
    feed.changed(product.pk, item_ids)
    return items


@transaction.atomic
def restore_many(product, item_ids: Sequence[int], *, by, reason: str = "", at: datetime | None = None) -> list[Item]:
    """Bring dropped items of a product back as `restore` would, all of them or none, in one step of the order.

    item_ids: at most 500. Raises PermissionDenied, WrongStatus, InvalidInput.
    """
    ordered = ordering.lock(product.pk)
    items = _some(product, item_ids)
    placed = set(OrderEntry.objects.filter(item__in=item_ids).values_list("item", flat=True))
    for item in items:
        lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
        require(by, "item.restore", item)
        status = Status.OPEN if item.pk in placed else Status.PROPOSED
        _step(item, "restore", status, "item.restored", reason, by=by, at=at, lent=lent)
    ordering.rejoin(ordered, placed - held(placed), by=by, at=at)
    feed.changed(product.pk, item_ids)
    return items


def possible(item, by) -> list[str]:
    """The steps that the person may take with the item as it stands, by the names of the actions."""
    verbs = {verb for verb, starts in STEPS.values() if item.status in starts}
    granted = {verb for verb in verbs if can(by, verb, item)}
    return [step for step, (verb, starts) in STEPS.items() if item.status in starts and verb in granted]


def held(item_ids: Iterable[int]) -> set[int]:
    """Which of the items a higher app keeps out of the order for now."""
    ids = list(item_ids)
    return set().union(*(hold(ids) for hold in _holds))


def _proposed_place(item):
    proposal = Proposal.objects.filter(item=item).select_related("before__order_entry").first()
    if proposal is None:
        return None
    if proposal.place == Proposal.Place.TOP:
        return Place.top()
    entry = getattr(proposal.before, "order_entry", None) if proposal.before else None
    return Place.before(proposal.before_id) if entry and entry.is_listed else Place.bottom()


def _some(product, item_ids):
    if len(item_ids) > MANY:
        raise InvalidInput(f"At most {MANY} items at once.", field="items")
    items = [item for item in lock_many(item_ids) if item.product_id == product.pk]
    if len(items) != len(set(item_ids)):
        raise InvalidInput("Some of these items are not in this product.", field="items")
    return items


def _step(item, step, status, name, reason="", *, by, at, lent=None, **told):
    _, starts = STEPS[step]
    if item.status not in starts:
        raise WrongStatus(
            f"The item is {item.get_status_display().lower()}: this step is not possible.", now=item.status
        )
    reason = reason.strip()
    if len(reason) > Item._meta.get_field("status_reason").max_length:
        raise InvalidInput("At most 500 characters.", field="reason")
    old, item.status = item.status, status
    item.status_at, item.status_by, item.status_reason = at or timezone.now(), by, reason
    touch(item, "status", "status_at", "status_by", "status_reason", "started_at", "done_at", at=at)
    told |= permissions.as_lent(lent)
    events.record(name, target=item, by=by, at=at, changes={"status": [old, status]}, reason=reason, **told)


def _need_reason(reason):
    if not reason.strip():
        raise InvalidInput("Say why.", field="reason")


def _leave(ordered, item, *, by, at):
    if ordering.leave(ordered, [item.pk], by=by, at=at) is None:
        feed.changed(item.product_id, [item.pk])


def _return(ordered, item, *, by, at):
    if held([item.pk]) or ordering.rejoin(ordered, [item.pk], by=by, at=at) is None:
        feed.changed(item.product_id, [item.pk])
