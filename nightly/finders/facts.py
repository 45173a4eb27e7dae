"""What the finders look at, read in a fixed number of statements."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Left

from accounts.models import TeamMembership
from backlog.models import (
    AcceptanceCriterion,
    Component,
    ComponentOwner,
    Dependency,
    Item,
    ItemLink,
    ProductRole,
    Question,
)
from core.models import Event
from planning import health
from sprints.models import Sprint, SprintItem

LAST_SPRINTS = 8
# An item is compared while it is so new, with so many of the newest others by so much of their text …
NEW_DAYS = 7
MOST_COMPARED = 2_000
MOST_TEXT = 2_000
# … and among fewer no word is rare.
LEAST_COMPARED = 20
# Above this the two texts are mostly the same words (docs/planning.md, Classification).
LEAST_COSINE = 0.6
MOST_PAIRS = 3
ANSWERED_WEEKS = 12


@dataclass(frozen=True)
class OpenQuestion:
    number: int
    addressee: int | None
    component: int | None
    asked_on: date


@dataclass(frozen=True)
class Answered:
    """What a product owner said to a proposal, and how many days after it was made."""

    word: Literal["accepted", "changed", "declined"]
    days: float


@dataclass(frozen=True)
class ActiveSprint:
    """points: of the items in it, at present; done: of those that are finished."""

    number: int
    team: int
    team_name: str
    starts_on: date
    ends_on: date
    points: float
    done: float


@dataclass(frozen=True)
class Facts:
    """items: top first, without the restricted ones. inversions: numbers (item, what it needs) in list order.

    limits: None while the teams have no closed sprint, so nobody knows what a sprint holds. owners: by component,
    ids of its technical owners. answered: in the twelve weeks before. interest: points a week of open debt.
    debts: numbers of those items that are debt. agreed_debt: percent, None where nothing is agreed.
    delivered: (sprint, percent technical). alike: (new item, another one), the likest first, three pairs at most.
    """

    items: tuple[health.Item, ...]
    limits: health.Limits | None
    inversions: tuple[tuple[int, int], ...]
    questions: tuple[OpenQuestion, ...]
    components: dict[int, str]
    owners: dict[int, list[int]]
    product_owner: int | None
    scrum_masters: dict[int, int]
    proposed: tuple[tuple[int, date], ...]
    answered: tuple[Answered, ...]
    interest: dict[int, float]
    active: tuple[ActiveSprint, ...]
    delivered: tuple[tuple[int, int], ...]
    alike: tuple[tuple[int, int], ...]
    debts: frozenset[int] = frozenset()
    agreed_debt: int | None = None
    sprint_days: int = 14

    @property
    def points_a_week(self) -> float:
        """What the teams deliver; needs limits."""
        return self.limits.sprint_points * 7 / self.sprint_days

    @property
    def any_scrum_master(self) -> int | None:
        return next(iter(self.scrum_masters.values()), self.product_owner)


def facts_of(product, on: date) -> Facts:
    """A backlog on a day, as it is at present, in thirteen statements, or fifteen if some items are new."""
    zone = ZoneInfo(product.organization.time_zone)
    rows = list(
        Item.objects.filter(product=product, is_restricted=False)
        .ranked()
        .values_list(
            "pk",
            "number",
            "points",
            "kind",
            "checks_total",
            "checks_met",
            "created_at",
            "updated_at",
            "debt_interest",
            "debt_interest_unit",
            "type",
        )
    )
    number_of = {row[0]: row[1] for row in rows}
    criteria = _criteria(product)
    questions = _questions(product, number_of, zone)
    asked = {}
    for question in questions:
        asked[question.number] = min(asked.get(question.number, question.asked_on), question.asked_on)
    closed = _closed(product)
    per_sprint = _sprint_points(closed)
    items = tuple(
        health.Item(
            number=number,
            points=None if points is None else float(points),
            is_technical=kind == Item.Kind.TECHNICAL,
            missing_count=total - met,
            criteria_count=criteria.get(pk, 0),
            created_on=created.astimezone(zone).date(),
            touched_on=touched.astimezone(zone).date(),
            oldest_question_on=asked.get(number),
        )
        for pk, number, points, kind, total, met, created, touched, *_ in rows
    )
    owners: dict[int, list[int]] = {}
    for component, user in (
        ComponentOwner.objects.filter(product=product).order_by("pk").values_list("component", "user")
    ):
        owners.setdefault(component, []).append(user)
    return Facts(
        items=items,
        limits=_limits(product, per_sprint),
        inversions=_inversions(product, number_of),
        questions=questions,
        components=dict(Component.objects.filter(product=product, archived_at=None).values_list("pk", "name")),
        owners=owners,
        product_owner=ProductRole.objects.filter(product=product, role=ProductRole.Role.PRODUCT_OWNER)
        .values_list("user", flat=True)
        .first(),
        scrum_masters=_scrum_masters(product),
        proposed=tuple(
            (number, at.astimezone(zone).date())
            for number, at in Item.objects.filter(product=product, is_restricted=False, status=Item.Status.PROPOSED)
            .order_by("status_at", "pk")
            .values_list("number", "status_at")
        ),
        answered=_answered(product, on, zone),
        interest={row[1]: points for row in rows if (points := _interest(product, row[8], row[9]))},
        active=_active(product),
        delivered=_delivered(closed, product),
        alike=_alike({row[0] for row, item in zip(rows, items, strict=True) if _is_new(item, on)}, number_of),
        debts=frozenset(row[1] for row in rows if row[10] == Item.Type.DEBT),
        agreed_debt=product.debt_share,
        sprint_days=product.sprint_length_days,
    )


def _criteria(product):
    of_items = AcceptanceCriterion.objects.filter(item__product=product, item__order_entry__is_listed=True)
    return dict(of_items.order_by().values_list("item").annotate(Count("pk")))


def _questions(product, number_of, zone):
    rows = Question.objects.open().filter(product=product).order_by("asked_at", "pk")
    return tuple(
        OpenQuestion(number_of[item], addressee, component, at.astimezone(zone).date())
        for item, addressee, component, at in rows.values_list("item", "addressee", "item__component", "asked_at")
        if item in number_of
    )


def _inversions(product, number_of):
    place = {pk: at for at, pk in enumerate(number_of)}
    links = Dependency.objects.filter(enabler__product=product, dependent__product=product)
    pairs = [
        (dependent, enabler)
        for enabler, dependent in links.values_list("enabler", "dependent")
        if enabler in place and dependent in place and place[dependent] < place[enabler]
    ]
    return tuple((number_of[item], number_of[need]) for item, need in sorted(pairs, key=lambda pair: place[pair[0]]))


def _answered(product, on, zone):
    until = datetime.combine(on, time.max, zone)
    readable = Item.objects.filter(product=product, is_restricted=False).values("pk")
    of_items = Event.objects.in_stream(f"product:{product.pk}").filter(
        target_type=Item._meta.label_lower, target_id__in=readable, at__lte=until
    )
    recent = of_items.filter(name__in=["item.opened", "item.declined"], at__gt=until - timedelta(weeks=ANSWERED_WEEKS))
    answers = list(recent.order_by("pk").values_list("target_id", "name", "at", "data__is_changed"))
    asked = of_items.filter(
        name__in=["item.proposed", "item.proposed_again"], target_id__in={answer[0] for answer in answers}
    )
    made = list(asked.order_by("-at").values_list("target_id", "at"))
    found = []
    for item, name, at, is_changed in answers:
        # The last time it was proposed before this answer: what was declined may have come back.
        since = next((then for of, then in made if of == item and then <= at), None)
        if since is not None:
            word = "declined" if name == "item.declined" else "changed" if is_changed else "accepted"
            found.append(Answered(word, (at - since) / timedelta(days=1)))
    return tuple(found)


def _closed(product):
    closed = Sprint.objects.closed().filter(team__product_links__product=product)
    return list(closed.order_by("-closed_at", "-number").values_list("pk", "team", "number", "delivered_points")[:60])


def _sprint_points(closed):
    by_team: dict[int, list[float]] = {}
    for _, team, _, points in closed:
        if points and len(by_team.setdefault(team, [])) < LAST_SPRINTS:
            by_team[team].append(float(points))
    return sum(median(points) for points in by_team.values() if points)


def _limits(product, sprint_points):
    if not sprint_points:
        return None
    agreed = (product.technical_share_min / 100, product.technical_share_max / 100)
    return health.Limits(sprint_points=sprint_points, technical_range=agreed)


def _delivered(closed, product):
    ids = [row[0] for row in closed[:LAST_SPRINTS]]
    done = SprintItem.objects.filter(sprint__in=ids, outcome=SprintItem.Outcome.DONE, item__product=product)
    sums = (
        done.order_by()
        .values("sprint")
        .annotate(points=Sum("points_at_end"), technical=Sum("points_at_end", filter=Q(item__kind=Item.Kind.TECHNICAL)))
    )
    share = {row["sprint"]: round(100 * (row["technical"] or 0) / row["points"]) for row in sums if row["points"]}
    return tuple((number, share[pk]) for pk, _, number, _ in reversed(closed[:LAST_SPRINTS]) if pk in share)


def _is_new(item, on):
    return timedelta(0) <= on - item.created_on < timedelta(days=NEW_DAYS)


def _alike(new, number_of):
    if not new or len(number_of) < LEAST_COMPARED:
        return ()
    # SciPy takes a second to load, and web processes load this module.
    from planning.duplicates import Texts

    compared = sorted(number_of, reverse=True)[:MOST_COMPARED]
    rows = list(
        Item.objects.filter(pk__in=compared).order_by("pk").values_list("pk", "title", Left("description", MOST_TEXT))
    )
    linked = {
        frozenset(pair)
        for pair in ItemLink.objects.filter(Q(source__in=new) | Q(target__in=new)).values_list("source", "target")
    }
    texts = Texts([(title, text) for _, title, text in rows])
    pairs = {}
    for pk, title, text in rows:
        if pk not in new:
            continue
        for one in texts.like(title, text, most=2):
            other = rows[one.place][0]
            both = frozenset((pk, other))
            if other != pk and one.cosine >= LEAST_COSINE and both not in linked:
                pairs[both] = one.cosine
    likest = sorted(pairs, key=pairs.get, reverse=True)[:MOST_PAIRS]
    return tuple((number_of[max(both)], number_of[min(both)]) for both in likest)


def _active(product):
    in_it = Q(entries__outcome__in=["", SprintItem.Outcome.DONE])
    finished = Q(entries__item__status__in=[Item.Status.DONE, Item.Status.ACCEPTED])
    active = Sprint.objects.active().filter(team__product_links__product=product).order_by("team__name")
    rows = active.annotate(
        points=Sum("entries__item__points", filter=in_it),
        done=Sum("entries__item__points", filter=in_it & finished),
        name=F("team__name"),
    )
    return tuple(
        ActiveSprint(
            one.number,
            one.team_id,
            one.name,
            one.starts_on,
            one.ends_on,
            float(one.points or 0),
            float(one.done or 0),
        )
        for one in rows
    )


def _scrum_masters(product):
    masters = TeamMembership.objects.filter(
        team__product_links__product=product, role=TeamMembership.Role.SCRUM_MASTER, team__archived_at=None
    )
    return dict(masters.order_by("team__name", "-pk").values_list("team", "user"))


def _interest(product, interest, unit):
    if not interest:
        return 0.0
    if unit == Item.InterestUnit.HOURS:
        return float(interest / product.hours_per_point) if product.hours_per_point else 0.0
    return float(interest)
