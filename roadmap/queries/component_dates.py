"""When the work of one component is forecast."""

from dataclasses import dataclass
from datetime import date, timedelta

from backlog.models import Item
from backlog.queries.readers import reader
from roadmap.models import Forecast


@dataclass(frozen=True)
class ComponentDates:
    """At 85 %, of its items in the order. next_on, last_on: None without any date; undated: not within two years."""

    next_key: str
    next_on: date | None
    last_on: date | None
    undated: int


def component_dates(product, user, component, *, today: date) -> ComponentDates:
    """In three statements, as far as the reader sees items."""
    forecast = Forecast.objects.filter(product=product, on__lte=today).latest_first().first()
    items = Item.objects.open().filter(reader(product, user).readable(), component=component)
    numbers = dict(items.values_list("pk", "number"))
    if forecast is None:
        return ComponentDates("", None, None, len(numbers))
    weeks = dict(zip(forecast.items, forecast.weeks_85, strict=True))
    dated = sorted((weeks[pk], number) for pk, number in numbers.items() if weeks.get(pk) is not None)
    if not dated:
        return ComponentDates("", None, None, len(numbers))
    first, last = (forecast.on + timedelta(weeks=end[0]) for end in (dated[0], dated[-1]))
    return ComponentDates(f"{product.key}-{dated[0][1]}", first, last, len(numbers) - len(dated))
