"""What the debt of a product costs, now and on days before, from what was recorded of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from backlog.models import Item
from core.models import Event

TREND_MONTHS = 6
OVER = (Item.Status.DONE, Item.Status.ACCEPTED)
OPEN = (Item.Status.PROPOSED, *Item.UNFINISHED)
_FOLLOWED = {"status": "status", "type": "type", "debt_interest": "interest", "debt_interest_unit": "unit"}


class Figures(NamedTuple):
    """Of one debt, as it is now. since: what its entry says, None where it says nothing."""

    pk: int
    status: str
    principal: Decimal | None
    interest: Decimal | None
    unit: str
    created_at: datetime
    status_at: datetime
    since: date | None
    done_at: datetime | None

    FIELDS = (
        *("pk", "status", "debt_principal", "debt_interest", "debt_interest_unit", "created_at", "status_at"),
        *("debt_entry__since", "done_at"),
    )


@dataclass(frozen=True)
class TrendPoint:
    """interest: points a sprint, of what was open on that day with the figure it had then. height: percent of the most.

    repaid: points since the point before, 0 in the first one. assumed: debts that had no figure on that day yet and
    count with their first one.
    """

    on: date
    interest: float
    height: float
    repaid: float
    assumed: frozenset[int]


def a_sprint(product, interest: Decimal | None, unit: str) -> float | None:
    """Interest in points a sprint; None where none is known or hours have no worth in points."""
    if interest is None:
        return None
    if unit == Item.InterestUnit.HOURS:
        if not product.hours_per_point:
            return None
        interest = interest / product.hours_per_point
    return float(interest) * product.sprint_length_days / 7


def interest_trend(product, debts: Sequence[Figures], now: datetime) -> tuple[TrendPoint, ...]:
    """A point a month, oldest first, in one statement: from the figures of today, what was recorded since is undone.

    debts: those of the product that are of type debt now. Hours count with what an hour is worth now.
    """
    days = [now - timedelta(days=round(30.4 * month)) for month in range(TREND_MONTHS, -1, -1)]
    recorded = _recorded([debt.pk for debt in debts], days[0])
    sums, assumed = [0.0] * len(days), [set() for _ in days]
    for debt in debts:
        for place, (interest, is_assumed) in enumerate(_carried(product, debt, recorded[debt.pk], days)):
            sums[place] += interest
            if is_assumed and interest:
                assumed[place].add(debt.pk)
    most = max(sums) or 1
    repaid = [0.0, *(_repaid_between(debts, *pair) for pair in pairwise(days))]
    return tuple(
        TrendPoint(day.date(), round(total, 1), round(100 * total / most, 1), points, frozenset(unknown))
        for day, total, points, unknown in zip(days, sums, repaid, assumed, strict=True)
    )


def _recorded(ids, since):
    """By debt: (when, {field: its value before}), the newest first."""
    events = Event.objects.filter(
        target_type=Item._meta.label_lower,
        target_id__in=ids,
        at__gt=since,
        data__changes__has_any_keys=list(_FOLLOWED),
    )
    found = defaultdict(list)
    for item, at, changes in sorted(
        events.values_list("target_id", "at", "data__changes"), key=lambda row: row[1], reverse=True
    ):
        before = {_FOLLOWED[name]: pair[0] for name, pair in changes.items() if name in _FOLLOWED}
        found[item].append((at, before))
    return found


def _carried(product, debt, recorded, days):
    """By day: points a sprint, and whether that is a later figure because there was none yet."""
    state = {"status": debt.status, "type": Item.Type.DEBT, "interest": debt.interest, "unit": debt.unit}
    undone = list(recorded)
    if debt.status not in OPEN and not any("status" in before for _, before in undone):
        # What came in from elsewhere was over when it came: its own date is all that is known.
        undone = sorted([*undone, (debt.status_at, {"status": Item.Status.OPEN})], key=lambda one: one[0], reverse=True)
    undone.reverse()
    known = (debt.interest, debt.unit)
    found = []
    for day in reversed(days):
        while undone and undone[-1][0] > day:
            _, before = undone.pop()
            state |= before
            if state["interest"] is not None:
                known = (Decimal(state["interest"]), state["unit"])
        is_assumed = state["interest"] is None or debt.created_at > day
        is_carried = _was_open(debt, state, day)
        found.append(((a_sprint(product, *known) or 0.0) if is_carried else 0.0, is_assumed))
    return reversed(found)


def _was_open(debt, state, day):
    began = debt.since or debt.created_at.date()
    # Whoever says since when it is a debt knows better than its type does.
    is_debt = state["type"] == Item.Type.DEBT or debt.since is not None
    return is_debt and began <= day.date() and state["status"] in OPEN


def _repaid_between(debts, since, until):
    over = [debt.principal for debt in debts if debt.status in OVER and debt.done_at and since < debt.done_at <= until]
    return float(sum(points or 0 for points in over))
