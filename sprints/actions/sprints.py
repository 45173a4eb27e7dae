"""Plan a team's sprint, start it, change its scope, close it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Team
from backlog.actions import engagement, feed, fields, life_cycle, ordering, splits
from backlog.actions.item_rows import lock_many
from backlog.models import Item, ProductTeam
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from sprints import mails
from sprints.models import CorrectiveAction, Sprint, SprintItem
from sprints.permissions import right_to_split
from sprints.queries.capacity import capacity_of, has_history
from sprints.queries.inspecting import rest_of

Outcome = SprintItem.Outcome
FINISHED = (Item.Status.DONE, Item.Status.ACCEPTED)
MANY = 500
FIELDS = ("goal", "starts_on", "ends_on", "capacity_points")
LONGEST_DAYS = 60


class NotPlanned(RuleViolation):
    code = "sprint_not_planned"
    message = "Only a planned sprint can be started."


class NotActive(RuleViolation):
    code = "sprint_not_active"
    message = "Only an active sprint can be closed."


class AlreadyActive(RuleViolation):
    code = "sprint_already_active"
    message = "The team already has an active sprint."


class SprintClosed(RuleViolation):
    code = "sprint_closed"
    message = "The sprint is closed: it stays as it was."


class CapacityKnown(RuleViolation):
    code = "sprint_capacity_known"
    message = "The team's past sprints say how much it delivers: leave the capacity empty."
    status = 422
    field = "capacity_points"


class NotPullable(RuleViolation):
    code = "items_not_pullable"
    message = "Only open items of the team's products go into a sprint."


class InAnotherSprint(RuleViolation):
    code = "items_in_sprint"
    message = "These items are in a sprint already."


class NotInSprint(RuleViolation):
    code = "items_not_in_sprint"
    message = "These items are not in the sprint."


class OutcomeMissing(RuleViolation):
    code = "sprint_outcome_missing"
    message = "Say for each unfinished item whether it returns to its place or is carried over."
    status = 422
    field = "outcomes"


class NotUnfinished(RuleViolation):
    code = "sprint_item_not_unfinished"
    message = "Only what is in the sprint and not finished is split at its end."
    status = 422
    field = "splits"


class NowhereToCarry(RuleViolation):
    code = "sprint_nowhere_to_carry"
    message = "Items are carried over into a planned sprint of the same team."
    status = 422
    field = "into"


@dataclass(frozen=True)
class Cut:
    """How an unfinished item is split at the end: its done part stays, finished; the rest is a new item.

    rest_title: empty for the item's own. rest_goes: "returned" or "carried_over".
    """

    done_points: Decimal
    rest_points: Decimal
    rest_title: str = ""
    rest_goes: str = Outcome.RETURNED


@transaction.atomic
def plan(
    team,
    *,
    starts_on: date,
    ends_on: date,
    by,
    goal: str = "",
    capacity_points: Decimal | None = None,
    at: datetime | None = None,
) -> Sprint:
    """Give the team its next sprint. ends_on: the last day, included. Raises PermissionDenied, InvalidInput."""
    team = _lock_team(team.pk)
    require(by, "sprint.plan", Sprint(team=team))
    last = Sprint.objects.filter(team=team).aggregate(last=Max("number"))["last"] or 0
    sprint = Sprint(organization_id=team.organization_id, team=team, number=last + 1, created_at=at or timezone.now())
    values = {"goal": goal, "starts_on": starts_on, "ends_on": ends_on, "capacity_points": capacity_points}
    fields.change(sprint, _checked(sprint, values))
    sprint.save(force_insert=True)
    events.record("sprint.planned", target=sprint, by=by, at=at, team=team.pk, number=sprint.number, goal=sprint.goal)
    return sprint


@transaction.atomic
def edit(sprint, *, by, version: int | None = None, **values) -> Sprint:
    """Change `FIELDS` of a sprint that isn't closed.

    Raises PermissionDenied, PreconditionFailed, InvalidInput, SprintClosed.
    """
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"No such fields of a sprint: {sorted(unknown)}")
    sprint = _lock(sprint)
    require(by, "sprint.plan", sprint)
    _refuse_closed(sprint)
    fields.expect(sprint, version)
    changes = fields.change(sprint, _checked(sprint, values))
    if changes:
        _save(sprint, *changes)
        events.record("sprint.edited", target=sprint, by=by, changes=changes)
    return sprint


@transaction.atomic
def start(sprint, *, by, at: datetime | None = None) -> Sprint:
    """Make a planned sprint the team's active one: its items leave the order, their points are the commitment.

    Items finished or given up since they were planned leave the sprint.
    Raises PermissionDenied, NotPlanned, AlreadyActive.
    """
    sprint = _lock(sprint)
    require(by, "sprint.plan", sprint)
    if sprint.status != Sprint.Status.PLANNED:
        raise NotPlanned
    if Sprint.objects.active().filter(team=sprint.team_id).exists():
        raise AlreadyActive
    now = at or timezone.now()
    entries = _entries(sprint)
    orders = _lock_orders(entries)
    items = _lock_items(entries)
    over = [entry for entry in entries if items[entry.item_id].status not in Item.UNFINISHED]
    entries = [entry for entry in entries if entry not in over]
    _let_go(over, Outcome.REMOVED, by, now)
    for entry in entries:
        entry.points_at_start = items[entry.item_id].points
    SprintItem.objects.bulk_update(entries, ["points_at_start"])

    sprint.status, sprint.started_at, sprint.started_by = Sprint.Status.ACTIVE, now, by
    sprint.committed_points = sum((entry.points_at_start or 0 for entry in entries), Decimal(0))
    _save(sprint, "status", "started_at", "started_by", "committed_points", *_fit(sprint))
    events.record(
        "sprint.started",
        target=sprint,
        by=by,
        at=at,
        items=[entry.item_id for entry in entries],
        committed_points=sprint.committed_points,
        capacity_points=sprint.capacity_points,
    )
    _delist(orders, [items[entry.item_id] for entry in entries], by=by, at=at)
    if at is None:
        mails.tell_team(sprint, "start")
    return sprint


@transaction.atomic
def choose_for_goal(sprint, items: Iterable[Item], *, by) -> None:
    """Say which items of the sprint its goal needs; these and no others. Raises PermissionDenied, SprintClosed,
    NotInSprint."""
    sprint = _lock(sprint)
    require(by, "sprint.plan", sprint)
    _refuse_closed(sprint)
    wanted = {item.pk for item in items}
    entries = {entry.item_id: entry for entry in _entries(sprint)}
    if wanted - entries.keys():
        raise NotInSprint
    changed = [entry for entry in entries.values() if entry.is_for_goal != (entry.item_id in wanted)]
    if not changed:
        return
    old = sorted(entry.item_id for entry in entries.values() if entry.is_for_goal)
    for entry in changed:
        entry.is_for_goal = not entry.is_for_goal
    SprintItem.objects.bulk_update(changed, ["is_for_goal"])
    events.record("sprint.goal_chosen", target=sprint, by=by, changes={"items": [old, sorted(wanted)]})
    _tell([entry.item for entry in changed])


@transaction.atomic
def add(sprint, items: Iterable[Item], *, by, reason: str = "", at: datetime | None = None) -> list[SprintItem]:
    """Take items into a planned or an active sprint; into an active one it is a change of scope, and `reason` says why.

    Raises PermissionDenied, InvalidInput, SprintClosed, NotPullable, InAnotherSprint.
    """
    items = _distinct(items)
    sprint = _lock(sprint)
    require(by, "sprint.pull", sprint)
    _refuse_closed(sprint)
    orders = {pk: ordering.lock(pk) for pk in sorted({item.product_id for item in items})}
    items = lock_many([item.pk for item in items])
    products = set(ProductTeam.objects.filter(team=sprint.team_id).values_list("product", flat=True))
    wrong = [i for i in items if i.product_id not in products or i.status not in Item.UNFINISHED]
    if wrong:
        raise NotPullable(items=[item.key for item in wrong])
    taken = set(SprintItem.objects.filter(item__in=items, outcome="").values_list("item", flat=True))
    if taken:
        raise InAnotherSprint(items=[item.key for item in items if item.pk in taken])
    entries = SprintItem.objects.bulk_create(
        SprintItem(
            organization_id=sprint.organization_id,
            sprint=sprint,
            item=item,
            added_at=at or timezone.now(),
            added_by=by,
        )
        for item in items
    )
    _record_scope("item.added_to_sprint", sprint, items, by=by, at=at, reason=reason.strip())
    engagement.ask([item.pk for item in items], by=by, at=at)
    if sprint.status == Sprint.Status.ACTIVE:
        _delist(orders, items, by=by, at=at)
    else:
        _tell(items)
    return entries


@transaction.atomic
def remove(sprint, items: Iterable[Item], *, by, reason: str = "", at: datetime | None = None) -> None:
    """Take items out of a sprint; unfinished ones return to their places in the order.

    Raises PermissionDenied, InvalidInput, SprintClosed, NotInSprint.
    """
    items = _distinct(items)
    sprint = _lock(sprint)
    require(by, "sprint.pull", sprint)
    _refuse_closed(sprint)
    entries = [entry for entry in _entries(sprint) if entry.item_id in {item.pk for item in items}]
    if len(entries) < len(items):
        raise NotInSprint
    orders = _lock_orders(entries)
    items = list(_lock_items(entries).values())
    _let_go(entries, Outcome.REMOVED, by, at or timezone.now())
    _record_scope("item.removed_from_sprint", sprint, items, by=by, at=at, reason=reason.strip())
    _return(orders, items, by=by, at=at)


@transaction.atomic
def swap(sprint, items: Iterable[Item], *, out: Iterable[Item], by) -> None:
    """Take items in, and others out to make room. Raises what `add` and `remove` raise."""
    remove(sprint, out, by=by, reason="Swapped for others")
    add(sprint, items, by=by, reason="Swapped for others")


@transaction.atomic
def close(
    sprint,
    outcomes: Mapping[int, str] | None = None,
    *,
    by,
    into: Sprint | None = None,
    cuts: Mapping[int, Cut] | None = None,
    at: datetime | None = None,
) -> Sprint:
    """End an active sprint: what is finished is delivered, the rest goes where `outcomes` says.

    outcomes: item id → "returned" (to its place) or "carried_over" (into `into`), for each unfinished item that the
    person may see and does not split; the others return. cuts: by item id, those to split.
    Raises PermissionDenied, NotActive, OutcomeMissing, NowhereToCarry, NotUnfinished, and what splitting raises.
    """
    outcomes, cuts = outcomes or {}, cuts or {}
    sprint = _lock(sprint)
    require(by, "sprint.plan", sprint)
    if sprint.status != Sprint.Status.ACTIVE:
        raise NotActive
    now = at or timezone.now()
    entries = _entries(sprint)
    orders = _lock_orders(entries)
    rests = _cut(sprint, entries, cuts, by=by, at=at)
    items = _lock_items(entries)
    fates = _fates(entries, items, outcomes, by)
    carried = fates[Outcome.CARRIED_OVER]
    to_next = [entry.item_id for entry in carried]
    to_next += [rest.pk for pk, rest in rests.items() if cuts[pk].rest_goes == Outcome.CARRIED_OVER]
    if to_next:
        into = _lock_next(sprint, into)
    for outcome, of_outcome in fates.items():
        _let_go(of_outcome, outcome, by, now)
    SprintItem.objects.bulk_create(
        SprintItem(organization_id=sprint.organization_id, sprint=into, item_id=pk, added_at=now, added_by=by)
        for pk in to_next
    )
    _end_corrections(sprint, entries, fates)

    sprint.status, sprint.closed_at, sprint.closed_by = Sprint.Status.CLOSED, now, by
    sprint.delivered_points = sum((items[entry.item_id].points or 0 for entry in fates[Outcome.DONE]), Decimal(0))
    _save(sprint, "status", "closed_at", "closed_by", "delivered_points")
    events.record(
        "sprint.closed",
        target=sprint,
        by=by,
        at=at,
        delivered_points=sprint.delivered_points,
        committed_points=sprint.committed_points,
        into=into.pk if to_next else None,
        split={pk: rest.pk for pk, rest in rests.items()},
        **{outcome.value: [entry.item_id for entry in of_outcome] for outcome, of_outcome in fates.items()},
    )
    back = [*fates[Outcome.RETURNED], *carried]
    _return(orders, [items[entry.item_id] for entry in back], by=by, at=at)
    if at is None:
        mails.tell_team(sprint, "close")
    return sprint


def _lock_team(team_id):
    # The team's row is the queue for its sprints.
    return Team.objects.select_for_update(no_key=True).get(pk=team_id)


def _lock(sprint):
    _lock_team(sprint.team_id)
    return Sprint.objects.get(pk=sprint.pk)


def _lock_next(sprint, into):
    into = Sprint.objects.planned().filter(team=sprint.team_id, pk=into.pk if into else None).first()
    if into is None:
        raise NowhereToCarry
    return into


def _refuse_closed(sprint):
    if sprint.status == Sprint.Status.CLOSED:
        raise SprintClosed


def _checked(sprint, values):
    values = fields.cleaned(Sprint, values)
    starts_on = values.get("starts_on", sprint.starts_on)
    ends_on = values.get("ends_on", sprint.ends_on)
    if starts_on > ends_on:
        raise InvalidInput("A sprint ends after it starts.", field="ends_on")
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise InvalidInput(f"A sprint has at most {LONGEST_DAYS} days.", field="ends_on")
    if (values.get("capacity_points") or 0) < 0:
        raise InvalidInput("This can't be below zero.", field="capacity_points")
    if values.get("capacity_points", sprint.capacity_points) != sprint.capacity_points and has_history(sprint.team_id):
        raise CapacityKnown
    return values


def _fit(sprint):
    """What the team can do, from its past and who is there; without a past the typed capacity stands."""
    capacity = capacity_of(sprint)
    sprint.availability = round(Decimal(capacity.availability), 3)
    if not capacity.has_history:
        return ["availability"]
    sprint.commit_points, sprint.capacity_points = capacity.commit, capacity.stretch
    return ["availability", "commit_points", "capacity_points"]


def _save(sprint, *names):
    sprint.version += 1
    sprint.save(update_fields=[*names, "version"])


def _distinct(items):
    items = list({item.pk: item for item in items}.values())
    if not 1 <= len(items) <= MANY:
        raise InvalidInput(f"Between 1 and {MANY} items at once.", field="items")
    return items


def _entries(sprint):
    return list(SprintItem.objects.filter(sprint=sprint, outcome="").select_related("item").order_by("pk"))


def _lock_orders(entries):
    return {pk: ordering.lock(pk) for pk in sorted({entry.item.product_id for entry in entries})}


def _lock_items(entries):
    return {item.pk: item for item in lock_many([entry.item_id for entry in entries])}


def _cut(sprint, entries, cuts, *, by, at):
    """The rest of each item that is split, by the id of the item; the item itself is finished.

    Before the items are locked, in the order of their ids, as a split takes the product's counter.
    """
    unfinished = {entry.item_id: entry.item for entry in entries if entry.item.status in Item.UNFINISHED}
    if cuts.keys() - unfinished.keys():
        raise NotUnfinished
    rests = {}
    for pk, cut in sorted(cuts.items()):
        item = unfinished[pk]
        if item.status == Item.Status.OPEN:
            item = life_cycle.begin(item, by=by, at=at)
        title = cut.rest_title.strip() or rest_of(item.title)
        parts = [splits.Part(item.title, cut.done_points), splits.Part(title, cut.rest_points)]
        item, rests[pk] = splits.split(item, parts, by=by, at=at, right=right_to_split(by, sprint, item))
        life_cycle.finish(item, by=by, at=at)
    return rests


def _end_corrections(sprint, entries, fates):
    """What was done about the sprint and not looked at since is judged by its end: the goal was reached, or not."""
    wanted = {entry.pk for entry in entries if entry.is_for_goal} or {entry.pk for entry in entries}
    is_reached = wanted <= {entry.pk for entry in fates[Outcome.DONE]}
    waiting = CorrectiveAction.objects.filter(inspection__sprint=sprint, outcome_percent=None, undone_at=None)
    waiting.update(outcome_percent=100 if is_reached else 0)


def _fates(entries, items, outcomes, by):
    seen = set(Item.objects.readable_by(by).filter(pk__in=items).values_list("pk", flat=True))
    fates = {outcome: [] for outcome in Outcome}
    missing = []
    for entry in entries:
        item = items[entry.item_id]
        if item.status in FINISHED:
            fates[Outcome.DONE].append(entry)
        elif item.status not in Item.UNFINISHED:
            fates[Outcome.REMOVED].append(entry)
        elif outcomes.get(item.pk) in (Outcome.RETURNED, Outcome.CARRIED_OVER):
            fates[Outcome(outcomes[item.pk])].append(entry)
        elif item.pk in seen:
            missing.append(item.key)
        else:
            fates[Outcome.RETURNED].append(entry)
    if missing:
        raise OutcomeMissing(items=missing)
    return fates


def _let_go(entries, outcome, by, now):
    points = Item.objects.filter(pk=OuterRef("item")).values("points")
    SprintItem.objects.filter(pk__in=[entry.pk for entry in entries]).update(
        outcome=outcome, left_at=now, left_by=by, points_at_end=Subquery(points)
    )


def _record_scope(name, sprint, items, *, by, at, **data):
    is_scope_change = sprint.status == Sprint.Status.ACTIVE
    events.record_many(
        [
            events.Happening(
                name,
                item,
                {
                    "sprint": sprint.pk,
                    "number": sprint.number,
                    "points": item.points,
                    "is_scope_change": is_scope_change,
                    **data,
                },
            )
            for item in items
        ],
        by=by,
        at=at,
    )


def _delist(orders, items, *, by, at):
    for product_id, ids in _by_product(items):
        if ordering.leave(orders[product_id], ids, by=by, at=at) is None:
            feed.changed(product_id, ids)


def _return(orders, items, *, by, at):
    listed = [item for item in items if item.status in Item.UNFINISHED]
    for product_id, ids in _by_product(listed):
        if ordering.rejoin(orders[product_id], ids, by=by, at=at) is None:
            feed.changed(product_id, ids)


def _tell(items):
    for product_id, ids in _by_product(items):
        feed.changed(product_id, ids)


def _by_product(items):
    by_product = defaultdict(list)
    for item in items:
        by_product[item.product_id].append(item.pk)
    return sorted(by_product.items())
