"""Set what the product is for, and the steps towards it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from backlog.actions import feed, fields
from backlog.models import Goal, Product
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require


class ProductGoalExists(RuleViolation):
    code = "product_goal_exists"
    message = "The product has a product goal already. Close that one first."
    field = "is_product_goal"


class GoalClosed(RuleViolation):
    code = "goal_closed"
    message = "The goal is closed."


@transaction.atomic
def create(
    product, *, title: str, by, is_product_goal: bool = False, engagement: str = "", at: datetime | None = None
) -> Goal:
    """Raises PermissionDenied, InvalidInput, ProductGoalExists."""
    _lock_product(product.pk)
    require(by, "goal.manage", product)
    values = fields.cleaned(Goal, {"title": title, "engagement": engagement})
    if is_product_goal:
        _refuse_second(product.pk)
    last = Goal.objects.filter(product=product).aggregate(last=Max("position"))["last"] or 0
    goal = Goal.objects.create(
        product=product,
        is_product_goal=is_product_goal,
        position=last + 1,
        created_at=at or timezone.now(),
        **values,
    )
    events.record("goal.created", target=goal, by=by, at=at, title=goal.title, is_product_goal=is_product_goal)
    return goal


@transaction.atomic
def edit(goal, *, by, version: int | None = None, **values) -> Goal:
    """Change title, is_product_goal or engagement.

    Raises PermissionDenied, PreconditionFailed, InvalidInput, ProductGoalExists.
    """
    if unknown := values.keys() - {"title", "is_product_goal", "engagement"}:
        raise TypeError(f"No such fields of a goal: {sorted(unknown)}")
    goal = _lock(goal)
    require(by, "goal.manage", goal)
    fields.expect(goal, version)
    if values.get("is_product_goal") and not goal.is_product_goal and goal.closed_at is None:
        _refuse_second(goal.product_id)
    changes = fields.change(goal, fields.cleaned(Goal, values))
    if changes:
        _save(goal, *changes)
        events.record("goal.edited", target=goal, by=by, changes=changes)
    if "engagement" in changes:
        feed.changed(goal.product_id, goal.items.values_list("pk", flat=True))
    return goal


@transaction.atomic
def reorder(product, goal_ids: Sequence[int], *, by) -> list[Goal]:
    """Put all goals of the product into this order. Raises PermissionDenied, InvalidInput."""
    _lock_product(product.pk)
    require(by, "goal.manage", product)
    goals = {goal.pk: goal for goal in Goal.objects.filter(product=product).order_by("position", "pk")}
    former = list(goals)
    if sorted(goal_ids) != sorted(former):
        raise InvalidInput("Name each goal of the product once.", field="goals")
    ordered = [goals[pk] for pk in goal_ids]
    for position, goal in enumerate(ordered, 1):
        goal.position = position
    Goal.objects.bulk_update(ordered, ["position"])
    if former != list(goal_ids):
        events.record("goals.reordered", target=product, by=by, changes={"goals": [former, list(goal_ids)]})
    return ordered


@transaction.atomic
def close(goal, *, by, at: datetime | None = None) -> Goal:
    """Say that a goal is reached or given up. Raises PermissionDenied, GoalClosed."""
    goal = _lock(goal)
    require(by, "goal.manage", goal)
    if goal.closed_at:
        raise GoalClosed
    goal.closed_at = at or timezone.now()
    _save(goal, "closed_at")
    events.record("goal.closed", target=goal, by=by, at=at, title=goal.title)
    return goal


@transaction.atomic
def reopen(goal, *, by) -> Goal:
    """Raises PermissionDenied, ProductGoalExists."""
    goal = _lock(goal)
    require(by, "goal.manage", goal)
    if goal.closed_at is None:
        return goal
    if goal.is_product_goal:
        _refuse_second(goal.product_id)
    goal.closed_at = None
    _save(goal, "closed_at")
    events.record("goal.reopened", target=goal, by=by, title=goal.title)
    return goal


def _lock_product(product_id):
    # The product's row is the queue for its goals: there is one product goal, and one order of goals.
    return Product.objects.select_for_update(no_key=True).get(pk=product_id)


def _lock(goal):
    _lock_product(goal.product_id)
    return Goal.objects.get(pk=goal.pk)


def _refuse_second(product_id):
    if Goal.objects.open().filter(product=product_id, is_product_goal=True).exists():
        raise ProductGoalExists


def _save(goal, *names):
    goal.version += 1
    goal.save(update_fields=[*names, "version"])
