"""What a forecast is made of: open items in order, what they need, who works on them, and what was finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from math import ceil, inf

import numpy as np
from django.db import connection

from backlog.models import Dependency, Goal, Item
from planning import problem
from planning.forecast import PERCENTS
from roadmap.models import Forecast, Release, ReleaseItem
from roadmap.queries.held import resolved_ratios
from roadmap.queries.streams import Streams, streams_of, throughput

# What is in an active sprint comes first; then the order.
_ITEMS = """
    SELECT item.id, COALESCE(sprint.team_id, item.team_id), item.goal_id, NOT entry.is_listed
    FROM backlog_orderentry entry
    JOIN backlog_item item ON item.id = entry.item_id
    LEFT JOIN sprints_sprintitem place ON place.item_id = item.id AND place.outcome = ''
    LEFT JOIN sprints_sprint sprint ON sprint.id = place.sprint_id
    WHERE entry.product_id = %s AND item.status IN ('open', 'in_progress')
        AND (entry.is_listed OR sprint.status = 'active')
    ORDER BY entry.is_listed, entry.rank
    LIMIT %s
"""
_ALL = 1_000_000


@dataclass(frozen=True)
class OpenItem:
    """is_ahead: in an active sprint, and so before all that is listed."""

    pk: int
    stream: int
    goal_id: int | None
    is_ahead: bool


@dataclass(frozen=True)
class ForecastInput:
    """items: in the order of work. needs: pairs of places in it, what enables and what it enables.

    waits: by place, the weeks at 50, 85 and 95 per cent after which what it needs in other products is done, by their
    latest forecasts. throughput, resolved: by stream, as `planning.dates.of_order` takes them. goals: ids of the open
    ones. releases: by id of the open ones, the items open in it.
    """

    streams: Streams
    items: Sequence[OpenItem]
    needs: Sequence[tuple[int, int]]
    waits: Mapping[int, tuple[float, ...]]
    throughput: Mapping[int, Sequence[int]]
    resolved: Mapping[int, Sequence[float]]
    releases: Mapping[int, Sequence[int]]
    goals: Sequence[int]

    @property
    def fingerprint(self) -> str:
        """Equal for equal input."""
        return sha256(repr(self).encode()).hexdigest()

    def problem(self) -> problem.Problem:
        """As the decision core reads it."""
        return as_problem(self.items, self.needs)

    def not_before(self) -> dict[int, np.ndarray]:
        """As `planning.dates.of_order` takes it."""
        found = {percent: np.zeros(len(self.items)) for percent in PERCENTS}
        for place, weeks in self.waits.items():
            for percent, week in zip(PERCENTS, weeks, strict=True):
                found[percent][place] = week
        return found


def forecast_input(product, *, on: date) -> ForecastInput:
    """Everything for the forecast of a product as of a day, in a fixed number of statements."""
    streams = streams_of(product)
    items = open_items(product, streams)
    return ForecastInput(
        streams=streams,
        items=items,
        needs=needs_among(items, product),
        waits=_waits(items, product, on),
        throughput=throughput(product, streams, on=on),
        resolved=resolved_ratios(product, streams, on=on),
        releases=open_in_releases(product),
        goals=tuple(Goal.objects.open().filter(product=product).order_by("pk").values_list("pk", flat=True)),
    )


def as_problem(items: Sequence[OpenItem], needs: Sequence[tuple[int, int]]) -> problem.Problem:
    """As the decision core reads them: each item one piece of work."""
    count = len(items)
    return problem.build(np.ones(count), np.zeros(count), needs, teams=[item.stream for item in items])


def open_items(product, streams: Streams, *, first: int = _ALL) -> list[OpenItem]:
    """The unfinished items of a product in the order of work, or the first of them, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [product.pk, first])
        rows = cursor.fetchall()
    return [OpenItem(pk, streams.of(team), goal, is_ahead) for pk, team, goal, is_ahead in rows]


def open_in_releases(product) -> dict[int, list[int]]:
    """By open release, the ids of its unfinished items; in two statements."""
    found: dict[int, list[int]] = {
        pk: [] for pk in Release.objects.open().filter(product=product).order_by("pk").values_list("pk", flat=True)
    }
    entries = ReleaseItem.objects.filter(
        product=product, is_in=True, release__released_at=None, item__status__in=Item.UNFINISHED
    )
    for release, item in entries.order_by("release", "item").values_list("release", "item"):
        found[release].append(item)
    return found


def needs_among(items: Sequence[OpenItem], product) -> list[tuple[int, int]]:
    """Pairs of places in the items, what enables and what it enables; in one statement."""
    place = {item.pk: index for index, item in enumerate(items)}
    # By ids, not by a join of items on both sides: that runs away where the tables have grown since their statistics.
    links = Dependency.objects.filter(dependent__in=list(place))
    pairs = links.order_by("pk").values_list("enabler", "dependent")
    return [(place[enabler], place[item]) for enabler, item in pairs if enabler in place and item in place]


def _waits(items, product, on):
    """What is not dated in its own product holds nothing up: the roadmap names it."""
    place = {item.pk: index for index, item in enumerate(items)}
    links = Dependency.objects.filter(dependent__in=list(place), enabler__status__in=Item.UNFINISHED)
    abroad = links.exclude(enabler__product=product).order_by("pk")
    pairs = list(abroad.values_list("dependent", "enabler", "enabler__product"))
    found: dict[int, tuple[float, ...]] = {}
    weeks = _weeks_abroad({of for _, _, of in pairs}, {enabler for _, enabler, _ in pairs}, on) if pairs else {}
    for dependent, enabler, _ in pairs:
        if enabler in weeks:
            known = found.get(place[dependent], (0.0,) * len(PERCENTS))
            found[place[dependent]] = tuple(map(max, known, weeks[enabler]))
    return found


def _weeks_abroad(products, wanted, on):
    """Weeks from the day on, by item, as the latest forecasts of these products say; infinite: not within two years."""
    latest = Forecast.objects.filter(product__in=products, on__lte=on).order_by("product", "-on").distinct("product")
    found = {}
    for forecast in latest:
        gone = (on - forecast.on).days
        said = zip(forecast.items, forecast.weeks_50, forecast.weeks_85, forecast.weeks_95, strict=True)
        for item, *weeks in said:
            if item in wanted:
                found[item] = tuple(inf if week is None else max(0, ceil((7 * week - gone) / 7)) for week in weeks)
    return found
