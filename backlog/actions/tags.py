"""Tag items; rename, merge and drop tags."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from backlog.actions import feed, fields
from backlog.actions.item_rows import lock, touch
from backlog.models import Item, ItemTag, Product, Tag
from core import events
from core.errors import RuleViolation
from core.permissions import require


class TagNameTaken(RuleViolation):
    code = "tag_name_taken"
    message = "There is already a tag of that name. Merge the two instead."
    field = "name"


class OtherProduct(RuleViolation):
    code = "tag_of_other_product"
    message = "The two tags belong to different products."
    status = 422


@transaction.atomic
def add(item, name: str, *, by, at: datetime | None = None) -> Item:
    """Tag an item; a new name becomes a tag of the product. Raises PermissionDenied, InvalidInput."""
    item = lock(item)
    require(by, "item.tag", item)
    return _set(item, [*_names(item), name], by=by, at=at)


@transaction.atomic
def remove(item, name: str, *, by, at: datetime | None = None) -> Item:
    """Take a tag off an item. Raises PermissionDenied."""
    item = lock(item)
    require(by, "item.tag", item)
    return _set(item, [kept for kept in _names(item) if kept.lower() != name.strip().lower()], by=by, at=at)


@transaction.atomic
def rename(tag, name: str, *, by) -> Tag:
    """Raises PermissionDenied, InvalidInput, TagNameTaken."""
    tag = _lock(tag)
    require(by, "tag.manage", tag)
    name = fields.cleaned(Tag, {"name": name})["name"]
    if Tag.objects.filter(product=tag.product_id, name__iexact=name).exclude(pk=tag.pk).exists():
        raise TagNameTaken
    changes = fields.change(tag, {"name": name})
    if changes:
        tag.save(update_fields=["name"])
        events.record("tag.renamed", target=tag, by=by, changes=changes)
        _feed_changed(tag)
    return tag


@transaction.atomic
def merge(tag, into, *, by) -> Tag:
    """Tag with `into` what carries `tag`, and drop `tag`. Raises PermissionDenied, OtherProduct."""
    tag = _lock(tag)
    require(by, "tag.manage", tag)
    if into.product_id != tag.product_id or into.pk == tag.pk:
        raise OtherProduct
    carried = list(tag.item_links.values_list("item", flat=True))
    ItemTag.objects.bulk_create(
        [ItemTag(product_id=tag.product_id, item_id=pk, tag=into) for pk in carried], ignore_conflicts=True
    )
    events.record("tag.merged", target=tag, by=by, name=tag.name, into=into.pk, item_count=len(carried))
    tag.delete()
    feed.changed(into.product_id, carried)
    return into


@transaction.atomic
def drop(tag, *, by) -> None:
    """Take a tag off every item and forget it. Raises PermissionDenied."""
    tag = _lock(tag)
    require(by, "tag.manage", tag)
    carried = list(tag.item_links.values_list("item", flat=True))
    events.record("tag.dropped", target=tag, by=by, name=tag.name, items=carried)
    tag.delete()
    feed.changed(tag.product_id, carried)


def put_many(product, names_of: Mapping[int, Iterable[str]]) -> None:
    """Tag new items, by id; asks nobody and records nothing: for the action that creates them."""
    if not names_of:
        return
    by_name = _ensure(product, [name for names in names_of.values() for name in names])
    ItemTag.objects.bulk_create(
        [
            ItemTag(product=product, item_id=pk, tag_id=by_name[key])
            for pk, names in names_of.items()
            for key in dict.fromkeys(_key(name) for name in names)
        ]
    )


def replace(item, names: Iterable[str]) -> dict:
    """Give the item exactly these tags; what changed, as {"tags": [old, new]}. For the actions on items."""
    held = dict(ItemTag.objects.filter(item=item).values_list("tag", "tag__name"))
    wanted = set(_ensure(item.product, names).values())
    if wanted == held.keys():
        return {}
    ItemTag.objects.filter(item=item, tag__in=held.keys() - wanted).delete()
    ItemTag.objects.bulk_create(
        ItemTag(product_id=item.product_id, item=item, tag_id=pk) for pk in sorted(wanted - held.keys())
    )
    return {"tags": [sorted(held.values()), sorted(Tag.objects.filter(pk__in=wanted).values_list("name", flat=True))]}


def _set(item, names, *, by, at):
    changes = replace(item, names)
    if changes:
        touch(item, at=at)
        events.record("item.edited", target=item, by=by, at=at, changes=changes)
        feed.changed(item.product_id, [item.pk])
    return item


def _names(item):
    return list(Tag.objects.filter(item_links__item=item).values_list("name", flat=True))


def _key(name):
    return " ".join(name.split()).lower()


def _ensure(product, names):
    spelled = {}
    for name in names:
        # Of two spellings the first one stays.
        spelled.setdefault(_key(name), fields.cleaned(Tag, {"name": name})["name"])
    known = _known(product, spelled)
    if missing := spelled.keys() - known.keys():
        # Two people may bring the same new tag at once: the second takes the first one's.
        Tag.objects.bulk_create(
            [Tag(product=product, name=spelled[key]) for key in sorted(missing)], ignore_conflicts=True
        )
        known = _known(product, spelled)
    return known


def _known(product, keys):
    rows = Tag.objects.filter(product=product).values_list("name", "pk")
    return {name.lower(): pk for name, pk in rows if name.lower() in keys}


def _lock(tag):
    # The product's row is the queue for all that is done to its tags.
    Product.objects.select_for_update(no_key=True).get(pk=tag.product_id)
    return Tag.objects.get(pk=tag.pk)


def _feed_changed(tag):
    feed.changed(tag.product_id, list(tag.item_links.values_list("item", flat=True)))
