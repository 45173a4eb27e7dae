"""Sprints of a product's teams, as pages show them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backlog.models import Item
from sprints.models import Sprint, SprintItem

_FINISHED = (Item.Status.DONE, Item.Status.ACCEPTED)


@dataclass(frozen=True)
class SprintRow:
    """An item in a sprint; outcome is empty while it is in it."""

    id: int
    key: str
    product_key: str
    number: int
    title: str
    kind: str
    type: str
    status: str
    status_label: str
    points: Decimal | None
    outcome: str

    @property
    def is_finished(self) -> bool:
        return self.status in _FINISHED


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
    def unfinished(self) -> tuple[SprintRow, ...]:
        return tuple(row for row in self.rows if not row.outcome and row.status in Item.UNFINISHED)


def active_sections(product, user, *, today: date) -> tuple[SprintSection, ...]:
    """The active sprints of the teams that work on a product, with items the person sees, in two statements."""
    return sections(Sprint.objects.active().filter(team__product_links__product=product), user, today=today)


def sections(sprints, user, *, today: date) -> tuple[SprintSection, ...]:
    """Sprints with what is in them, in two statements. A closed one has what it ended with."""
    sprints = list(sprints.select_related("team").order_by("team__name", "number"))
    rows = _rows(sprints, user)
    return tuple(_section(sprint, rows[sprint.pk], today) for sprint in sprints)


def _section(sprint, rows, today):
    counted = [row for row in rows if row.outcome != SprintItem.Outcome.REMOVED]
    return SprintSection(
        sprint=sprint,
        rows=tuple(rows),
        done_points=sum((row.points or 0 for row in counted if row.is_finished), Decimal(0)),
        all_points=sum((row.points or 0 for row in counted), Decimal(0)),
        day=_working_days(sprint.starts_on, min(today, sprint.ends_on)) if today >= sprint.starts_on else None,
        days=_working_days(sprint.starts_on, sprint.ends_on),
    )


def _rows(sprints, user):
    rows = defaultdict(list)
    entries = SprintItem.objects.filter(sprint__in=sprints, item__in=Item.objects.visible_to(user).values("pk"))
    for entry in entries.select_related("item__product").order_by("pk"):
        item = entry.item
        row = SprintRow(
            id=item.pk,
            key=item.key,
            product_key=item.product.key,
            number=item.number,
            title=item.title,
            kind=item.kind,
            type=item.type,
            status=item.status,
            status_label=item.get_status_display(),
            points=item.points,
            outcome=entry.outcome,
        )
        rows[entry.sprint_id].append(row)
    return rows


def _working_days(first, last):
    """Monday to Friday, both ends included."""
    whole, rest = divmod((last - first).days + 1, 7)
    return 5 * whole + sum((first.weekday() + day) % 7 < 5 for day in range(rest))
