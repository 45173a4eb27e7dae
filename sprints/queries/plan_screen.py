"""The planning of a sprint: what is in it, what could be, what the app recommends, and why not the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Min, Q

from backlog.models import Dependency, EngagementWord, Item, OrderEntry, Product, ProductTeam, Question
from backlog.queries.engagement import engagements
from backlog.queries.readiness import assessments
from core.permissions import allowed
from planning import forecast
from sprints.models import Sprint, SprintItem
from sprints.queries.capacity import Capacity, capacity_of
from sprints.queries.left_out import NEEDS_WORD, Candidate, Horizon, Scope, why_not

# More than three sprints deep; the recommendation on it stays far below its 300 ms.
HORIZON = 100
# A place further down is worth so much less: the product order decides, not what an item is worth by figures.
_STEP = 0.93
_WHOLE = ("item__product", "item__assignee", "item__component", "item__goal")


@dataclass(frozen=True)
class PlanRow:
    """chance: that it is done with all before it (in the sprint), None without history. line: "commit" or "stretch"
    where it is recommended. why: why it is not, in words; change: what would make it fit."""

    candidate: Candidate
    chance: forecast.Chance | None
    line: str
    why: str
    change: str
    swap_key: str

    @property
    def needs_word(self) -> bool:
        return self.why == NEEDS_WORD

    @property
    def is_recommended(self) -> bool:
        return bool(self.line)


@dataclass(frozen=True)
class PlanScreen:
    """points, technical_points: of the scope. share_range: agreed for the product of the page, in per cent.

    goal_keys: what the goal needs, with what that needs. new_keys: recommended to commit to, and not in the sprint yet.
    """

    sprint: Sprint
    capacity: Capacity
    rows: tuple[PlanRow, ...]
    candidates: tuple[PlanRow, ...]
    points: Decimal
    technical_points: Decimal
    share_range: tuple[int, int]
    chance: forecast.Chance | None
    goal_points: Decimal
    goal_chance: forecast.Chance | None
    unestimated: int
    commit_ids: tuple[int, ...]
    stretch_ids: tuple[int, ...]
    may_plan: bool
    may_pull: bool
    may_suggest: bool

    @property
    def functional_points(self) -> Decimal:
        return self.points - self.technical_points

    @property
    def technical_share(self) -> int | None:
        return round(100 * self.technical_points / self.points) if self.points else None

    @property
    def is_share_outside(self) -> bool:
        share, (least, most) = self.technical_share, self.share_range
        return share is not None and not least <= share <= most

    @property
    def spare(self) -> Decimal | None:
        return None if self.capacity.limit is None else self.capacity.limit - self.points

    @property
    def over(self) -> Decimal:
        return -self.spare

    @property
    def has_stretch(self) -> bool:
        return len(self.stretch_ids) > len(self.commit_ids)

    @property
    def bar(self) -> Mapping[str, float]:
        """Where things are along the bar, in per cent of it."""
        whole = max(self.capacity.limit or 0, self.points) or 1
        ends = {
            "scope": self.points,
            "technical": self.technical_points,
            "commit": self.capacity.commit or 0,
            "stretch": self.capacity.stretch or 0,
        }
        return {name: round(float(100 * end / whole), 1) for name, end in ends.items()}

    @property
    def in_scope_ids(self) -> set[int]:
        return {row.candidate.id for row in self.rows}


def plan_screen(product, sprint, user, *, now: datetime) -> PlanScreen:
    """Everything that planning a sprint needs, in a fixed number of statements."""
    capacity = capacity_of(sprint)
    horizon = horizon_of(sprint, user, now=now)
    share_range = (product.technical_share_min, product.technical_share_max)
    lines = recommended(horizon, capacity, share_range)
    inside = [one for one in horizon.candidates if one.is_inside]
    scope = Scope(horizon, capacity.limit, share_range)
    goal = horizon.closure([one for one in inside if one.is_for_goal])
    rights = allowed(user, ("sprint.plan", "sprint.pull"), sprint)
    is_open = sprint.status != Sprint.Status.CLOSED
    return PlanScreen(
        sprint=sprint,
        capacity=capacity,
        rows=tuple(_inside(inside, capacity, lines)),
        candidates=tuple(_outside(horizon, scope, lines)),
        points=scope.points,
        technical_points=scope.technical_points,
        share_range=share_range,
        chance=capacity.chance(scope.points) if inside else None,
        goal_points=_points(goal),
        goal_chance=capacity.chance(_points(goal)) if goal else None,
        unestimated=sum(one.points is None for one in inside),
        commit_ids=tuple(pk for pk, line in lines.items() if line == "commit"),
        stretch_ids=tuple(lines),
        may_plan="sprint.plan" in rights and is_open,
        may_pull="sprint.pull" in rights and is_open,
        may_suggest="sprint.suggest" in rights and "sprint.pull" not in rights and is_open,
    )


def recommended(horizon: Horizon, capacity: Capacity, share_range: tuple[int, int]) -> Mapping[int, str]:
    """By item id, in working order: "commit", or "stretch" for what comes on top; nothing where nothing is known.

    Only ready items whose needs are ready too. The earlier an item stands in the product order, the more a point of it
    is worth, so the order is kept but for what does not fit.
    """
    from planning import problem, scope

    possible = horizon.possible()
    if not possible or not capacity.limit:
        return {}
    number = {one.id: index for index, one in enumerate(possible)}
    sizes = [float(one.points) for one in possible]
    backlog = problem.build(
        sizes,
        [size * _STEP**index for index, size in enumerate(sizes)],
        [(number[need], number[pk]) for pk in number for need in horizon.needs[pk] if need in number],
        is_technical=[one.is_technical for one in possible],
    )
    share = tuple(percent / 100 for percent in share_range)
    if not capacity.has_history:
        chosen = scope.choose(backlog, {0: float(capacity.limit)}, share)
        return {possible[index].id: "commit" for index in chosen.items}
    found = scope.recommend(backlog, {0: capacity.past}, share)
    return {possible[index].id: "commit" for index in found.commit} | {
        possible[index].id: "stretch" for index in found.stretch
    }


def horizon_of(sprint, user, *, now: datetime) -> Horizon:
    """The items a sprint can be made of, in the product order: those in it, and the top of the backlogs of the team."""
    entries = SprintItem.objects.filter(sprint=sprint, outcome="", item__in=Item.objects.readable_by(user).values("pk"))
    inside = {entry.item_id: entry for entry in entries.select_related(*_WHOLE)}
    products = Product.objects.visible_to(user).filter(
        pk__in=ProductTeam.objects.filter(team=sprint.team_id).values("product")
    )
    places, items = {}, {}
    for product in products.order_by("key"):
        for place, item in enumerate(_top(product, sprint, user)):
            places[item.pk], items[item.pk] = place, item
    for entry in inside.values():
        items.setdefault(entry.item_id, entry.item)
    ordered = sorted(items.values(), key=lambda item: (places.get(item.pk, -1), item.product.key, item.number))
    return _horizon(sprint, ordered, inside, user, now)


def _top(product, sprint, user):
    entries = OrderEntry.objects.filter(
        Q(item__team=None) | Q(item__team=sprint.team_id),
        list__product=product,
        is_listed=True,
        item__in=Item.objects.readable_by(user).values("pk"),
    )
    rows = entries.select_related(*_WHOLE).order_by("rank")
    return [entry.item for entry in rows[:HORIZON]]


def _horizon(sprint, items, inside, user, now):
    ids = [item.pk for item in items]
    elsewhere = SprintItem.objects.filter(item__in=ids, outcome="").exclude(sprint=sprint)
    taken = {entry.item_id: entry.sprint for entry in elsewhere.select_related("sprint__team")}
    readiness = assessments(ids)
    asked = Question.objects.open().filter(item__in=ids, is_blocking=True).values("item")
    waiting = dict(asked.annotate(first=Min("asked_at")).values_list("item", "first"))
    needs = {pk: [] for pk in ids}
    names = {}
    links = Dependency.objects.filter(dependent__in=ids, enabler__status__in=Item.UNFINISHED)
    readable = set(Item.objects.readable_by(user).filter(enables_links__dependent__in=ids).values_list("pk", flat=True))
    for link in links.select_related("enabler__product").order_by("pk"):
        needs[link.dependent_id].append(link.enabler_id)
        names[link.enabler_id] = link.enabler.key if link.enabler_id in readable else "an item you may not see"
    lacking = {pk: found for pk, found in engagements(items).items() if found.lacks(EngagementWord.Stage.PLANNING)}
    candidates = tuple(
        Candidate(
            id=item.pk,
            key=item.key,
            product_key=item.product.key,
            number=item.number,
            title=item.title,
            kind=item.kind,
            type=item.type,
            status=item.status,
            points=item.points,
            assignee=item.assignee.name if item.assignee else "",
            met=readiness[item.pk].met,
            total=readiness[item.pk].total,
            missing=readiness[item.pk].missing[0].label if readiness[item.pk].missing else "",
            question_days=(now - waiting[item.pk]).days if item.pk in waiting else None,
            taken_by=f"{taken[item.pk]} of {taken[item.pk].team}" if item.pk in taken else "",
            is_inside=item.pk in inside,
            is_for_goal=item.pk in inside and inside[item.pk].is_for_goal,
            asked=lacking[item.pk].names if item.pk in lacking else "",
            may_give_word=item.pk in lacking and user in lacking[item.pk].asked,
        )
        for item in items
    )
    return Horizon(candidates, needs, names)


def _inside(inside, capacity, lines):
    done = Decimal(0)
    for one in inside:
        done += one.points or 0
        yield PlanRow(one, capacity.chance(done), lines.get(one.id, ""), "", "", "")


def _outside(horizon, scope, lines):
    for one in horizon.candidates:
        if one.is_inside:
            continue
        why, change, swap_key = why_not(one, scope, is_recommended=one.id in lines)
        yield PlanRow(one, None, lines.get(one.id, ""), why, change, swap_key)


def _points(candidates):
    return sum((one.points or 0 for one in candidates), Decimal(0))
