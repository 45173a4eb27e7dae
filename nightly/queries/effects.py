"""What moves do to an order as it stands now: the figures before and after, and which moves no longer fit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from django.db.models import Count, Q

from backlog.models import Goal, Item, Move
from nightly.models import ProposedMove
from nightly.models.proposals import REPAIRS
from planning import moves, problem, technical_share
from planning.forecast import walk
from roadmap.queries.curves import Curves, latest_curves
from roadmap.queries.forecast_input import OpenItem, as_problem, needs_among, open_items
from roadmap.queries.order_problem import OrderProblem, order_problem

PERCENT = 85
SPRINTS_AHEAD = 3
# Without a pace there are no sprints' worth of points: so many items instead.
ITEMS_AHEAD = 30

Direction = ProposedMove.Direction
_DIRECTIONS = {Direction.EARLIER: moves.Direction.EARLIER, Direction.LATER: moves.Direction.LATER}


@dataclass(frozen=True)
class GoalAhead:
    """item_count: unfinished items of the whole product that belong to it."""

    pk: int
    title: str
    item_count: int


@dataclass(frozen=True)
class Situation:
    """An order as it stands, and what dates it: the latest forecast, the work in its order, and the open goals."""

    product: object
    given: OrderProblem
    curves: Curves
    work: Sequence[OpenItem]
    work_problem: problem.Problem | None
    goals: Sequence[GoalAhead]

    @property
    def present(self) -> np.ndarray:
        return np.arange(len(self.given.ids))


@dataclass(frozen=True)
class Effect:
    """sequence: of places. gains, stale: by place in the list of moves: what each gains, or why it is left out."""

    sequence: np.ndarray
    gains: Mapping[int, float]
    stale: Mapping[int, str]


@dataclass(frozen=True)
class Figures:
    """What is told of an order.

    cost: value points a week times points of work. inverted: items above something they need. technical_share: 0 … 1 of
    the work ahead. dates: by goal, the day by which all its items are done at 85 %; goals without one are left out.
    """

    cost: float
    inverted: int
    technical_share: float
    dates: Mapping[int, date]


def situation(product, *, today: date, first: int = moves.HORIZON, besides: Collection[int] = ()) -> Situation:
    """The first items of a product's order and those besides, in a fixed number of statements."""
    given = order_problem(product, today=today, first=first, besides=besides)
    curves = latest_curves(product, today=today)
    work = open_items(product, curves.streams, first=first) if curves.forecast else []
    unfinished = Count("items", filter=Q(items__status__in=Item.UNFINISHED))
    goals = Goal.objects.open().filter(product=product).annotate(unfinished=unfinished)
    return Situation(
        product=product,
        given=given,
        curves=curves,
        work=work,
        work_problem=as_problem(work, needs_among(work, product)) if work else None,
        goals=[
            GoalAhead(goal.pk, goal.title, goal.unfinished)
            for goal in goals.order_by("-is_product_goal", "position", "pk")
        ],
    )


def moved_by_hand(product, since: int, made: Iterable[ProposedMove]) -> set[int]:
    """Items of these moves that somebody has moved since a version of the order, in one statement.

    Steps that made a proposed move, and those that took one back, do not count.
    """
    made = list(made)
    ours = {move.applied_version for move in made} - {None}
    items = [move.item_id for move in made]
    steps = Move.objects.filter(
        list__product=product,
        version__gt=since,
        kind__in=[Move.Kind.MOVE, Move.Kind.PERMUTE],
        items__overlap=items,
        redoes=None,
    )
    found = steps.exclude(version__in=ours).exclude(undoes__in=ours).values_list("items", flat=True)
    return {item for moved in found for item in moved} & set(items)


def effect_of(
    now: Situation,
    chosen: Sequence[ProposedMove],
    by_hand: Collection[int] = (),
    among: Collection[int] | None = None,
) -> Effect:
    """Make the moves, in their order, on the order as it stands; those that no longer fit or pay fall out.

    by_hand: items that people have moved since; their place stays as it is. among: ids of the only items that change
    places, with one another; None for all that are not pinned.
    """
    backlog = now.given.backlog
    if among is not None:
        backlog = replace(backlog, is_locked=np.array([pk not in among for pk in now.given.ids]))
    place = {pk: at for at, pk in enumerate(now.given.ids)}
    stale = {at: why for at, move in enumerate(chosen) if (why := _hindrance(now, place, move, by_hand))}
    while True:
        made = [at for at in range(len(chosen)) if at not in stale]
        found = moves.effect(backlog, [_numbered(chosen[at], place) for at in made])
        gains = dict(zip(made, found.gains, strict=True))
        fallen = ((at, why) for at, gain in gains.items() if (why := _worthless(chosen[at], gain)))
        # Without the first of them the others may be worth making.
        first = next(fallen, None)
        if first is None:
            return Effect(found.sequence, gains, stale)
        stale[first[0]] = first[1]


def figures(now: Situation, sequence: np.ndarray) -> Figures:
    """What an order of the places gives."""
    backlog = now.given.backlog
    place = np.empty(backlog.count, np.int64)
    place[sequence] = np.arange(backlog.count)
    inverted = backlog.enabled[place[backlog.enablers] > place[backlog.enabled]]
    return Figures(
        cost=problem.cost(backlog, problem.as_it_comes(backlog, sequence)),
        inverted=len(np.unique(inverted)),
        technical_share=technical_share.share_ahead(backlog, sequence, _points_ahead(now, sequence)),
        dates=_dates(now, [now.given.ids[at] for at in sequence.tolist()]),
    )


def _hindrance(now, place, move, by_hand):
    if move.item_id not in place or move.anchor_id not in place:
        return "left"
    if move.item_id in by_hand:
        return "moved"
    if now.given.backlog.is_locked[place[move.item_id]]:
        return "pinned"
    return ""


def _worthless(move, gain):
    if gain is None:
        return "there"
    return "no_gain" if gain <= 0 and move.reason_key not in REPAIRS else ""


def _numbered(move, place):
    return moves.Move(
        item=place[move.item_id],
        bundle=tuple(place[pk] for pk in move.bundle if pk in place),
        direction=_DIRECTIONS[move.direction],
        anchor=place[move.anchor_id],
        from_place=0,
        to_place=0,
        gain=move.gain,
        share=move.share,
        robustness=move.robustness,
        reason=moves.Reason(move.reason_key, {}),
    )


def _points_ahead(now, sequence):
    if now.given.points_a_week:
        return SPRINTS_AHEAD * now.product.sprint_length_days / 7 * now.given.points_a_week
    return float(now.given.backlog.sizes[sequence[:ITEMS_AHEAD]].sum())


def _dates(now, listed):
    if not now.work:
        return {}
    place = {item.pk: at for at, item in enumerate(now.work)}
    ahead = [at for at, item in enumerate(now.work) if item.is_ahead]
    known = [*ahead, *(place[pk] for pk in listed if pk in place)]
    # An item that came into the list a moment ago goes last.
    sequence = list(dict.fromkeys([*known, *range(len(now.work))]))
    weeks = walk(now.work_problem, sequence, now.curves.of(PERCENT), finished=now.curves.finished)
    of_goal = {}
    for at, item in enumerate(now.work):
        if item.goal_id:
            of_goal.setdefault(item.goal_id, []).append(weeks[at])
    return {
        goal.pk: now.curves.forecast.on + timedelta(weeks=int(max(own)))
        for goal in now.goals
        if (own := of_goal.get(goal.pk, [])) and len(own) == goal.item_count and np.isfinite(own).all()
    }
