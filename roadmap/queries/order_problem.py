"""The order of a product as the decision core reads it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import connection

from backlog.models import Item
from planning import graph, problem
from roadmap.queries.streams import morning_of

# Of what was finished lately, the points a week: what turns a due date into points of work.
PACE_WEEKS = 12

_ROWS = """
    SELECT item.id, item.number, item.kind, item.points, item.business_value, item.risk_reduction, item.debt_interest,
        item.debt_interest_unit, item.due_on, item.penalty_per_week, item.team_id, entry.is_pinned
    FROM (
        (SELECT id FROM backlog_orderentry WHERE product_id = %(product)s AND is_listed ORDER BY rank LIMIT %(first)s)
        UNION
        SELECT id FROM backlog_orderentry WHERE product_id = %(product)s AND is_listed AND item_id = ANY(%(besides)s)
    ) chosen
    JOIN backlog_orderentry entry USING (id)
    JOIN backlog_item item ON item.id = entry.item_id
    ORDER BY entry.rank
"""
# What unfinished items of other products are worth a week, each shared out among all that it still needs.
_ABROAD = """
    SELECT link.enabler_id, sum((COALESCE(abroad.business_value, 0) + COALESCE(abroad.risk_reduction, 0))::float / (
        SELECT count(*) FROM backlog_dependency other JOIN backlog_item need ON need.id = other.enabler_id
        WHERE other.dependent_id = abroad.id AND need.status IN ('open', 'in_progress')))
    FROM backlog_dependency link JOIN backlog_item abroad ON abroad.id = link.dependent_id
    WHERE link.enabler_id = ANY(%s) AND abroad.product_id <> %s AND abroad.status IN ('open', 'in_progress')
    GROUP BY link.enabler_id
"""
_PACE = """
    SELECT COALESCE(sum(points), 0) FROM backlog_item
    WHERE product_id = %s AND status IN ('done', 'accepted') AND done_at >= %s AND done_at < %s
"""
_LINKS = """
    SELECT enabler_id, dependent_id FROM backlog_dependency
    WHERE enabler_id = ANY(%s) AND dependent_id = ANY(%s) ORDER BY id
"""
_ALL = 1_000_000


@dataclass(frozen=True)
class OrderProblem:
    """backlog: the items in their present order, numbered by place. ids, numbers: of the items at these places.

    values: by field, (n,) value points a week: business_value, risk_reduction, interest, abroad (of other products'
    items that wait for it). points_a_week: finished lately; 0 where nothing was, and then no due date counts.
    is_estimated: (n,). cycle: items of a dependency cycle, and then no backlog.
    """

    ids: Sequence[int]
    numbers: Sequence[int]
    backlog: problem.Problem | None
    values: dict[str, np.ndarray]
    points_a_week: float
    is_estimated: np.ndarray
    cycle: tuple[int, ...] = ()

    def place_of(self, item_id: int) -> int:
        return self.ids.index(item_id)


def order_problem(product, *, today: date, first: int = _ALL, besides: Collection[int] = ()) -> OrderProblem:
    """The listed items of a product, or the first of them and those besides, in four statements.

    Debt interest in hours counts by `product.hours_per_point`; unset, it adds nothing.
    """
    rows = _rows(product, first, besides)
    ids = [row[0] for row in rows]
    pace = _pace(product, today)
    interest = np.array([_interest(product, row[6], row[7]) for row in rows], float)
    points = [None if row[3] is None else float(row[3]) for row in rows]
    value, risk = (np.array([row[at] or 0 for row in rows], float) for at in (4, 5))
    own = problem.weights_from_fields(value, risk, interest, [np.nan if p is None else p for p in points])
    abroad = _abroad(product, ids)
    built = problem.build(
        problem.fill_sizes(points) if rows else [],
        own + abroad,
        _dependencies(ids),
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
        values={"business_value": value, "risk_reduction": risk, "interest": own - value - risk, "abroad": abroad},
        points_a_week=pace,
        is_estimated=np.array([bool(p) for p in points], bool),
        cycle=tuple(ids[place] for place in built.items) if is_cycle else (),
    )


def _rows(product, first, besides):
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"product": product.pk, "first": first, "besides": list(besides)})
        return cursor.fetchall()


def _abroad(product, ids):
    with connection.cursor() as cursor:
        cursor.execute(_ABROAD, [ids, product.pk])
        worth = dict(cursor.fetchall())
    return np.array([worth.get(pk, 0.0) for pk in ids], float)


def _pace(product, today):
    until = morning_of(product, today)
    with connection.cursor() as cursor:
        cursor.execute(_PACE, [product.pk, until - timedelta(weeks=PACE_WEEKS), until])
        (points,) = cursor.fetchone()
    return float(points) / PACE_WEEKS


def _dependencies(ids):
    place = {pk: at for at, pk in enumerate(ids)}
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, [ids, ids])
        return [(place[enabler], place[item]) for enabler, item in cursor.fetchall()]


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
