"""The product goal and the goals."""

import pytest
from django.core.exceptions import PermissionDenied

from backlog.actions import goals
from backlog.models import Goal
from core.errors import InvalidInput
from core.models import Event


@pytest.fixture
def product_goal(payments, ines):
    return goals.create(payments, title="Payouts arrive the same day", is_product_goal=True, by=ines)


def test_goals_come_one_after_another(payments, product_goal, ines):
    second = goals.create(payments, title="No manual repair", by=ines)

    assert [(goal.position, goal.is_product_goal) for goal in (product_goal, second)] == [(1, True), (2, False)]
    assert Event.objects.about(second).get().data == {"title": "No manual repair", "is_product_goal": False}


def test_a_product_has_one_product_goal_at_a_time(payments, product_goal, ines):
    other = goals.create(payments, title="No manual repair", by=ines)
    with pytest.raises(goals.ProductGoalExists):
        goals.create(payments, title="Another", is_product_goal=True, by=ines)
    with pytest.raises(goals.ProductGoalExists):
        goals.edit(other, is_product_goal=True, by=ines)

    goals.close(product_goal, by=ines)
    goals.edit(other, is_product_goal=True, by=ines)

    with pytest.raises(goals.ProductGoalExists):
        goals.reopen(product_goal, by=ines)
    with pytest.raises(goals.GoalClosed):
        goals.close(product_goal, by=ines)


def test_editing_records_old_and_new(product_goal, ines):
    goals.edit(product_goal, title="Same-day payouts", version=1, by=ines)

    event = Event.objects.about(product_goal).newest_first().first()
    assert event.data == {"changes": {"title": ["Payouts arrive the same day", "Same-day payouts"]}}


def test_goals_are_reordered(payments, product_goal, ines):
    second = goals.create(payments, title="No manual repair", by=ines)

    goals.reorder(payments, [second.pk, product_goal.pk], by=ines)

    assert list(Goal.objects.order_by("position")) == [second, product_goal]
    with pytest.raises(InvalidInput):
        goals.reorder(payments, [second.pk], by=ines)


@pytest.mark.parametrize("who", ["marek", "mia", "dev", "stan", "ada", "eve"])
def test_only_the_product_owner_sets_goals(who, payments, product_goal, request):
    user = request.getfixturevalue(who)

    for attempt in (
        lambda: goals.create(payments, title="Mine", by=user),
        lambda: goals.edit(product_goal, title="Mine", by=user),
        lambda: goals.close(product_goal, by=user),
        lambda: goals.reopen(product_goal, by=user),
        lambda: goals.reorder(payments, [product_goal.pk], by=user),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
