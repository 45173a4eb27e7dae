"""Sprints of a product's teams, as pages show them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import quantiles

from accounts.models import Team
from backlog.models import EngagementWord, Item
from backlog.queries.engagement import Engagement, engagements
from core.permissions import granted
from sprints.models import Sprint, SprintItem
from sprints.permissions import roles_in_teams
from sprints.queries.velocity import LAST, LOOKED_AT, Velocity, last_closed, spread

_FINISHED = (Item.Status.DONE, Item.Status.ACCEPTED)
# With fewer closed sprints a spread says nothing.
_ENOUGH = 4


@dataclass(frozen=True)
class SprintRow:
    """An item in a sprint; outcome is empty while it is in it, points are those with which it left."""

    id: int
    key: str
    product_key: str
    number: int
    title: str
    plain_title: str
    kind: str
    type: str
    status: str
    status_label: str
    points: Decimal | None
    outcome: str

    @property
    def is_finished(self) -> bool:
        return self.outcome == SprintItem.Outcome.DONE if self.outcome else self.status in _FINISHED


@dataclass(frozen=True)
class SprintSection:
    """A sprint with its items. day: the working day today is, of `days`; None before it begins."""

    sprint: Sprint
    rows: tuple[SprintRow, ...]
    done_points: Decimal
    all_points: Decimal
    day: int | None
    days: int

    @property
    def percent(self) -> int:
        return round(100 * self.done_points / self.all_points) if self.all_points else 0

    @property
    def stayed(self) -> tuple[SprintRow, ...]:
        """All but what was taken out."""
        return tuple(row for row in self.rows if row.outcome != SprintItem.Outcome.REMOVED)

    @property
    def done_count(self) -> int:
        return sum(row.is_finished for row in self.stayed)

    @property
    def left_points(self) -> Decimal:
        return self.all_points - self.done_points


def active_sections(product, user, *, today: date) -> tuple[SprintSection, ...]:
    """The active sprints with items that the person sees, of the teams that work on a product, in two statements."""
    active = sections(Sprint.objects.active().filter(team__product_links__product=product), user, today=today)
    return tuple(section for section in active if section.rows)


def sections(sprints, user, *, today: date) -> tuple[SprintSection, ...]:
    """Sprints with what is in them, in two statements. A closed one has what it ended with."""
    sprints = list(sprints.select_related("team").order_by("team__name", "number"))
    rows = _rows(sprints, user)
    return tuple(_section(sprint, rows[sprint.pk], today) for sprint in sprints)


def closed_sprint(sprint, user, *, today: date) -> SprintSection:
    """What a closed sprint ended with, in two statements."""
    (section,) = sections(Sprint.objects.filter(pk=sprint.pk), user, today=today)
    return section


def unreviewed(section: SprintSection) -> tuple[tuple[SprintRow, Engagement], ...]:
    """What was done in the sprint without the word of a technical owner that it needs at review, in four statements."""
    done = {row.id: row for row in section.rows if row.is_finished}
    items = Item.objects.engaged().filter(pk__in=done).select_related("product", "component", "goal")
    found = engagements(list(items.order_by("pk")))
    return tuple((done[pk], one) for pk, one in found.items() if one.lacks(EngagementWord.Stage.REVIEW))


def _section(sprint, rows, today):
    counted = [row for row in rows if row.outcome != SprintItem.Outcome.REMOVED]
    return SprintSection(
        sprint=sprint,
        rows=tuple(rows),
        done_points=sum((row.points or 0 for row in counted if row.is_finished), Decimal(0)),
        all_points=sum((row.points or 0 for row in counted), Decimal(0)),
        day=working_days(sprint.starts_on, min(today, sprint.ends_on)) if today >= sprint.starts_on else None,
        days=working_days(sprint.starts_on, sprint.ends_on),
    )


def _rows(sprints, user):
    rows = defaultdict(list)
    entries = SprintItem.objects.filter(sprint__in=sprints, item__in=Item.objects.readable_by(user).values("pk"))
    for entry in entries.select_related("item__product").order_by("pk"):
        item = entry.item
        row = SprintRow(
            id=item.pk,
            key=item.key,
            product_key=item.product.key,
            number=item.number,
            title=item.title,
            plain_title=item.plain_title,
            kind=item.kind,
            type=item.type,
            status=item.status,
            status_label=item.get_status_display(),
            points=entry.points_at_end if entry.outcome else item.points,
            outcome=entry.outcome,
        )
        rows[entry.sprint_id].append(row)
    return rows


def working_days(first: date, last: date) -> int:
    """How many days from Monday to Friday, both ends included."""
    whole, rest = divmod((last - first).days + 1, 7)
    return 5 * whole + sum((first.weekday() + day) % 7 < 5 for day in range(rest))


@dataclass(frozen=True)
class Bar:
    """A closed sprint in the distribution; percent: of the most that is drawn."""

    label: str
    points: Decimal
    committed: Decimal
    percent: int


@dataclass(frozen=True)
class TeamSprints:
    """A team's sprints; closed: the last ones, newest first. typical: the middle half of what it delivered, None with
    fewer than four closed sprints.

    may_read: the pages of its sprints and figures; else what is told here is all.
    """

    team: Team
    active: tuple[SprintSection, ...]
    planned: tuple[SprintSection, ...]
    closed: tuple[Sprint, ...]
    velocity: Velocity
    bars: tuple[Bar, ...]
    typical: tuple[Decimal, Decimal] | None
    may_read: bool
    may_plan: bool


def team_sprints(product, user, *, today: date) -> tuple[TeamSprints, ...]:
    """The sprints of each team that works on the product, in five statements."""
    teams = list(Team.objects.active().filter(product_links__product=product).order_by("name"))
    theirs = Sprint.objects.filter(team__in=teams)
    open_now, closed = defaultdict(list), defaultdict(list)
    for section in sections(theirs.exclude(status=Sprint.Status.CLOSED), user, today=today):
        open_now[section.sprint.team_id].append(section)
    for sprint in last_closed(theirs, last=LOOKED_AT).order_by("-closed_at", "-number"):
        closed[sprint.team_id].append(sprint)
    roles = roles_in_teams(user, [team.pk for team in teams])
    return tuple(_of_team(team, open_now[team.pk], closed[team.pk], roles[team.pk], user) for team in teams)


def _of_team(team, open_now, closed, roles, user):
    delivered = spread(closed[:LAST])
    rights = granted(roles, ("sprint.read", "sprint.plan"), user, Sprint(team=team))
    return TeamSprints(
        team=team,
        active=tuple(one for one in open_now if one.sprint.status == Sprint.Status.ACTIVE),
        planned=tuple(one for one in open_now if one.sprint.status == Sprint.Status.PLANNED),
        closed=tuple(closed),
        velocity=delivered,
        bars=_bars(delivered),
        typical=_typical(delivered),
        may_read="sprint.read" in rights,
        may_plan="sprint.plan" in rights,
    )


def _bars(delivered):
    most = max((max(one.points, one.committed or 0) for one in delivered.sprints), default=0) or 1
    return tuple(
        Bar(f"Sprint {one.number}", one.points, one.committed, round(100 * one.points / most))
        for one in delivered.sprints
    )


def _typical(delivered):
    points = [one.points for one in delivered.sprints]
    if len(points) < _ENOUGH:
        return None
    lower, _, upper = quantiles(points, n=4, method="inclusive")
    return lower, upper
