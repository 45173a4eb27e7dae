"""Refining together: the items that wait for it, who is here, and what came of earlier sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q

from backlog.models import Item, OrderEntry, Question, RefinedItem, Refinement
from backlog.queries.readers import reader

QUEUE_LENGTH = 20
MOST_RECORDS = 10
# Pages say every 20 seconds that somebody looks at them.
HERE = timedelta(seconds=60)


@dataclass(frozen=True)
class Candidate:
    """A listed item that is not ready, or was looked at in this session."""

    id: int
    number: int
    key: str
    title: str
    kind: str
    type: str
    checks_met: int
    checks_total: int
    points: Decimal | None
    open_question_count: int
    is_current: bool

    @property
    def is_ready(self) -> bool:
        return self.checks_met == self.checks_total


@dataclass(frozen=True)
class Present:
    name: str
    initials: str
    is_here: bool
    is_following: bool
    is_me: bool


@dataclass(frozen=True)
class Session:
    """A past session in figures. ready_count: items that became ready."""

    id: int
    started_at: datetime
    people: int
    item_count: int
    ready_count: int


@dataclass(frozen=True)
class RefinePage:
    """current: the id of the item before this person, None where there is none that they may see."""

    running: Refinement | None
    is_joined: bool
    is_following: bool
    people: tuple[Present, ...]
    queue: tuple[Candidate, ...]
    current: int | None
    previous: Candidate | None
    next: Candidate | None
    sessions: tuple[Session, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of an item; points: None without an estimate."""

    number: int
    key: str
    title: str
    kind: str
    type: str
    became_ready: bool
    is_ready: bool
    is_skipped: bool
    points_before: Decimal | None
    points_after: Decimal | None
    question_count: int

    @property
    def is_estimated(self) -> bool:
        return self.points_after is not None and self.points_after != self.points_before


@dataclass(frozen=True)
class Record:
    refinement: Refinement
    people: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def ready_count(self) -> int:
        return sum(outcome.became_ready for outcome in self.outcomes)

    @property
    def estimated_count(self) -> int:
        return sum(outcome.is_estimated for outcome in self.outcomes)

    @property
    def question_count(self) -> int:
        return sum(outcome.question_count for outcome in self.outcomes)


def refine_page(product, user, *, now: datetime) -> RefinePage:
    """The page of refinement as one person sees it, in six statements."""
    running = Refinement.objects.filter(product=product, ended_at=None).select_related("started_by").first()
    seats = list(running.people.filter(left_at=None).select_related("user").order_by("pk")) if running else []
    mine = next((seat for seat in seats if seat.user_id == user.pk), None)
    wanted = (running.item_id if mine is None or mine.is_following else mine.item_id) if running else None
    queue = _queue(product, user, running, wanted)
    at = next((place for place, row in enumerate(queue) if row.is_current), None)
    return RefinePage(
        running=running,
        is_joined=mine is not None,
        is_following=mine is not None and mine.is_following,
        people=tuple(
            Present(str(seat.user), seat.user.initials, seat.seen_at > now - HERE, seat.is_following, seat is mine)
            for seat in seats
        ),
        queue=queue,
        current=wanted,
        previous=queue[at - 1] if at else None,
        next=queue[0 if at is None else at + 1] if queue and (at is None or at + 1 < len(queue)) else None,
        sessions=_sessions(product),
    )


def first_to_refine(product, user) -> Item | None:
    """The uppermost item that is not ready, as far as the person sees."""
    queue = _queue(product, user, None, None)
    return Item.objects.select_related("product").get(pk=queue[0].id) if queue else None


def record(refinement, user) -> Record:
    """What a session came to, in four statements; items that the person may not see are left out."""
    readable = Item.objects.readable_by(user).values("pk")
    rows = refinement.items.filter(item__in=readable).select_related("item__product").order_by("looked_at", "pk")
    people = [person.user for person in refinement.people.select_related("user").order_by("pk")]
    asked = Question.objects.filter(
        item__in=RefinedItem.objects.filter(refinement=refinement).values("item"),
        asked_by__in=people,
        asked_at__gte=refinement.started_at,
        **({"asked_at__lte": refinement.ended_at} if refinement.ended_at else {}),
    )
    counts = dict(asked.order_by().values_list("item").annotate(count=Count("pk")))
    return Record(refinement, tuple(map(str, people)), tuple(_outcome(row, counts.get(row.item_id, 0)) for row in rows))


def _outcome(row, question_count):
    item = row.item
    is_ready = item.checks_met == item.checks_total if row.is_ready is None else row.is_ready
    return Outcome(
        number=item.number,
        key=item.key,
        title=item.title,
        kind=item.kind,
        type=item.type,
        became_ready=is_ready and not row.was_ready,
        is_ready=is_ready,
        is_skipped=row.is_skipped,
        points_before=row.points_before,
        points_after=item.points if row.is_ready is None else row.points_after,
        question_count=question_count,
    )


def _queue(product, user, running, current):
    who = reader(product, user)
    unready = Q(item__checks_met__lt=F("item__checks_total"), item__status=Item.Status.OPEN)
    entries = OrderEntry.objects.filter(who.readable("item__"), list=who.ordered.pk, is_listed=True)
    if running:
        seen = RefinedItem.objects.filter(refinement=running)
        entries = entries.filter(unready | Q(item__in=seen.values("item")))
        entries = entries.exclude(item__in=seen.filter(is_skipped=True).values("item"))
    else:
        entries = entries.filter(unready)
    fields = ("id", "number", "title", "kind", "type", "checks_met", "checks_total", "points", "open_question_count")
    rows = entries.order_by("rank").values(*(f"item__{name}" for name in fields))[:QUEUE_LENGTH]
    return tuple(
        Candidate(
            **{name: row[f"item__{name}"] for name in fields},
            key=f"{product.key}-{row['item__number']}",
            is_current=row["item__id"] == current,
        )
        for row in rows
    )


def _sessions(product):
    ready = Q(items__is_ready=True, items__was_ready=False)
    rows = Refinement.objects.filter(product=product).exclude(ended_at=None).order_by("-pk")
    counted = rows.annotate(
        person_count=Count("people", distinct=True),
        item_count=Count("items", distinct=True),
        ready_count=Count("items", filter=ready, distinct=True),
    )
    return tuple(
        Session(row.pk, row.started_at, row.person_count, row.item_count, row.ready_count)
        for row in counted[:MOST_RECORDS]
    )
