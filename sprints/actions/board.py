"""Move items over the team's board, and say which columns it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog.actions import feed, life_cycle
from backlog.models import Item
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from sprints.models import BoardColumn, Sprint, SprintItem

Status = BoardColumn.Status
MOST_COLUMNS = 10
# Steps of the item's life from one column's status to another's.
_PATHS = {
    (Status.OPEN, Status.IN_PROGRESS): ("begin",),
    (Status.OPEN, Status.DONE): ("begin", "finish"),
    (Status.IN_PROGRESS, Status.OPEN): ("stop",),
    (Status.IN_PROGRESS, Status.DONE): ("finish",),
    (Status.DONE, Status.IN_PROGRESS): ("send_back",),
    (Status.DONE, Status.OPEN): ("send_back", "stop"),
}
_SENT_BACK = "Moved back on the board"


class NotOnBoard(RuleViolation):
    code = "item_not_on_board"
    message = "The item is not on the board of a running sprint."


class AlreadyAccepted(RuleViolation):
    code = "item_already_accepted"
    message = "The item is accepted, and so done for good."


@dataclass(frozen=True)
class ColumnPlan:
    """A column as the team wants it. id: of one it has; None: a new one."""

    id: int | None
    name: str
    status: str
    wip_limit: int | None


@transaction.atomic
def move(sprint, item, *, status: str, column=None, by, at: datetime | None = None) -> SprintItem:
    """Put an item into a column; what that means for its life happens with it.

    column: of the team's own with that status; None where it has none. More items than the column's limit are a warning
    on the board, never a wall.
    Raises PermissionDenied, NotOnBoard, AlreadyAccepted, WrongStatus.
    """
    require(by, "item.work", item)
    entries = SprintItem.objects.filter(sprint=sprint, sprint__status=Sprint.Status.ACTIVE, item=item, outcome="")
    entry = entries.select_related("item__product", "column").first()
    if entry is None:
        raise NotOnBoard
    item = entry.item
    if item.status == Item.Status.ACCEPTED:
        raise AlreadyAccepted
    if item.status == status and entry.column == column:
        return entry
    was = entry.column.name if entry.column else item.get_status_display()
    for step in _PATHS.get((item.status, status), ()):
        reason = {"reason": _SENT_BACK} if step == "send_back" else {}
        item = getattr(life_cycle, step)(item, by=by, at=at, **reason)
    entry = SprintItem.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    entry.column, entry.column_at = column, at or timezone.now()
    entry.save(update_fields=["column", "column_at"])
    events.record(
        "item.moved_on_board",
        target=item,
        by=by,
        at=at,
        sprint=sprint.pk,
        changes={"column": [was, column.name if column else item.get_status_display()]},
    )
    feed.changed(item.product_id, [item.pk])
    return entry


@transaction.atomic
def arrange(team, plans: Sequence[ColumnPlan], *, by) -> list[BoardColumn]:
    """Give the team's board these columns, in this order; those that are not named go, and their items stand in the
    first of their status.

    Raises PermissionDenied, InvalidInput.
    """
    require(by, "sprint.plan", Sprint(team=team))
    _check(plans)
    held = {column.pk: column for column in BoardColumn.objects.select_for_update().filter(team=team)}
    if {plan.id for plan in plans if plan.id} - held.keys():
        raise InvalidInput("One of these columns is not on the board any more: load the page again.")
    old = [column.name for column in sorted(held.values(), key=lambda column: column.position)]
    kept = []
    for position, plan in enumerate(plans):
        column = held.pop(plan.id) if plan.id else BoardColumn(organization_id=team.organization_id, team=team)
        column.position, column.name, column.status = position, plan.name.strip(), plan.status
        column.wip_limit = plan.wip_limit
        column.save()
        kept.append(column)
    BoardColumn.objects.filter(pk__in=held).delete()
    events.record("board.arranged", target=team, by=by, changes={"columns": [old, [column.name for column in kept]]})
    return kept


def _check(plans):
    if len(plans) > MOST_COLUMNS:
        raise InvalidInput(f"At most {MOST_COLUMNS} columns.", field="columns")
    statuses = [plan.status for plan in plans]
    if plans and set(statuses) != set(Status.values):
        raise InvalidInput("A board has a column for what is to do, in progress and done.", field="columns")
    if statuses != sorted(statuses, key=Status.values.index):
        raise InvalidInput("First what is to do, then what is in progress, then what is done.", field="columns")
    if any(not plan.name.strip() or len(plan.name.strip()) > 40 or "\x00" in plan.name for plan in plans):
        raise InvalidInput("Each column has a name of at most 40 characters.", field="columns")
