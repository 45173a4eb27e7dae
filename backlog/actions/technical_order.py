"""The order of technical work over all products, and handing it to a product's technical slots."""

from datetime import datetime

from django.db import transaction

from backlog.actions import ordering
from backlog.actions.places import Place, StaleAnchor
from backlog.models import Move, TechnicalEntry, TechnicalOrder
from backlog.queries import technical_order
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require
from planning import ranking


class NotTechnical(RuleViolation):
    code = "item_not_technical"
    message = "Only technical items that are not finished have a place in the technical order."


class NoSlots(RuleViolation):
    code = "no_technical_slots"
    message = "No technical item of this product stands in another order than the technical one."


@transaction.atomic
def move(item, place: Place, *, by, at: datetime | None = None) -> bool:
    """Put a technical item at the top, at the bottom, or next to another one; False if it is there already.

    place: a position can't be named, since nobody need see all of the list. No product's order changes by it.
    Raises PermissionDenied, NotTechnical, InvalidInput, StaleAnchor.
    """
    order = _lock(item.organization_id)
    require(by, "technical_order.move", item)
    if place.item_id == item.pk or place.word == "position":
        raise InvalidInput("Say which technical item it goes before or after.", field=place.word)
    _settle(order)
    now = technical_order.sequence(order.pk)
    if item.pk not in now:
        raise NotTechnical
    place_now = now.index(item.pk)
    former = now[place_now - 1] if place_now else None
    others = [one for one in now if one != item.pk]
    index = _index(others, place)
    behind = others[index - 1] if index else None
    if behind == former:
        return False
    _put(order, item, behind)
    order.version += 1
    order.save(update_fields=["version"])
    events.record("technical_order.moved", target=item, by=by, at=at, former=former, place=place.word)
    return True


@transaction.atomic
def apply(product, *, by, at: datetime | None = None) -> Move | None:
    """Give a product's technical slots the sequence of the technical order; None if they have it.

    The product owner gives it to all unpinned technical items, a technical owner to those of components that are lent
    to him. Nothing else changes its place.
    Raises PermissionDenied, NoSlots.
    """
    if not can(by, "order.move", product):
        require(by, "order.move_technical", product)
    wanted = technical_order.wanted_in(product, by)
    if not wanted:
        raise NoSlots
    return ordering.permute_technical(product, wanted, by=by, reason="As in the technical order", at=at)


def _lock(organization_id):
    TechnicalOrder.objects.get_or_create(organization_id=organization_id)
    return TechnicalOrder.objects.select_for_update().get(organization_id=organization_id)


def _settle(order):
    """Give those without a place one at the end."""
    entries = TechnicalEntry.objects.filter(organization=order.pk)
    last = entries.order_by("-rank").values_list("rank", flat=True).first()
    missing = technical_order.unplaced(order.pk)
    if not missing:
        return
    keys = ranking.after_many(last, len(missing)) if last else ranking.even(len(missing))
    if keys is None:
        _respace(order, [*entries.order_by("rank").values_list("item", flat=True), *missing])
        return
    _write(order, dict(zip(missing, keys, strict=True)))


def _put(order, item, behind):
    """behind: the item it shall follow; None: before all. Finished items keep their places in between."""
    entries = TechnicalEntry.objects.filter(organization=order.pk).exclude(item=item).order_by("rank")
    key = _key(entries, behind)
    if key is not None:
        _write(order, {item.pk: key})
        return
    sequence = list(entries.values_list("item", flat=True))
    sequence.insert(sequence.index(behind) + 1 if behind else 0, item.pk)
    _respace(order, sequence)


def _key(entries, behind):
    """A key directly behind an item; None where there is no room for a short one."""
    low = entries.values_list("rank", flat=True).get(item=behind) if behind else ""
    high = entries.filter(rank__gt=low).values_list("rank", flat=True).first() or ""
    if low and high:
        key = ranking.between(low, high)
        return key if len(key) <= ranking.MAX_KEY_BYTES else None
    if low:
        return ranking.after(low)
    return ranking.before(high) if high else ranking.MIDDLE


def _respace(order, sequence):
    TechnicalEntry.objects.filter(organization=order.pk).delete()
    _write(order, dict(zip(sequence, ranking.even(len(sequence)), strict=True)))


def _write(order, ranks):
    entries = [TechnicalEntry(organization_id=order.pk, item_id=item, rank=rank) for item, rank in ranks.items()]
    TechnicalEntry.objects.bulk_create(
        entries, batch_size=2000, update_conflicts=True, unique_fields=["item"], update_fields=["rank"]
    )


def _index(others, place):
    if place.word == "top":
        return 0
    if place.word == "bottom":
        return len(others)
    if place.item_id not in others:
        raise StaleAnchor(anchor=place.item_id)
    return others.index(place.item_id) + (place.word == "after")
