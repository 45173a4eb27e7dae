"""Take moves back: one's own, anybody's, a delegation's, or all since a version.

Taking back is a new step of the log. Items that have left the list since are passed over; the others go back behind
what they stood behind, or, where that has left the list, to the place it keeps there.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from backlog.actions import moves, places
from backlog.actions.places import Run
from backlog.models import Move
from backlog.queries import order_log, slots, undo_stack
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require

# D6: a delegation can be reverted for so long after its end.
REVERTIBLE = timedelta(days=90)


class NothingToUndo(RuleViolation):
    code = "nothing_to_undo"
    message = "There is no move of yours to undo here."


class NothingToRedo(RuleViolation):
    code = "nothing_to_redo"
    message = "There is no undone move of yours to redo here."


class ItemsHaveLeft(RuleViolation):
    code = "items_have_left"
    message = "The items of that move are no longer in the list."


class TooLateToRevert(RuleViolation):
    code = "too_late_to_revert"
    message = "The delegation ended more than 90 days ago."


@transaction.atomic
def undo(product, *, by) -> Move:
    """Take back one's own last move that is not taken back yet; returns where the items went.

    Raises PermissionDenied, NothingToUndo.
    """
    ordered = moves.lock(product.pk)
    require(by, "order.undo_own", product)
    for version in reversed(undo_stack.of_person(ordered, by).undoable):
        step = Move.objects.get(list=ordered, version=version)
        if _has_listed_items(ordered, step) and not undo_stack.is_taken_back_by_another(step):
            return _take_back(product, ordered, step, by=by, undoes=version)
    raise NothingToUndo


@transaction.atomic
def redo(product, *, by) -> Move:
    """Take back one's own last undo. Raises PermissionDenied, NothingToRedo."""
    ordered = moves.lock(product.pk)
    require(by, "order.undo_own", product)
    for version in reversed(undo_stack.of_person(ordered, by).redoable):
        step = Move.objects.get(list=ordered, version=version)
        if _has_listed_items(ordered, step):
            return _take_back(product, ordered, step, by=by, redoes=version)
    raise NothingToRedo


@transaction.atomic
def undo_move(product, version: int, *, by) -> Move:
    """Take back anybody's move. Raises PermissionDenied, InvalidInput, ItemsHaveLeft."""
    ordered = moves.lock(product.pk)
    require(by, "order.undo_any", product)
    step = Move.objects.filter(list=ordered, version=version, kind__in=[Move.Kind.MOVE, Move.Kind.PERMUTE]).first()
    if step is None:
        raise InvalidInput("There is no such move.", field="version")
    if not _has_listed_items(ordered, step):
        raise ItemsHaveLeft
    return _take_back(product, ordered, step, by=by, undoes=version)


@transaction.atomic
def restore(product, version: int, *, by, reason: str = "") -> Move | None:
    """Give the items still listed the order they had at a version, with as few moves as that takes.

    Items that came in since stay behind what they stand behind now. None if the order is the same.
    Raises PermissionDenied, InvalidInput.
    """
    ordered = moves.lock(product.pk)
    require(by, "order.undo_any", product)
    if not 0 <= version <= ordered.version:
        raise InvalidInput("There is no such version.", field="version")
    since = order_log.since(ordered, version)
    now = order_log.present(ordered)
    wanted = _with_newcomers(order_log.rewound(now, since), now)
    moving = order_log.fewest_moved(now, wanted, {item for step in since for item in step.items})
    if not moving:
        return None
    found = places.rows(ordered, moving)
    return moves.put(
        ordered, places.runs_of(wanted, moving), found, by=by, reason=reason or f"Order of version {version}"
    )


@transaction.atomic
def revert_delegation(delegation, *, by) -> Move | None:
    """Give the component's technical items the order they had when they were lent; None if they have it (D6).

    Raises PermissionDenied, TooLateToRevert.
    """
    ordered = moves.lock(delegation.product_id)
    require(by, "delegation.revert", delegation)
    if timezone.now() > (delegation.revoked_at or delegation.until) + REVERTIBLE:
        raise TooLateToRevert
    lent = slots.of_components(ordered, [delegation.component_id])
    after = [item for item in delegation.base_order if item in lent.rank_of]
    before = sorted(after, key=lent.rank_of.get)
    return moves.permute(
        ordered, before, after, lent.rank_of, by=by, delegation=delegation, reason="The delegation was reverted"
    )


def _take_back(product, ordered, step, *, by, **link):
    if step.kind == Move.Kind.PERMUTE:
        return _exchange_back(product, ordered, step, by=by, **link)
    require(by, "order.move", product)
    found = places.rows(ordered, step.items)
    runs = [
        Run(behind, [item for item in items if found[item].is_listed]) for behind, items in order_log.former_runs(step)
    ]
    return moves.put(ordered, [run for run in runs if run.items], found, by=by, is_forced=True, **link)


def _exchange_back(product, ordered, step, *, by, **link):
    rank_of = {item: row.rank for item, row in places.rows(ordered, step.items).items() if row.is_listed}
    if not can(by, "order.move", product):
        lent = slots.lent(ordered, by)
        rank_of = {item: rank for item, rank in rank_of.items() if item in lent.rank_of}
        if not rank_of:
            raise PermissionDenied("The items of that move are no longer lent to you.")
        link |= lent.authority(next(iter(rank_of)))
    after = [item for item in step.former if item in rank_of]
    before = sorted(after, key=rank_of.get)
    return moves.permute(ordered, before, after, rank_of, by=by, is_forced=True, **link)


def _has_listed_items(ordered, step):
    return any(row.is_listed for row in places.rows(ordered, step.items).values())


def _with_newcomers(then, now):
    listed, was_listed = set(now), set(then)
    sequence = order_log.Sequence(item for item in then if item in listed)
    behind = None
    for item in now:
        if item not in was_listed:
            sequence.put(item, behind)
        behind = item
    return list(sequence)
