"""Write the acceptance criteria of an item, and say which are met."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog import permissions
from backlog.actions import feed, fields, readiness
from backlog.actions.item_rows import lock, touch
from backlog.models import AcceptanceCriterion, Delegation, Evidence
from core import events
from core.errors import InvalidInput
from core.permissions import require


@transaction.atomic
def add(item, text: str, *, by, at: datetime | None = None) -> AcceptanceCriterion:
    """Append a criterion. Raises PermissionDenied, InvalidInput."""
    item, lent = _lock_to_write(item, by)
    criterion = AcceptanceCriterion.objects.create(item=item, position=item.criteria.count() + 1, text=_text(text))
    _record("criterion.added", criterion, lent, by=by, at=at, text=criterion.text)
    return criterion


@transaction.atomic
def edit(criterion, text: str, *, by) -> AcceptanceCriterion:
    """Say it otherwise; whoever has found it met looks again. Raises PermissionDenied, InvalidInput."""
    item, lent = _lock_to_write(criterion.item, by)
    criterion = item.criteria.get(pk=criterion.pk)
    changes = fields.change(criterion, {"text": _text(text)})
    if not changes:
        return criterion
    criterion.met_at = criterion.met_by = None
    criterion.save(update_fields=["text", "met_at", "met_by"])
    _record("criterion.edited", criterion, lent, by=by, changes=changes)
    return criterion


@transaction.atomic
def reorder(item, criterion_ids: Sequence[int], *, by) -> list[AcceptanceCriterion]:
    """Put all criteria of the item into this order. Raises PermissionDenied, InvalidInput."""
    item, lent = _lock_to_write(item, by)
    criteria = {criterion.pk: criterion for criterion in item.criteria.order_by("position")}
    former = list(criteria)
    if sorted(criterion_ids) != sorted(former):
        raise InvalidInput("Name each criterion of the item once.", field="criteria")
    ordered = [criteria[pk] for pk in criterion_ids]
    if former != list(criterion_ids):
        _renumber(ordered)
        touch(item)
        changes = {"criteria": [former, list(criterion_ids)]}
        events.record("criteria.reordered", target=item, by=by, changes=changes, **permissions.as_lent(lent))
        feed.changed(item.product_id, [item.pk])
    return ordered


@transaction.atomic
def remove(criterion, *, by) -> None:
    """Take a criterion away; the history keeps its text. Raises PermissionDenied."""
    item, lent = _lock_to_write(criterion.item, by)
    criterion = item.criteria.get(pk=criterion.pk)
    pk, text = criterion.pk, criterion.text
    criterion.delete()
    _renumber(list(item.criteria.order_by("position")))
    criterion.pk = pk
    _record("criterion.removed", criterion, lent, by=by, text=text)


@transaction.atomic
def meet(criterion, *, by, at: datetime | None = None) -> AcceptanceCriterion:
    """Say that the item fulfils it. Raises PermissionDenied."""
    return _set_met(criterion, at or timezone.now(), by, "criterion.met", by=by, at=at)


@transaction.atomic
def prove(
    criterion, *, by, note: str = "", url: str = "", attachment=None, at: datetime | None = None
) -> AcceptanceCriterion:
    """Say that the item fulfils it, and what shows that: a note, a link, a file of the item.

    Raises PermissionDenied, InvalidInput.
    """
    item = lock(criterion.item)
    require(by, "item.work", item)
    criterion = item.criteria.get(pk=criterion.pk)
    values = fields.cleaned(Evidence, {"note": note, "url": url})
    if values["url"] and not values["url"].lower().startswith(("https://", "http://")):
        raise InvalidInput("A link begins with https:// or http://.", field="url")
    if attachment is not None and (attachment.item_id != item.pk or attachment.removed_at):
        raise InvalidInput("The item has no such file.", field="attachment")
    if not any((values["note"], values["url"], attachment)):
        raise InvalidInput("Say or show why it is met.", field="note")
    Evidence.objects.create(criterion=criterion, attachment=attachment, by=by, at=at or timezone.now(), **values)
    criterion.met_at, criterion.met_by = at or timezone.now(), by
    criterion.save(update_fields=["met_at", "met_by"])
    said = {"text": criterion.text, "note": values["note"], "url": values["url"]}
    _record("criterion.proved", criterion, None, by=by, at=at, attachment=attachment and attachment.pk, **said)
    return criterion


@transaction.atomic
def unmeet(criterion, *, by) -> AcceptanceCriterion:
    """Take that back. Raises PermissionDenied."""
    return _set_met(criterion, None, None, "criterion.unmet", by=by)


def _lock_to_write(item, by):
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
    require(by, "item.refine", item)
    return item, lent


def _set_met(criterion, met_at, met_by, name, *, by, at=None):
    item = lock(criterion.item)
    require(by, "item.work", item)
    criterion = item.criteria.get(pk=criterion.pk)
    if (criterion.met_at is None) == (met_at is None):
        return criterion
    criterion.met_at, criterion.met_by = met_at, met_by
    criterion.save(update_fields=["met_at", "met_by"])
    _record(name, criterion, None, by=by, at=at, text=criterion.text)
    return criterion


def _record(name, criterion, lent, *, by, at=None, **data):
    item = criterion.item
    touch(item, at=at)
    events.record(name, target=item, by=by, at=at, criterion=criterion.pk, **data, **permissions.as_lent(lent))
    readiness.refresh([item.pk])
    feed.changed(item.product_id, [item.pk])


def _renumber(criteria):
    for position, criterion in enumerate(criteria, 1):
        criterion.position = position
    AcceptanceCriterion.objects.bulk_update(criteria, ["position"])


def _text(text):
    return fields.cleaned(AcceptanceCriterion, {"text": text})["text"]
