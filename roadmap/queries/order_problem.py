"""The order of a product as the decision core reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import connection

from backlog.models import Dependency, Item
from planning import graph, problem
from roadmap.queries.streams import morning_of

# Of what was finished lately, the points a week: what turns a due date into points of work.
PACE_WEEKS = 12

_ROWS = """
    SELECT item.id, item.number, item.kind, item.points, item.business_value, item.risk_reduction, item.debt_interest,
        item.debt_interest_unit, item.due_on, item.penalty_per_week, item.team_id, entry.is_pinned
    FROM backlog_orderentry entry JOIN backlog_item item ON item.id = entry.item_id
    WHERE entry.product_id = %s AND entry.is_listed ORDER BY entry.rank LIMIT %s
"""
_PACE = """
    SELECT COALESCE(sum(points), 0) FROM backlog_item
    WHERE product_id = %s AND status IN ('done', 'accepted') AND done_at >= %s AND done_at < %s
"""
_ALL = 1_000_000


@dataclass(frozen=True)
class OrderProblem:
    """backlog: the items in their present order, numbered by place. ids, numbers: of the items at these places.

    values: by field, (n,) value points a week: business_value, risk_reduction, interest. points_a_week: finished
    lately; 0 where nothing was, and then no due date counts. cycle: items of a dependency cycle, and then no backlog.
    """

    ids: Sequence[int]
    numbers: Sequence[int]
    backlog: problem.Problem | None
    values: dict[str, np.ndarray]
    points_a_week: float
    cycle: tuple[int, ...] = ()

    def place_of(self, item_id: int) -> int:
        return self.ids.index(item_id)


def order_problem(product, *, today: date, first: int = _ALL) -> OrderProblem:
    """The listed items of a product, or the first of them, in three statements.

    Debt interest in hours counts by `product.hours_per_point`; unset, it adds nothing.
    """
    rows = _rows(product, first)
    ids = [row[0] for row in rows]
    pace = _pace(product, today)
    interest = np.array([_interest(product, row[6], row[7]) for row in rows], float)
    points = [None if row[3] is None else float(row[3]) for row in rows]
    value, risk = (np.array([row[at] or 0 for row in rows], float) for at in (4, 5))
    weights = problem.weights_from_fields(value, risk, interest, [np.nan if p is None else p for p in points])
    built = problem.build(
        problem.fill_sizes(points) if rows else [],
        weights,
        _dependencies(product, ids),
        due=[_due(row[8], today, pace) for row in rows],
        penalties=[float(row[9] or 0) for row in rows],
        is_technical=[row[2] == Item.Kind.TECHNICAL for row in rows],
        teams=[row[10] or 0 for row in rows],
        is_locked=[row[11] for row in rows],
    )
    is_cycle = isinstance(built, graph.Cycle)
    return OrderProblem(
        ids=ids,
        numbers=[row[1] for row in rows],
        backlog=None if is_cycle else built,
        values={"business_value": value, "risk_reduction": risk, "interest": weights - value - risk},
        points_a_week=pace,
        cycle=tuple(ids[place] for place in built.items) if is_cycle else (),
    )


def _rows(product, first):
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [product.pk, first])
        return cursor.fetchall()


def _pace(product, today):
    until = morning_of(product, today)
    with connection.cursor() as cursor:
        cursor.execute(_PACE, [product.pk, until - timedelta(weeks=PACE_WEEKS), until])
        (points,) = cursor.fetchone()
    return float(points) / PACE_WEEKS


def _dependencies(product, ids):
    place = {pk: at for at, pk in enumerate(ids)}
    listed = {"order_entry__product": product, "order_entry__is_listed": True}
    within = {f"{side}__{name}": value for side in ("enabler", "dependent") for name, value in listed.items()}
    links = Dependency.objects.filter(**within).order_by("pk").values_list("enabler", "dependent")
    return [(place[enabler], place[item]) for enabler, item in links if enabler in place and item in place]


def _interest(product, interest, unit):
    if interest is None:
        return 0.0
    if unit == Item.InterestUnit.HOURS:
        return float(interest / product.hours_per_point) if product.hours_per_point else 0.0
    return float(interest)


def _due(due_on, today, pace):
    if due_on is None or not pace:
        return np.inf
    return max(0.0, (due_on - today).days / 7 * pace)
