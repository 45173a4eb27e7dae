"""A technical owner says whether a done item is built as meant."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog.actions import feed
from backlog.actions.item_rows import lock
from backlog.actions.life_cycle import WrongStatus
from backlog.models import BuiltCheck, Item
from core import events
from core.errors import InvalidInput
from core.permissions import require


@transaction.atomic
def say(item, is_as_meant: bool, *, by, note: str = "", at: datetime | None = None) -> BuiltCheck:
    """For a done item that touches one's components; the product owner decides all the same.

    Raises PermissionDenied, WrongStatus, InvalidInput.
    """
    item = lock(item)
    require(by, "item.check_built", item)
    if item.status != Item.Status.DONE:
        raise WrongStatus("Only what is done can be checked.", now=item.status)
    note = note.strip()
    if not is_as_meant and not note:
        raise InvalidInput("Say what is otherwise.", field="note")
    if len(note) > BuiltCheck._meta.get_field("note").max_length:
        raise InvalidInput("At most 500 characters.", field="note")
    values = {"is_as_meant": is_as_meant, "note": note, "at": at or timezone.now(), "product_id": item.product_id}
    check, _ = BuiltCheck.objects.update_or_create(item=item, by=by, defaults=values)
    name = "item.built_as_meant" if is_as_meant else "item.built_otherwise"
    events.record(name, target=item, by=by, at=at, reason=note)
    feed.changed(item.product_id, [item.pk])
    return check
