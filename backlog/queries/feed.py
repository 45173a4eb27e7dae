"""The whole order for the list screen, compact: one array a column, and what changed since."""

from collections import defaultdict

import orjson
from django.db.models import FloatField, OuterRef, Subquery, Value
from django.db.models.functions import Cast

from accounts.models import Team
from backlog.models import Component, Dependency, Engagement, Item, ItemTag, OrderEntry, Tag
from backlog.models.levels import level_at
from backlog.queries.readers import Reader
from backlog.queries.readiness import types_held_against_order

# More changes than this, and the whole order is the shorter answer.
MOST_CHANGES = 1_000
MOST_PROPOSED = 100

_COLUMNS = {
    "id": "item_id",
    "number": "item__number",
    "kind": "item__kind",
    "type": "item__type",
    "title": "item__title",
    "plain": "item__plain_title",
    "points": "points",
    "component": "item__component_id",
    "team": "item__team_id",
    "status": "item__status",
    "checks_met": "item__checks_met",
    "checks_total": "item__checks_total",
    "questions": "item__open_question_count",
    "pinned": "is_pinned",
    "restricted": "item__is_restricted",
    "level": "level",
}


def etag(who: Reader) -> str:
    """Equal as long as the feed of this reader is: the feed version, and what the reader may see."""
    return f"{who.ordered.feed_version}-{who.visibility}"


def order_feed(product, who: Reader, since: str = "") -> bytes:
    """The feed as JSON: every listed item the reader sees, top first, or what changed since an earlier answer.

    who: read before the rows are, so that a change between the two is sent twice rather than never.
    since: the `version` of that answer. A reader who sees other items than then, one who was away for long, and one
    from whom a change must be hidden get the whole order: `is_whole` tells.
    columns: arrays of equal length; tags: ids for each row; waits: whether it needs something unfinished that is in
    no list or sprint of this product; needs: id → ids of the enablers in the list. In a part, after: what each row
    stands behind now, rows in the order to put them in; gone: ids that left the list.
    proposed: the newest items that wait for the product owner's word; place: top, bottom or the id of an item in the
    list, before which each is proposed.
    legend: names by id, levels of engagement in words, and the types whose Definition of Ready looks at the order,
    which checks_met leaves out.
    """
    changes = _changes(who, since)
    document = _whole(who) if changes is None else _part(who, *changes)
    document["proposed"] = _proposed(who)
    document |= {"version": etag(who), "order_version": who.ordered.version, "legend": _legend(product)}
    return orjson.dumps(document)


def _whole(who):
    entries = OrderEntry.objects.filter(who.readable("item__"), list=who.ordered, is_listed=True).order_by("rank")
    rows = list(_with_figures(entries).values_list(*_COLUMNS.values()))
    ids = [row[0] for row in rows]
    tags = _tags(product=who.ordered.product_id)
    waiting = _waiting(who, dependent__order_entry__list=who.ordered)
    columns = _columns(rows) | {"tags": [tags.get(item, ()) for item in ids], "waits": [pk in waiting for pk in ids]}
    return {"is_whole": True, "columns": columns, "needs": _needs(who)}


def _part(who, changed, gone):
    entries = OrderEntry.objects.filter(list=who.ordered, item_id__in=changed).order_by("rank")
    before = OrderEntry.objects.filter(
        who.readable("item__"), list=who.ordered, is_listed=True, rank__lt=OuterRef("rank")
    ).order_by("-rank")
    after = Subquery(before.values("item_id")[:1])
    rows = list(_with_figures(entries).annotate(after=after).values_list(*_COLUMNS.values(), "after"))
    ids = [row[0] for row in rows]
    tags = _tags(item__in=ids)
    waiting = _waiting(who, dependent__in=ids)
    columns = _columns(rows) | {
        "tags": [tags.get(item, ()) for item in ids],
        "waits": [item in waiting for item in ids],
        "after": [row[-1] for row in rows],
    }
    return {"is_whole": False, "columns": columns, "needs": _needs(who, dependent__in=ids), "gone": gone}


def _changes(who, since):
    """(ids changed, ids gone); None where only the whole order will do."""
    version, _, visibility = since.partition("-")
    if visibility != who.visibility or not version.isdigit() or int(version) > who.ordered.feed_version:
        return None
    entries = OrderEntry.objects.filter(list=who.ordered, changed_version__gt=int(version))
    found = list(entries.values_list("item_id", "is_listed")[: MOST_CHANGES + 1])
    changed = {item for item, is_listed in found if is_listed}
    gone = [item for item, is_listed in found if not is_listed]
    if len(found) > MOST_CHANGES or not _all_readable(who, found):
        return None
    return changed, gone


def _all_readable(who, found):
    if who.sees_all:
        return True
    readable = OrderEntry.objects.filter(who.readable("item__"), list=who.ordered, item_id__in=[pk for pk, _ in found])
    return readable.count() == len(found)


def _with_figures(entries):
    return entries.annotate(points=Cast("item__points", FloatField()), level=level_at("item__"))


def _columns(rows):
    columns = zip(*rows, strict=True) if rows else ((),) * len(_COLUMNS)
    # Rows of changes hold one more at their end: what they stand after.
    return dict(zip(_COLUMNS, columns, strict=False))


def _tags(**which):
    # Gathered here: arrays of PostgreSQL take three times as long to read.
    tags = defaultdict(list)
    for item, tag in ItemTag.objects.filter(**which).order_by("item", "tag").values_list("item_id", "tag_id"):
        tags[item].append(tag)
    return tags


def _needs(who, **which):
    links = Dependency.objects.filter(
        who.readable("dependent__"),
        who.readable("enabler__"),
        dependent__order_entry__list=who.ordered,
        dependent__order_entry__is_listed=True,
        enabler__order_entry__list=who.ordered,
        enabler__order_entry__is_listed=True,
        **which,
    )
    needs = defaultdict(list)
    for dependent, enabler in links.order_by("dependent", "enabler").values_list("dependent", "enabler"):
        needs[str(dependent)].append(enabler)
    return needs


def _waiting(who, **which):
    """Items that need something unfinished which no place above them could satisfy."""
    links = Dependency.objects.filter(who.readable("enabler__"), **which)
    over = (Item.Status.DONE, Item.Status.ACCEPTED, Item.Status.DROPPED)
    ahead = {"enabler__product": who.ordered.product_id, "enabler__status__in": Item.UNFINISHED}
    return set(links.exclude(enabler__status__in=over).exclude(**ahead).values_list("dependent", flat=True))


def _proposed(who):
    waiting = Item.objects.filter(who.readable(), product=who.ordered.product_id, status=Item.Status.PROPOSED)
    # The id of an item that the reader may not see is no place for them.
    before = Item.objects.filter(who.readable(), pk=OuterRef("proposal__before")).values("pk")
    fields = ("pk", "number", "kind", "type", "title", "created_by__name", "proposal__place")
    rows = waiting.order_by("-status_at", "-pk").values_list(*fields, Subquery(before))[:MOST_PROPOSED]
    names = ("id", "number", "kind", "type", "title", "by")
    return [
        dict(zip(names, row, strict=True)) | {"place": before or (place if place == "top" else "bottom")}
        for *row, place, before in rows
    ]


def _legend(product):
    rows = {
        "components": Component.objects.filter(product=product),
        "teams": Team.objects.filter(organization=product.organization_id),
        "tags": Tag.objects.filter(product=product),
    }
    named = [of.order_by().values_list(Value(kind), "pk", "name") for kind, of in rows.items()]
    legend = {
        "product": product.key,
        "order_rule": types_held_against_order(product),
        "levels": dict(Engagement.choices),
        **{kind: {} for kind in rows},
    }
    for kind, pk, name in named[0].union(*named[1:], all=True):
        legend[kind][str(pk)] = name
    return legend
