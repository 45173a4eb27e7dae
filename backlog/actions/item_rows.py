"""Lock item rows and say that they changed; building blocks of the actions on items."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from backlog.models import Item

# So many items in one request at most.
MANY = 500


def lock(item) -> Item:
    """The item as it is now, with its product, locked until the transaction ends."""
    return _for_update().get(pk=item.pk)


def lock_many(ids: Iterable[int]) -> list[Item]:
    """Several items, always locked in ascending order, so that two actions never wait for each other."""
    return list(_for_update().filter(pk__in=list(ids)).order_by("pk"))


def touch(item, *fields: str, at: datetime | None = None) -> None:
    """Save the named fields with the next version."""
    item.version += 1
    item.updated_at = at or timezone.now()
    item.save(update_fields=[*fields, "version", "updated_at"])


def _for_update():
    return Item.objects.select_for_update(no_key=True, of=("self",)).select_related("product")
