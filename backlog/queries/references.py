"""The items that a text names by their keys, as far as its reader may see them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from backlog.models import Item, Product, RetiredProductKey, SourceKey

KEY = re.compile(r"(?<![\w/-])[A-Za-z][A-Za-z0-9]{0,9}-[1-9]\d{0,8}(?![\w-])")
# Further ones of a text stay plain.
MOST = 200


@dataclass(frozen=True)
class Reference:
    """Where a key leads: the item's present key, and what is over."""

    key: str
    product_key: str
    number: int
    title: str
    is_over: bool


def references(texts: Iterable[str], reader) -> dict[str, Reference]:
    """Key as written, in capitals → the item: by its key, one that its product had before, or the key of its source.

    In four statements, none without a key in the texts.
    """
    found = (match.upper() for text in texts for match in KEY.findall(text))
    keys = list(dict.fromkeys(found))[:MOST]
    if not keys:
        return {}
    products = _products({key.rpartition("-")[0] for key in keys})
    wanted = {}
    for key in keys:
        prefix, _, number = key.rpartition("-")
        if prefix in products:
            wanted[key] = (products[prefix], int(number))
    named = Q(pk__in=[])
    for product, number in set(wanted.values()):
        named |= Q(product=product, number=number)
    imported = dict(SourceKey.objects.filter(key__in=keys).values_list("key", "item"))
    visible = Item.objects.readable_by(reader).filter(named | Q(pk__in=imported.values())).select_related("product")
    by_place, by_pk = {}, {}
    for item in visible:
        by_place[item.product_id, item.number] = by_pk[item.pk] = _reference(item)
    # A key of our own wins over one from a source.
    return {
        key: reference for key in keys if (reference := by_place.get(wanted.get(key)) or by_pk.get(imported.get(key)))
    }


def _products(keys):
    found = dict(RetiredProductKey.objects.filter(key__in=keys).values_list("key", "product"))
    return found | dict(Product.objects.filter(key__in=keys).values_list("key", "pk"))


def _reference(item):
    return Reference(item.key, item.product.key, item.number, item.title, item.status not in Item.UNFINISHED)
