"""What the team opens each morning: the sprint's goal, its board, its points, and what changed since yesterday."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from backlog.models import Dependency, Item
from backlog.queries.engagement import Engagement, engagements
from core.models import Event
from core.permissions import allowed
from sprints.models import BoardColumn, Sprint, SprintItem
from sprints.queries.sprint_lists import working_days

Status = BoardColumn.Status
_SHOWN_EVENTS = 12
_WHOLE = ("item__product", "item__assignee", "item__component", "item__goal")
_COLUMN_OF = {
    Item.Status.OPEN: Status.OPEN,
    Item.Status.IN_PROGRESS: Status.IN_PROGRESS,
    Item.Status.DONE: Status.DONE,
    Item.Status.ACCEPTED: Status.DONE,
}
_SAID = {
    "item.begun": "in progress",
    "item.stopped": "back to what is to do",
    "item.finished": "done",
    "item.accepted": "accepted",
    "item.sent_back": "sent back",
    "item.dropped": "dropped",
    "item.restored": "restored",
    "item.added_to_sprint": "taken into the sprint",
    "item.removed_from_sprint": "taken out of the sprint",
    "item.moved_on_board": "",
    "comment.added": "commented",
}

# The rows are wide, and a board reads a hundred of them.
_ON_A_CARD = (
    *("column_id", "column_at", "added_at", "is_for_goal", "item__number", "item__title", "item__plain_title"),
    *("item__kind", "item__type", "item__points", "item__status", "item__status_at", "item__is_restricted"),
    *("item__product__key", "item__assignee__name", "item__assignee__email"),
    *("item__engagement", "item__component__engagement", "item__component__name"),
    *("item__goal__engagement", "item__goal__title"),
)
_STEPS = {"item.begun", "item.stopped", "item.finished", "item.sent_back"}


@dataclass(frozen=True)
class Card:
    """days: working days in its column. waits_for: keys of what it needs and is not done.

    words_missing: the stages it has reached without a technical owner's word.
    """

    id: int
    key: str
    product_key: str
    number: int
    title: str
    plain_title: str
    kind: str
    type: str
    type_label: str
    points: Decimal | None
    status: str
    column: str
    assignee_id: int | None
    assignee: str
    initials: str
    days: int
    waits_for: tuple[str, ...]
    is_for_goal: bool
    is_restricted: bool
    words_missing: tuple[str, ...]

    @property
    def is_technical(self) -> bool:
        return self.kind == "technical"

    @property
    def is_done(self) -> bool:
        return self.status in (Item.Status.DONE, Item.Status.ACCEPTED)

    @property
    def is_accepted(self) -> bool:
        return self.status == Item.Status.ACCEPTED

    @property
    def is_old(self) -> bool:
        """Long enough in one column to be asked about."""
        return self.status == Item.Status.IN_PROGRESS and self.days >= 3


@dataclass(frozen=True)
class Column:
    """key: what a card says it goes to. limit: more items than this are a warning."""

    key: str
    id: int | None
    name: str
    status: str
    limit: int | None
    count: int
    points: Decimal

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.count > self.limit


@dataclass(frozen=True)
class Lane:
    """name: empty where the board has no lanes. cells: of each column, its cards."""

    name: str
    cells: tuple[tuple[Column, tuple[Card, ...]], ...]


@dataclass(frozen=True)
class Waiting:
    """A card that lacks a technical owner's word; may_give: it is the reader's."""

    card: Card
    engagement: Engagement
    may_give: bool


@dataclass(frozen=True)
class Board:
    columns: tuple[Column, ...]
    cards: tuple[Card, ...]
    waiting: tuple[Waiting, ...]

    @property
    def points(self) -> Decimal:
        return sum((card.points or 0 for card in self.cards), Decimal(0))

    def points_of(self, status: str) -> Decimal:
        return sum((column.points for column in self.columns if column.status == status), Decimal(0))

    def lanes(self, *, by_person: bool) -> tuple[Lane, ...]:
        if not by_person:
            return (self.lane("", self.cards),)
        people = defaultdict(list)
        for card in self.cards:
            people[card.assignee].append(card)
        # Nobody's come last.
        named = sorted(people, key=lambda name: (not name, name))
        return tuple(self.lane(name or "Nobody yet", people[name]) for name in named)

    def lane(self, name: str, cards: Sequence[Card]) -> Lane:
        """The board with only these cards."""
        return Lane(
            name,
            tuple((column, tuple(card for card in cards if card.column == column.key)) for column in self.columns),
        )


@dataclass(frozen=True)
class Said:
    """One thing since yesterday."""

    at: datetime
    who: str
    initials: str
    key: str
    text: str


def board(sprint, user, *, now: datetime) -> Board:
    """The board of a sprint, in four statements, and four more where work needs a technical owner's word."""
    own = list(BoardColumn.objects.filter(team=sprint.team_id).order_by("position"))
    entries = SprintItem.objects.filter(
        sprint=sprint,
        item__in=Item.objects.readable_by(user).values("pk"),
        outcome__in=["", SprintItem.Outcome.DONE],
        item__status__in=_COLUMN_OF,
    )
    entries = list(entries.select_related(*_WHOLE).only(*_ON_A_CARD).order_by("-is_first", "pk"))
    waits = _waits([entry.item_id for entry in entries], user)
    zone = ZoneInfo(sprint.team.organization.time_zone)
    columns = own or [BoardColumn(name=label, status=status) for status, label in Status.choices]
    words = engagements([entry.item for entry in entries])
    cards = tuple(_card(entry, columns, waits, words.get(entry.item_id), now, zone) for entry in entries)
    counted = defaultdict(list)
    for card in cards:
        counted[card.column].append(card.points or 0)
    shown = tuple(
        Column(
            key=(key := _key(column)),
            id=column.pk,
            name=column.name,
            status=column.status,
            limit=column.wip_limit,
            count=len(counted[key]),
            points=sum(counted[key], Decimal(0)),
        )
        for column in columns
    )
    waiting = tuple(Waiting(card, words[card.id], user in words[card.id].asked) for card in cards if card.words_missing)
    return Board(shown, cards, waiting)


def _key(column):
    return str(column.pk or column.status)


def _card(entry, columns, waits, engagement, now, zone):
    item = entry.item
    status = _COLUMN_OF[item.status]
    column = next((column for column in columns if column.pk and column.pk == entry.column_id), None)
    is_own = column is not None and column.status == status
    if not is_own:
        column = next(column for column in columns if column.status == status)
    since = max(entry.column_at, item.status_at) if is_own and entry.column_at else item.status_at
    since = max(since, entry.added_at)
    return Card(
        id=item.pk,
        key=item.key,
        product_key=item.product.key,
        number=item.number,
        title=item.title,
        plain_title=item.plain_title,
        kind=item.kind,
        type=item.type,
        type_label=item.get_type_display(),
        points=item.points,
        status=item.status,
        column=_key(column),
        assignee_id=item.assignee_id,
        assignee=item.assignee.name if item.assignee else "",
        initials=item.assignee.initials if item.assignee else "",
        days=max(working_days(since.astimezone(zone).date(), now.astimezone(zone).date()), 0),
        waits_for=tuple(waits[item.pk]) if item.status in Item.UNFINISHED else (),
        is_for_goal=entry.is_for_goal,
        is_restricted=item.is_restricted,
        words_missing=tuple(line.label for line in engagement.missing) if engagement else (),
    )


def _waits(item_ids, user):
    waits = defaultdict(list)
    links = Dependency.objects.filter(dependent__in=item_ids, enabler__status__in=Item.UNFINISHED).order_by("pk")
    rows = list(links.values_list("dependent", "enabler", "enabler__product__key", "enabler__number"))
    readable = Item.objects.readable_by(user).filter(pk__in={enabler for _, enabler, _, _ in rows})
    readable = set(readable.values_list("pk", flat=True)) if rows else set()
    for dependent, enabler, product_key, number in rows:
        waits[dependent].append(f"{product_key}-{number}" if enabler in readable else "an item you can't see")
    return waits


def since_yesterday(sprint, cards: Sequence[Card], *, now: datetime) -> tuple[Said, ...]:
    """What happened to the items of a sprint and to its capacity since the start of the last working day, newest first,
    in two statements."""
    zone = ZoneInfo(sprint.team.organization.time_zone)
    day = now.astimezone(zone).date() - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    since = datetime.combine(day, time(), zone)
    keys = {card.id: card.key for card in cards}
    of_items = Event.objects.filter(
        target_type=Item._meta.label_lower, target_id__in=keys, name__in=_SAID, at__gte=since, at__lte=now
    )
    of_sprint = Event.objects.about(sprint).filter(name="sprint.capacity_changed", at__gte=since, at__lte=now)
    found = [
        *of_items.select_related("by").newest_first()[: 2 * _SHOWN_EVENTS],
        *of_sprint.select_related("by").newest_first()[:_SHOWN_EVENTS],
    ]
    found.sort(key=lambda event: (event.at, event.pk), reverse=True)
    # A move on the board has taken the steps of the item's life with it: told once.
    moved = {(event.request_id, event.target_id) for event in found if event.name == "item.moved_on_board"}
    said = [
        _said(event, keys.get(event.target_id, ""))
        for event in found
        if event.name not in _STEPS or not event.request_id or (event.request_id, event.target_id) not in moved
    ]
    return tuple(one for one in said if one.text)[:_SHOWN_EVENTS]


def _said(event, key):
    text = _SAID.get(event.name, "")
    if event.name == "item.moved_on_board":
        was, column = event.data["changes"]["column"]
        text = f"from {was} to {column}"
    if event.name == "sprint.capacity_changed":
        old, new = (f"{Decimal(str(points)).normalize():f}" for points in event.data["changes"]["capacity_points"])
        key, text = "", f"Capacity from {old} to {new} points: {event.data['reason']}"
    if reason := event.data.get("reason"):
        text = text if event.name == "sprint.capacity_changed" else f"{text}: “{reason}”"
    return Said(event.at, event.by.name if event.by else "", event.by.initials if event.by else "", key, text)


@dataclass(frozen=True)
class TeamView:
    """day: the working day today is, of `days`; None before the first. bar: ends of the parts in per cent."""

    sprint: Sprint
    board: Board
    day: int | None
    days: int
    bar: Mapping[str, float]
    even_pace: Decimal | None
    said: tuple[Said, ...]
    carry_to: tuple[Sprint, ...]
    may_plan: bool
    may_pull: bool

    @property
    def done(self) -> Decimal:
        return self.board.points_of(Status.DONE)

    @property
    def in_progress(self) -> Decimal:
        return self.board.points_of(Status.IN_PROGRESS)

    @property
    def to_do(self) -> Decimal:
        return self.board.points_of(Status.OPEN)

    @property
    def spare(self) -> Decimal | None:
        return None if self.sprint.capacity_points is None else self.sprint.capacity_points - self.board.points

    @property
    def technical_points(self) -> Decimal:
        return sum((card.points or 0 for card in self.board.cards if card.is_technical), Decimal(0))

    @property
    def functional_points(self) -> Decimal:
        return self.board.points - self.technical_points

    @property
    def unfinished(self) -> tuple[Card, ...]:
        return tuple(card for card in self.board.cards if not card.is_done)

    @property
    def unaccepted(self) -> tuple[Card, ...]:
        return tuple(card for card in self.board.cards if card.status == Item.Status.DONE)


def team_view(sprint, user, *, now: datetime) -> TeamView:
    """All of the team's page but its charts, in a fixed number of statements."""
    shown = board(sprint, user, now=now)
    today = now.astimezone(ZoneInfo(sprint.team.organization.time_zone)).date()
    days = working_days(sprint.starts_on, sprint.ends_on)
    day = working_days(sprint.starts_on, min(today, sprint.ends_on)) if today >= sprint.starts_on else None
    rights = allowed(user, ("sprint.plan", "sprint.pull"), sprint)
    planned = Sprint.objects.planned().filter(team=sprint.team_id).order_by("number")
    return TeamView(
        sprint=sprint,
        board=shown,
        day=day,
        days=days,
        bar=_bar(sprint, shown, day, days),
        even_pace=round(sprint.committed_points * day / days, 0) if day and sprint.committed_points else None,
        said=since_yesterday(sprint, shown.cards, now=now),
        carry_to=tuple(planned),
        may_plan="sprint.plan" in rights,
        may_pull="sprint.pull" in rights,
    )


def _bar(sprint, shown, day, days):
    done, begun = shown.points_of(Status.DONE), shown.points_of(Status.IN_PROGRESS)
    whole = max(sprint.capacity_points or 0, shown.points) or 1
    committed = sprint.committed_points or Decimal(0)
    ends = {"done": done, "doing": done + begun, "todo": shown.points, "day": committed * (day or 0) / days}
    return {name: round(float(100 * end / whole), 1) for name, end in ends.items()}


def daily_stops(shown: Board, mode: str) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    """Where the daily walks: person by person, or item by item from what is nearest to done."""
    if mode == "person":
        lanes = shown.lanes(by_person=True)
        return tuple((lane.name, tuple(card for _, cards in lane.cells for card in cards)) for lane in lanes)
    order = {column.key: index for index, column in enumerate(shown.columns)}
    open_cards = [card for card in shown.cards if not card.is_done]
    walked = sorted(open_cards, key=lambda card: (-order[card.column], -card.days, card.id))
    return tuple((card.key, (card,)) for card in walked)
