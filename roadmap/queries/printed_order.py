"""The order for paper, whole or what a filter shows, with its dates."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from backlog.models import Goal, Item, OrderEntry
from backlog.queries import filters
from backlog.queries.filter_language import FilterUnreadable
from backlog.queries.readers import reader
from roadmap.models import Forecast

# Nobody reads the 300th sheet; the file of an export has all of it.
MOST_ROWS = 10_000
_FIELDS = (
    "item_id",
    "item__number",
    "item__title",
    "item__kind",
    "item__type",
    "item__status",
    "item__is_restricted",
    "item__component__name",
    "item__points",
    "is_pinned",
)


@dataclass(frozen=True)
class PrintedRow:
    """done_on: at 85 %, None without a date. component: empty where there is none."""

    position: int
    number: int
    title: str
    type: str
    is_technical: bool
    is_in_progress: bool
    is_pinned: bool
    is_restricted: bool
    component: str
    points: Decimal | None
    done_on: date | None


@dataclass(frozen=True)
class PrintedOrder:
    """The first 10,000 of item_count items that the reader sees. on: the day of the forecast, None before the first.
    filter: what they fit, empty for all; mistake: why it could not be read, and then there are no rows."""

    goal: str
    rows: tuple[PrintedRow, ...]
    item_count: int
    on: date | None
    filter: str = ""
    mistake: str = ""

    @property
    def is_cut(self) -> bool:
        return len(self.rows) < self.item_count


def printed_order(product, user, *, today: date, filter: str = "") -> PrintedOrder:
    """The listed items in their order, in five statements; those that fit a filter, at their places in the whole."""
    who = reader(product, user)
    listed = OrderEntry.objects.filter(who.readable("item__"), list=who.ordered.pk, is_listed=True).order_by("rank")
    places, fitting, mistake = {}, listed, ""
    if filter:
        places = {pk: position for position, pk in enumerate(listed.values_list("item_id", flat=True), 1)}
        try:
            understood = filters.understand(product, who, filter, named=Item.objects.readable_by(user))
            fitting = listed.filter(item__in=understood.find(listed.values_list("item_id", flat=True)))
        except FilterUnreadable as error:
            fitting, mistake = listed.none(), str(error)
    rows = list(fitting.values_list(*_FIELDS)[:MOST_ROWS])
    forecast = Forecast.objects.filter(product=product, on__lte=today).latest_first().first()
    ends = _ends(forecast) if forecast else {}
    goal = Goal.objects.open().filter(product=product, is_product_goal=True).values_list("title", flat=True).first()
    return PrintedOrder(
        goal=goal or "",
        rows=tuple(_row(places.get(row[0], count), ends, *row) for count, row in enumerate(rows, 1)),
        item_count=fitting.count(),
        on=forecast and forecast.on,
        filter=filter,
        mistake=mistake,
    )


def _ends(forecast):
    days = {weeks: weeks and forecast.on + timedelta(weeks=weeks) for weeks in set(forecast.weeks_85)}
    return {item: days[weeks] for item, weeks in zip(forecast.items, forecast.weeks_85, strict=True)}


def _row(position, ends, pk, number, title, kind, type, status, is_restricted, component, points, is_pinned):
    return PrintedRow(
        position=position,
        number=number,
        title=title,
        type=Item.Type(type).label if kind == Item.Kind.TECHNICAL or type == Item.Type.BUG else "Functional",
        is_technical=kind == Item.Kind.TECHNICAL,
        is_in_progress=status == Item.Status.IN_PROGRESS,
        is_pinned=is_pinned,
        is_restricted=is_restricted,
        component=component or "",
        points=points,
        done_on=ends.get(pk),
    )
