"""Split an item into parts, and put a split back together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from backlog import permissions
from backlog.actions import feed, fields, items, ordering, places, readiness
from backlog.actions.item_rows import lock, lock_many, touch
from backlog.actions.ordering import Place
from backlog.models import AcceptanceCriterion, Delegation, Item
from backlog.queries.item_page import SPLITTABLE, UNTOUCHED
from core import events
from core.errors import InvalidInput, RuleViolation
from core.models import Event
from core.permissions import require

Status = Item.Status
MOST = 10
# What the new parts have in common with the item. Value, dates and dependencies stay with it: they count once.
_SHARED = ("kind", "type", "component", "team", "goal", "parent", "discipline", "is_restricted", "engagement")


class NotSplittable(RuleViolation):
    code = "item_not_splittable"
    message = "Only an item that is not finished can be split."


class NoSplit(RuleViolation):
    code = "no_split"
    message = "There is no split of this item to take back."


class PartMovedOn(RuleViolation):
    code = "split_part_moved_on"
    message = "Somebody works on a part already, so the split stays."


@dataclass(frozen=True)
class Part:
    """points: None where nobody has estimated it. criteria: ids among those of the item that is split."""

    title: str
    points: Decimal | None = None
    criteria: Sequence[int] = ()


@transaction.atomic
def split(
    item,
    parts: Sequence[Part],
    *,
    by,
    version: int | None = None,
    at: datetime | None = None,
    right: tuple[str, object] | None = None,
) -> list[Item]:
    """Make 2 to 10 parts of an item; returns them in their order.

    The first part stays the item itself, with its key, discussion, value and dependencies. The others are new items
    directly behind it, or where it would return to. Each criterion goes to the part that names it; those that no part
    names stay. right: verb and target to require in place of "item.split" of the item.
    Raises PermissionDenied, PreconditionFailed, NotSplittable, InvalidInput.
    """
    ordered = ordering.lock(item.product_id)
    item = lock(item)
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
    require(by, *(right or ("item.split", item)))
    fields.expect(item, version)
    if item.status not in SPLITTABLE:
        raise NotSplittable(f"The item is {item.get_status_display().lower()}: it can't be split.")
    criteria = _shared_out(item, parts)

    first, *others = parts
    changes = fields.change(item, fields.cleaned(Item, {"title": first.title, "points": first.points}))
    touch(item, "title", "points", at=at)
    new = items.insert(item.product, [_row(item, part) for part in others], by=by, status=_status(item), at=at)
    Item.objects.filter(pk__in=[part.pk for part in new]).update(split_from=item)
    _hand_over(criteria, item, dict(zip(map(id, others), new, strict=True)), others)
    ids = [part.pk for part in new]
    readiness.refresh([item.pk, *ids])
    data = {"parts": ids, "criteria": [criterion.pk for criterion in criteria.values()], "changes": changes}
    events.record("item.split", target=item, by=by, at=at, **data, **permissions.as_lent(lent))
    _record_parts(item, new, by=by, at=at)
    if item.status == Status.PROPOSED:
        feed.changed(item.product_id, [item.pk, *ids])
    else:
        ordering.enter(ordered, ids, _behind(ordered, item), by=by, at=at)
        feed.changed(item.product_id, [item.pk])
    return [item, *new]


@transaction.atomic
def take_back(item, *, by, at: datetime | None = None, right: tuple[str, object] | None = None) -> Item:
    """Put the last split of an item back together: criteria, points and title return, the parts are dropped.

    Title and points return only where nobody has changed them since. right: as for `split`.
    Raises PermissionDenied, NoSplit, PartMovedOn.
    """
    ordered = ordering.lock(item.product_id)
    split_event = Event.objects.about(item).newest_first().filter(name="item.split").first()
    ids = split_event.data["parts"] if split_event else []
    found = {row.pk: row for row in lock_many([item.pk, *ids])}
    item = found.pop(item.pk)
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item)
    require(by, *(right or ("item.split", item)))
    parts = [part for part in found.values() if part.status != Status.DROPPED]
    if not parts or item.status not in SPLITTABLE:
        raise NoSplit
    if moved_on := [part.key for part in parts if part.status not in UNTOUCHED]:
        raise PartMovedOn(f"{', '.join(moved_on)} went on already, so the split stays.")

    _collect(item, parts, split_event.data["criteria"])
    changes = _former(item, split_event.data["changes"])
    touch(item, "title", "points", at=at)
    now = at or timezone.now()
    for part in parts:
        part.status, part.status_at, part.status_by = Status.DROPPED, now, by
        part.status_reason = f"The split of {item.key} was taken back"
        touch(part, "status", "status_at", "status_by", "status_reason", at=at)
    readiness.refresh([item.pk, *found])
    happenings = [
        events.Happening("item.split_taken_back", item, {"parts": [part.pk for part in parts], "changes": changes}),
        *(events.Happening("item.dropped", part, {"reason": part.status_reason, "changes": {}}) for part in parts),
    ]
    events.record_many(happenings, by=by, at=at, on_behalf_of=lent.granted_by if lent else None)
    ordering.leave(ordered, [part.pk for part in parts], by=by, at=at)
    feed.changed(item.product_id, [item.pk, *(part.pk for part in parts)])
    return item


def _shared_out(item, parts):
    """The criteria of the item by id, in their order; refuses parts that don't share them out."""
    if not 2 <= len(parts) <= MOST:
        raise InvalidInput(f"An item is split into 2 to {MOST} parts.", field="parts")
    for number, part in enumerate(parts, 1):
        if not part.title.strip():
            raise InvalidInput(f"Part {number} needs a title.", field="parts")
    criteria = {criterion.pk: criterion for criterion in item.criteria.order_by("position")}
    named = [pk for part in parts for pk in part.criteria]
    if len(named) != len(set(named)) or not set(named) <= criteria.keys():
        raise InvalidInput("Each criterion goes to one part.", field="parts")
    return criteria


def _status(item):
    return Status.PROPOSED if item.status == Status.PROPOSED else Status.OPEN


def _row(item, part):
    shared = {name: getattr(item, name) for name in _SHARED}
    tags = list(item.tag_links.values_list("tag__name", flat=True))
    return shared | {"title": part.title, "points": part.points, "tags": tags}


def _hand_over(criteria, item, made, others):
    given = set()
    for part in others:
        for position, pk in enumerate(part.criteria, 1):
            criteria[pk].item, criteria[pk].position = made[id(part)], position
            given.add(pk)
    kept = [criterion for pk, criterion in criteria.items() if pk not in given]
    for position, criterion in enumerate(kept, 1):
        criterion.position = position
    AcceptanceCriterion.objects.bulk_update(criteria.values(), ["item", "position"])


def _collect(item, parts, former):
    place = {pk: number for number, pk in enumerate(former)}
    found = AcceptanceCriterion.objects.filter(item__in=[item, *parts])
    criteria = sorted(found, key=lambda criterion: (place.get(criterion.pk, len(place)), criterion.pk))
    for position, criterion in enumerate(criteria, 1):
        criterion.item, criterion.position = item, position
    AcceptanceCriterion.objects.bulk_update(criteria, ["item", "position"])


def _former(item, changes):
    """What the split had changed and nobody has since."""
    before = {}
    for name, (old, new) in changes.items():
        field = Item._meta.get_field(name)
        if getattr(item, name) == field.to_python(new):
            before[name] = field.to_python(old)
    return fields.change(item, before)


def _behind(ordered, item):
    row = places.rows(ordered, [item.pk]).get(item.pk)
    anchor = row and (item.pk if row.is_listed else row.predecessor)
    return Place.after(anchor) if anchor else Place.top()


def _record_parts(item, parts, *, by, at):
    events.record_many(
        [
            events.Happening("item.split_off", part, {"key": part.key, "title": part.title, "source": item.pk})
            for part in parts
        ],
        by=by,
        at=at,
    )
