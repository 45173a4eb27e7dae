"""Tick the Definition of Done of an item."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog.actions import feed
from backlog.actions.item_rows import lock, touch
from backlog.models import DoneTick, Item
from backlog.queries.done_checks import done_checklist
from core import events
from core.errors import InvalidInput
from core.permissions import require


@transaction.atomic
def tick(item, check_key: str, *, by, at: datetime | None = None) -> Item:
    """Say that a line of the Definition of Done holds for the item. Raises PermissionDenied, InvalidInput."""
    item = lock(item)
    require(by, "item.work", item)
    check = _check(item, check_key)
    _, is_new = DoneTick.objects.get_or_create(
        item=item, check_key=check.key, defaults={"ticked_by": by, "ticked_at": at or timezone.now()}
    )
    return _changed(item, "done_check.ticked", check, by=by, at=at) if is_new else item


@transaction.atomic
def untick(item, check_key: str, *, by, at: datetime | None = None) -> Item:
    """Take that back. Raises PermissionDenied, InvalidInput."""
    item = lock(item)
    require(by, "item.work", item)
    check = _check(item, check_key)
    count, _ = DoneTick.objects.filter(item=item, check_key=check.key).delete()
    return _changed(item, "done_check.unticked", check, by=by, at=at) if count else item


def _check(item, key):
    for check in done_checklist(item.product, item.kind, item.type):
        if check.key == key:
            return check
    raise InvalidInput("The Definition of Done has no such line.", field="check_key")


def _changed(item, name, check, *, by, at):
    touch(item, at=at)
    events.record(name, target=item, by=by, at=at, check=check.key, label=check.label)
    feed.changed(item.product_id, [item.pk])
    return item
