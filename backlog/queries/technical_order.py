"""The technical order of an organization, and how products' orders differ from it."""

from collections.abc import Iterable

from django.db.models import F, QuerySet

from backlog.models import Item, OrderedList, OrderEntry
from backlog.queries import slots
from backlog.queries.order_log import fewest_moved
from core.permissions import can


def in_technical_order(items: QuerySet[Item]) -> QuerySet[Item]:
    """Items in the technical order; those that nobody has placed in it last, by product and place there."""
    return items.order_by(
        F("technical_entry__rank").asc(nulls_last=True), "product__key", "order_entry__rank", "number"
    )


def sequence(organization_id: int) -> list[int]:
    """The ids of all unfinished technical items of an organization, in the technical order."""
    return list(in_technical_order(_technical(organization_id)).values_list("pk", flat=True))


def unplaced(organization_id: int) -> list[int]:
    """Those that have no place of their own yet, as they come after the others."""
    items = _technical(organization_id).filter(technical_entry=None)
    return list(in_technical_order(items).values_list("pk", flat=True))


def predecessor(item, user) -> Item | None:
    """The last item that the person may read before this one in the technical order; None if there is none."""
    found = list(in_technical_order(_technical(item.organization_id).readable_by(user)).values_list("pk", flat=True))
    place = found.index(item.pk) if item.pk in found else 0
    return Item.objects.select_related("product").get(pk=found[place - 1]) if place else None


def out_of_step(in_product: list[int], in_technical: Iterable[int]) -> set[int]:
    """The fewest items that would have to move for a product to have the technical order.

    in_product: a product's items in its order. in_technical: the same and others in the technical order.
    """
    own = set(in_product)
    wanted = [item for item in in_technical if item in own]
    return fewest_moved(in_product, wanted, own)


def wanted_in(product, user) -> list[int]:
    """The technical slots that a person may fill, in the technical order, without those before the first and after
    the last that would change; empty if none would."""
    if can(user, "order.move", product):
        return wanted_in_all(product)
    return _wanted(product, slots.lent(OrderedList.objects.get(product=product), user))


def wanted_in_all(product) -> list[int]:
    """The same of all technical slots of the product: those that its product owner may fill."""
    ordered = OrderedList.objects.get(product=product)
    own = OrderEntry.objects.filter(list=ordered, item__kind=Item.Kind.TECHNICAL)
    return _wanted(product, slots.of_items(ordered, own.values_list("item", flat=True)))


def _wanted(product, found):
    own = set(found.items)
    wanted = [item for item in sequence(product.organization_id) if item in own]
    changed = [place for place, item in enumerate(wanted) if item != found.items[place]]
    return wanted[changed[0] : changed[-1] + 1] if changed else []


def _technical(organization_id):
    return Item.objects.open().technical().filter(organization=organization_id)
