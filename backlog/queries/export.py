"""A backlog as a table, in the order's order, from which an import makes the same backlog again."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from backlog.formats import tables
from backlog.formats.records import LABELS
from backlog.models import (
    AcceptanceCriterion,
    Dependency,
    Item,
    ItemComponent,
    ItemLink,
    ItemTag,
    Product,
)

_ONCE = (
    "key",
    "title",
    "kind",
    "type",
    "discipline",
    "status",
    "status_at",
    "status_reason",
    "started_at",
    "done_at",
    "created_at",
    "created_by",
    "assignee",
    "team",
    "parent",
    "goal",
    "component",
    "points",
    "business_value",
    "time_criticality",
    "risk_reduction",
    "due_on",
    "penalty_per_week",
    "debt_principal",
    "debt_interest",
    "debt_interest_unit",
    "is_restricted",
    "engagement",
    "is_pinned",
    "plain_title",
    "plain_lead",
    "description",
)
_MANY = ("further_component", "tag", "fix_version", "criterion", "needs", "relates", "duplicates")


def lines(product: Product, *, by) -> Iterator[str]:
    """Give the lines of a CSV file with every item of the product that the person may read.

    Dependencies and links are written where the person may read both ends. Columns that hold several values
    are repeated. A re-import into an empty product of the same key, exported again, gives the same bytes.
    """
    items = list(_items(product, by))
    many = _many(product, items, by)
    widths = {name: max((len(values[name]) for values in many.values()), default=0) or 1 for name in _MANY}
    header = [LABELS[name] for name in _ONCE] + [LABELS[name] for name in _MANY for _ in range(widths[name])]
    yield from tables.write([header])
    keys = {item.pk: item.key for item in items}
    yield from tables.write(_row(item, many[item.pk], widths, keys) for item in items)


def _items(product, by):
    rows = Item.objects.visible_to(by).filter(product=product)
    return (
        rows.select_related("product", "component", "team", "goal", "assignee", "created_by", "order_entry")
        .defer("search")
        .order_by("order_entry__rank", "number")
    )


def _many(product, items, by):
    many = defaultdict(lambda: {name: [] for name in _MANY})
    for item in items:
        many[item.pk]["fix_version"] = list(item.source_fix_versions)
    of_items = {"item__in": [item.pk for item in items]}
    for item_id, name in ItemComponent.objects.filter(**of_items).values_list("item_id", "component__name"):
        many[item_id]["further_component"].append(name)
    for item_id, name in ItemTag.objects.filter(**of_items).values_list("item_id", "tag__name"):
        many[item_id]["tag"].append(name)
    criteria = AcceptanceCriterion.objects.filter(**of_items).order_by("position")
    for item_id, text, met_at in criteria.values_list("item_id", "text", "met_at"):
        many[item_id]["criterion"].append(f"[{'x' if met_at else ' '}] {text}")
    for name, pairs in _pairs(product, by):
        for item_id, key, number in pairs:
            many[item_id][name].append((key, number))
    for values in many.values():
        values["further_component"].sort()
        values["tag"].sort(key=lambda name: (name.lower(), name))
        for name in ("needs", "relates", "duplicates"):
            values[name] = [f"{key}-{number}" for key, number in sorted(values[name])]
    return many


def _pairs(product, by):
    visible = Item.objects.readable_by(by)
    needs = Dependency.objects.filter(dependent__product=product, enabler__in=visible)
    yield "needs", needs.values_list("dependent_id", "enabler__product__key", "enabler__number")
    for name in (ItemLink.Kind.RELATES, ItemLink.Kind.DUPLICATES):
        links = ItemLink.objects.filter(kind=name, source__product=product, target__in=visible)
        yield name.value, links.values_list("source_id", "target__product__key", "target__number")


def _row(item, many, widths, keys):
    once = [_text(_value(item, name, keys)) for name in _ONCE]
    return once + [text for name in _MANY for text in [*many[name], *[""] * (widths[name] - len(many[name]))]]


def _value(item, name, keys):
    match name:
        case "created_by" | "assignee":
            person = getattr(item, name)
            return person and person.email
        case "parent":
            return keys.get(item.parent_id, "")
        case "is_pinned":
            entry = getattr(item, "order_entry", None)
            return entry is not None and entry.is_pinned
    return getattr(item, name)


def _text(value):
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
    if hasattr(value, "normalize"):
        return f"{value.normalize():f}"
    return str(value)
