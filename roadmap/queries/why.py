"""Why an item stands where it stands: its levers, its neighbours, and what a pin or an inversion costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from backlog.models import Item
from backlog.queries.readers import Reader
from planning import deadlines, pins, problem, reasons
from planning.forecast import walk
from roadmap.queries.curves import Curves, latest_curves
from roadmap.queries.forecast_input import as_problem, needs_among, open_items
from roadmap.queries.order_problem import OrderProblem, order_problem

# A request compares this many places; what stands further down is too far off to be explained by its neighbours.
FIRST = 2_000
_PERCENT = 85
# Places that are no difference worth telling.
_NEAR = 3


@dataclass(frozen=True)
class Named:
    """An item as a sentence names it; figure: value points a week, or a point. None: the reader may not see it."""

    key: str
    number: int
    figure: float


@dataclass(frozen=True)
class Lever:
    """value: value points a week; percent: of the largest lever of this item."""

    label: str
    value: float
    percent: int


@dataclass(frozen=True)
class Inversion:
    """needs: what the item needs and stands below it. on, mended_on: when the item is done at 85 %, as it stands and
    with them moved above it; None without a date. share: of the cost of delay that mending saves."""

    needs: tuple[Named, ...]
    on: date | None
    mended_on: date | None
    share: float


@dataclass(frozen=True)
class Why:
    """is_far: below the first 2,000 places; then only position and `done_on` are told. has_values: any lever is set.

    position, best_position: from 1, where it stands and where value alone would put it. weight: value points a week
    that a week of delay costs; money: the same in the product's currency, if it has a rate. size: points.
    own_ratio: weight a point; ratio: with what flows back from what it enables (received).
    above, below: the neighbours with their ratio. pin_share: of the cost of delay, what its pin costs or would cost;
    pin_cost: the same in value points, where the pace is known.
    """

    key: str
    position: int
    is_far: bool = False
    has_cycle: bool = False
    is_pinned: bool = False
    is_estimated: bool = False
    best_position: int = 0
    weight: float = 0
    money: float | None = None
    size: float = 0
    own_ratio: float = 0
    ratio: float = 0
    levers: tuple[Lever, ...] = ()
    received: tuple[Named, ...] = ()
    received_sum: float = 0
    waits_for: tuple[Named, ...] = ()
    above: Named | None = None
    below: Named | None = None
    inversion: Inversion | None = None
    pin_share: float = 0
    pin_cost: float | None = None
    done_on: date | None = None

    @property
    def is_by_value(self) -> bool:
        """Does it stand about where value alone would put it?"""
        return abs(self.best_position - self.position) <= max(_NEAR, self.position // 5)

    @property
    def has_values(self) -> bool:
        return bool(self.levers)


def why(product, item: Item, who: Reader, *, today: date) -> Why | None:
    """Explain the place of a listed item, in a fixed number of statements; None if it is not in the list.

    The first 2,000 places are compared, due dates by where the items stand now: an answer within 300 ms.
    """
    given = order_problem(product, today=today, first=FIRST)
    if item.pk not in given.ids:
        entry = item.order_entry
        if not entry.is_listed:
            return None
        position = 1 + type(entry).objects.filter(list=entry.list_id, is_listed=True, rank__lt=entry.rank).count()
        return Why(item.key, position, is_far=position > FIRST)
    place = given.place_of(item.pk)
    if given.backlog is None:
        return Why(item.key, place + 1, has_cycle=True)
    dates = _Dates(product, latest_curves(product, today=today))
    return _explained(product, item, given, place, _Names(product, given, who), dates)


def _explained(product, item, given, place, names, dates):
    backlog = given.backlog
    best = deadlines.order_at_a_glance(backlog)
    found = reasons.why_here(backlog, best, place)
    ratios = np.bincount(best.blocks, best.weights) / np.bincount(best.blocks, backlog.sizes)
    weight = found.weight + found.date_weight
    levers = _levers(given, found)
    share, cost = _price(given, best, place)
    below = _needs_below(backlog, place)
    return Why(
        key=item.key,
        position=place + 1,
        is_pinned=bool(backlog.is_locked[place]),
        is_estimated=bool(item.points),
        best_position=found.place + 1,
        weight=weight,
        money=weight * float(product.value_point_in_currency) if product.value_point_in_currency else None,
        size=found.size,
        own_ratio=weight / found.size,
        ratio=found.ratio,
        levers=levers,
        received=names.of(found.received),
        received_sum=sum(found.received.values()),
        waits_for=names.of(dict.fromkeys(_needs(backlog, place), 0.0)),
        above=names.one(place - 1, ratios[best.blocks[place - 1]]) if place else None,
        below=names.one(place + 1, ratios[best.blocks[place + 1]]) if place + 1 < backlog.count else None,
        inversion=_inversion(given, place, below, names, dates) if below else None,
        pin_share=share,
        pin_cost=cost,
        done_on=dates.of(item.pk, given.ids),
    )


def _levers(given, found):
    values = {
        "Value": given.values["business_value"][found.item],
        "Risk reduction": given.values["risk_reduction"][found.item],
        "Debt interest": given.values["interest"][found.item],
        "Other products": given.values["abroad"][found.item],
        "Due date": found.date_weight,
        "What it enables": sum(found.received.values()),
    }
    most = max(values.values())
    return tuple(Lever(label, float(v), round(100 * v / most)) for label, v in values.items() if v > 0.05)


def _price(given, best, place):
    """What a pin at the present place costs, the others staying: (share of the cost of delay, value points or None)."""
    # Dates count by what they weigh at present: two whole searches with dates would take seconds.
    timeless = replace(given.backlog, weights=best.weights, due=np.full(given.backlog.count, np.inf))
    pin = pins.Slot(place, place)
    price = pins.price(timeless, {*pins.from_locked(timeless), pin}, pin)
    return price.share, price.cost / given.points_a_week if given.points_a_week else None


def _needs(backlog, place):
    return backlog.enablers[backlog.enabled == place].tolist()


def _needs_below(backlog, place):
    return [need for need in _needs(backlog, place) if need > place]


def _inversion(given, place, below, names, dates):
    backlog = given.backlog
    present = np.arange(backlog.count)
    mended = _moved_above(present, below, place)
    costs = [problem.cost(backlog, problem.as_it_comes(backlog, order)) for order in (present, mended)]
    pk = given.ids[place]
    return Inversion(
        needs=names.of(dict.fromkeys(below, 0.0)),
        on=dates.of(pk, given.ids),
        mended_on=dates.of(pk, [given.ids[at] for at in mended]),
        share=max(0.0, 1 - costs[1] / costs[0]) if costs[0] else 0.0,
    )


def _moved_above(present, moving, place):
    rest = [at for at in present.tolist() if at not in moving]
    at = rest.index(place)
    return np.array([*rest[:at], *sorted(moving), *rest[at:]])


class _Names:
    """Keys of places, as far as the reader may see them; in one statement."""

    def __init__(self, product, given: OrderProblem, who: Reader):
        self.product, self.given = product, given
        self.hidden = set()
        if not who.sees_all:
            listed = Item.objects.filter(product=product, is_restricted=True, order_entry__is_listed=True)
            self.hidden = set(listed.exclude(who.readable()).values_list("pk", flat=True))

    def one(self, place: int, figure: float) -> Named | None:
        if self.given.ids[place] in self.hidden:
            return None
        number = self.given.numbers[place]
        return Named(f"{self.product.key}-{number}", number, float(figure))

    def of(self, figures: dict[int, float]) -> tuple[Named, ...]:
        """The largest first."""
        largest = sorted(figures.items(), key=lambda pair: -pair[1])
        return tuple(named for place, figure in largest if (named := self.one(place, figure)))


class _Dates:
    """When items are done at 85 %, by the latest forecast and any order of the list."""

    def __init__(self, product, curves: Curves):
        self.curves = curves
        self.items = open_items(product, curves.streams, first=FIRST) if curves.forecast else []
        self.backlog = as_problem(self.items, needs_among(self.items, product)) if self.items else None
        self.place = {item.pk: place for place, item in enumerate(self.items)}

    def of(self, item_id: int, listed: Sequence[int]) -> date | None:
        if item_id not in self.place:
            return None
        ahead = [place for place, item in enumerate(self.items) if item.is_ahead]
        known = [*ahead, *(self.place[pk] for pk in listed if pk in self.place)]
        # An item that came into the list a moment ago goes last.
        sequence = list(dict.fromkeys([*known, *range(len(self.items))]))
        weeks = walk(self.backlog, sequence, self.curves.of(_PERCENT), finished=self.curves.finished)
        week = weeks[self.place[item_id]]
        return self.curves.forecast.on + timedelta(weeks=int(week)) if np.isfinite(week) else None
