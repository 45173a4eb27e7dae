"""Tag items; rename, merge and drop tags."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from backlog.actions import feed, fields, saved_views
from backlog.actions.item_rows import lock, touch
from backlog.models import GoneTag, Item, ItemTag, Product, Tag
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
    """Give a tag another name, in kept views too. Raises PermissionDenied, InvalidInput, TagNameTaken."""
    tag = _lock(tag)
    require(by, "tag.manage", tag)
    name = fields.cleaned(Tag, {"name": name})["name"]
    if Tag.objects.filter(product=tag.product_id, name__iexact=name).exclude(pk=tag.pk).exists():
        raise TagNameTaken
    changes = fields.change(tag, {"name": name})
    if changes:
        tag.save(update_fields=["name"])
        saved_views.follow_tag(tag.product_id, *changes["name"])
        events.record("tag.renamed", target=tag, by=by, changes=changes)
        _feed_changed(tag)
    return tag


@transaction.atomic
def merge(tag, into, *, by) -> GoneTag:
    """Tag with `into` what carries `tag`, and drop `tag`; `restore` takes it apart again, but for kept views, which
    go on asking for `into`.

    Raises PermissionDenied, OtherProduct.
    """
    tag = _lock(tag)
    require(by, "tag.manage", tag)
    if into.product_id != tag.product_id or into.pk == tag.pk:
        raise OtherProduct
    carried = list(tag.item_links.values_list("item", flat=True))
    had = set(into.item_links.filter(item__in=carried).values_list("item", flat=True))
    added = [pk for pk in carried if pk not in had]
    _put(into, added)
    gone = GoneTag.objects.create(
        product_id=tag.product_id, name=tag.name, items=carried, into=into, added=added, gone_by=by
    )
    events.record("tag.merged", target=tag, by=by, name=tag.name, into=into.pk, item_count=len(carried))
    tag.delete()
    saved_views.follow_tag(into.product_id, gone.name, into.name)
    feed.changed(into.product_id, carried)
    return gone


@transaction.atomic
def drop(tag, *, by) -> GoneTag:
    """Take a tag off every item; `restore` puts it back. Raises PermissionDenied."""
    tag = _lock(tag)
    require(by, "tag.manage", tag)
    carried = list(tag.item_links.values_list("item", flat=True))
    gone = GoneTag.objects.create(product_id=tag.product_id, name=tag.name, items=carried, added=[], gone_by=by)
    events.record("tag.dropped", target=tag, by=by, name=tag.name, items=carried)
    tag.delete()
    feed.changed(gone.product_id, carried)
    return gone


@transaction.atomic
def restore(gone, *, by) -> Tag:
    """Bring back a tag that was dropped or merged, on the items that carried it.

    What was tagged by the merging alone loses that tag again. Raises PermissionDenied, TagNameTaken, and
    GoneTag.DoesNotExist if somebody was faster.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=gone.product_id)
    require(by, "tag.manage", product)
    gone = GoneTag.objects.get(pk=gone.pk)
    if Tag.objects.filter(product=product, name__iexact=gone.name).exists():
        raise TagNameTaken
    tag = Tag.objects.create(product=product, name=gone.name)
    _put(tag, gone.items)
    if gone.into_id:
        ItemTag.objects.filter(tag=gone.into_id, item__in=gone.added).delete()
    events.record("tag.restored", target=tag, by=by, name=tag.name, item_count=len(gone.items))
    items = gone.items
    gone.delete()
    feed.changed(product.pk, items)
    return tag


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


def _put(tag, item_ids):
    ItemTag.objects.bulk_create(
        [ItemTag(product_id=tag.product_id, item_id=pk, tag=tag) for pk in item_ids], ignore_conflicts=True
    )


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
