"""A page of a product's backlog, in its order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q

from backlog.models import Engagement, Item, ItemTag, OrderEntry
from backlog.models.levels import level_at
from backlog.queries.filters import Filter
from backlog.queries.readers import reader
from backlog.queries.search import SHOWN, Hit, hits
from core.errors import InvalidInput

PAGE_SIZE = 100

_FIELDS = (
    "item_id",
    "item__number",
    "item__kind",
    "item__type",
    "item__title",
    "item__points",
    "item__status",
    "item__component_id",
    "item__component__name",
    "item__team_id",
    "item__team__name",
    "item__assignee_id",
    "item__assignee__name",
    "item__checks_met",
    "item__checks_total",
    "item__open_question_count",
    "item__due_on",
    "item__is_restricted",
    "is_pinned",
    "level",
)

_TAGS = ArraySubquery(ItemTag.objects.filter(item=OuterRef("item")).order_by("tag__name").values("tag__name"))
# Made once, since Django takes as long to make it as PostgreSQL to answer.
_ENTRIES = OrderEntry.objects.filter(is_listed=True).annotate(level=level_at("item__")).order_by("rank")
_ROWS = _ENTRIES.values_list(*_FIELDS, _TAGS)


@dataclass(frozen=True)
class BacklogRow:
    """position: counted from 1 among the items the reader sees; None where a filter leaves some out."""

    id: int
    number: int
    kind: str
    type: str
    title: str
    points: Decimal | None
    status: str
    component_id: int | None
    component: str | None
    team_id: int | None
    team: str | None
    assignee_id: int | None
    assignee: str | None
    checks_met: int
    checks_total: int
    open_question_count: int
    due_on: date | None
    is_restricted: bool
    is_pinned: bool
    level: str
    key: str
    position: int | None
    tags: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """All checks are met, but for the one that depends on the order."""
        return self.checks_met == self.checks_total

    @property
    def level_label(self) -> str:
        return Engagement(self.level).label if self.level else ""

    @property
    def is_technical(self) -> bool:
        return self.kind == "technical"


@dataclass(frozen=True)
class BacklogPage:
    """next: the cursor of the page that follows, empty on the last one."""

    rows: list[BacklogRow]
    next: str


def backlog_page(
    product,
    user,
    *,
    cursor: str = "",
    filters: Mapping[str, str] | None = None,
    filter: Filter | None = None,
    size: int = PAGE_SIZE,
) -> BacklogPage:
    """One page of the listed items that the person may see, in two statements.

    Words of a filter are one more; where they find fewer than five, others look for titles that have nearly these.

    filters: any of kind, type, status, component, team, tag, assignee (an id, or "none" where there may be none),
    ready ("yes", "no"). filter: what else they must be.
    Raises InvalidInput for a filter or a cursor that can't be read.
    """
    condition = _condition(filters or {})
    who = filter.scope.who if filter else reader(product, user)
    # The list by its id: by way of its product, PostgreSQL would sort all of it.
    entries = _ROWS.filter(who.readable("item__"), condition, list=who.ordered.pk)
    start = 1
    if cursor:
        last, start = _opened(cursor)
        entries = entries.filter(rank__gt=OrderEntry.objects.filter(list=who.ordered.pk, item_id=last).values("rank"))
    found = filter.find(entries, most=size + 1) if filter else list(entries[: size + 1])
    rows = [
        BacklogRow(
            *values,
            key=f"{product.key}-{values[1]}",
            position=None if condition or filter else position,
            tags=tuple(tags),
        )
        for position, (*values, tags) in enumerate(found[:size], start)
    ]
    has_more = len(found) > size
    return BacklogPage(rows, f"{rows[-1].id}.{start + size}" if has_more else "")


def matching(filter: Filter) -> list[int]:
    """Ids of all the listed items of the reader that fit a filter, in no particular order."""
    who = filter.scope.who
    # The product again, beside its list: else PostgreSQL may read the words of every product's items.
    of_product = {"list": who.ordered.pk, "is_listed": True, "item__product": filter.scope.product_id}
    entries = OrderEntry.objects.filter(who.readable("item__"), **of_product)
    return filter.find(entries.values_list("item_id", flat=True))


def outside(filter: Filter) -> list[Hit]:
    """The first 50 items of the reader that fit a filter and are not in the list, newest first."""
    fitting = filter.on_items()
    items = Item.objects.filter(fitting.scope.who.readable(), product=fitting.scope.product_id)
    unlisted = items.exclude(order_entry__is_listed=True).order_by("-pk")
    return hits(fitting.scope.product_key, fitting.find(unlisted.values_list("pk", flat=True), most=SHOWN))


def _condition(filters):
    condition = Q()
    for name, value in filters.items():
        condition &= _one_condition(name, value)
    return condition


def _one_condition(name, value):
    match name, value:
        case (("kind" | "type" | "status"), _):
            return Q(**{f"item__{name}": value})
        case (("component" | "team" | "assignee"), "none"):
            return Q(**{f"item__{name}": None})
        case (("component" | "team" | "assignee"), _):
            return Q(**{f"item__{name}": _number(name, value)})
        case "tag", _:
            return Exists(ItemTag.objects.filter(item=OuterRef("item"), tag=_number(name, value)))
        case "ready", "yes":
            return Q(item__checks_met=F("item__checks_total"))
        case "ready", "no":
            return Q(item__checks_met__lt=F("item__checks_total"))
    raise InvalidInput("There is no such filter.", field=name)


def _number(name, value):
    if not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 18:
        raise InvalidInput("This is not an id.", field=name)
    return int(value)


def _opened(cursor):
    item, _, start = cursor.partition(".")
    return _number("cursor", item), _number("cursor", start)
