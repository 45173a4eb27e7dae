"""States of a furnished world that a request may need to begin from."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from backlog.actions import (
    criteria,
    decisions,
    done_checks,
    engagement,
    ordering,
    poker,
    products,
    readiness,
    refinements,
    saved_views,
    splits,
    technical_order,
)
from backlog.models import Component, Goal, Item, Product, ProductRole
from core.permissions import can
from nightly.actions import proposals
from roadmap.actions import releases
from sprints.actions import calendars, inspections, sprints
from sprints.models import Sprint
from tests.worlds import CHECK


def first_is(status):
    """The first item stands where a step of its life begins."""

    def prepare(world):
        done_at = timezone.now() if status == "done" else None
        Item.objects.filter(pk=world.first.pk).update(status=status, done_at=done_at)

    return prepare


def engaged(world):
    """The first item needs a technical owner's word."""
    Item.objects.filter(pk=world.first.pk).update(engagement="architectural")


def with_word(world):
    engaged(world)
    engagement.give(world.first, "planning", by=world.marek)


def archived(world):
    Product.objects.filter(pk=world.product.pk).update(archived_at=timezone.now())


def without_owner(world):
    ProductRole.objects.filter(product=world.product, role="product_owner").delete()


def offered_to_marek(world):
    products.offer(world.product, world.marek, by=world.owner)


def closed_goal(world):
    Goal.objects.filter(pk=world.goal.pk).update(closed_at=timezone.now())


def suspended(world):
    type(world.delegation).objects.filter(pk=world.delegation.pk).update(suspended_at=timezone.now())


def dropped_view(world):
    saved_views.drop(world.view, by=world.owner)


def archived_component(world):
    Component.objects.filter(pk=world.component.pk).update(archived_at=timezone.now())


def pinned(world):
    ordering.pin(world.first, by=world.owner)


def accepted_move(world):
    move = world.proposed_move
    proposals.decide(move.proposal, {move.pk: ("accepted", "")}, by=world.owner)


def met(world):
    criteria.meet(world.criterion, by=world.owner)


def two_criteria(world):
    criteria.add(world.first, "It is safe", by=world.owner)


def read_notification(world):
    type(world.notification).objects.filter(pk=world.notification.pk).update(read_at=timezone.now())


def split(world):
    splits.split(world.first, [splits.Part("One"), splits.Part("Two")], by=world.owner)


def ticked(world):
    readiness.tick(world.first, CHECK, by=world.owner)


def done_ticked(world):
    done_checks.tick(world.first, CHECK, by=world.owner)


def undone(world):
    ordering.undo(world.product, by=world.owner)


def started(world):
    sprints.start(world.sprint, by=world.owner)


def started_with_past(world):
    """The sprint runs, and four closed ones say how much the team delivers."""
    for number in range(90, 94):
        at = timezone.now() - timedelta(days=100 - number)
        Sprint.objects.create(
            organization=world.team.organization,
            team=world.team,
            number=number,
            starts_on=at.date(),
            ends_on=at.date(),
            status="closed",
            committed_points=5,
            delivered_points=5,
            started_at=at,
            started_by=world.owner,
            closed_at=at,
            closed_by=world.owner,
        )
    sprints.start(world.sprint, by=world.owner)


def suggested(world):
    started_with_past(world)
    world.inspection.sprint.refresh_from_db()


def with_calendars(world):
    for person in User.objects.filter(is_active=True):
        if can(person, "calendar.manage", person):
            calendars.publish(person, by=person)


def corrected(world):
    suggested(world)
    inspections.take(world.inspection, by=world.owner)


def ready_third(world):
    """The third item may be recommended: it is ready, and the sprint holds it."""
    product, sprint = world.product, world.sprint
    product.definition_of_ready = {"functional": [{"key": "points", "label": "It has points", "rule": "is_estimated"}]}
    Product.objects.filter(pk=product.pk).update(
        definition_of_ready=product.definition_of_ready, technical_share_min=0, technical_share_max=100
    )
    Item.objects.filter(pk=world.third.pk).update(points=3)
    type(sprint).objects.filter(pk=sprint.pk).update(capacity_points=8)


def released(world):
    releases.release(world.release, by=world.owner)


def out_of_step(world):
    """The technical order has the second technical item before the first."""
    technical_order.move(world.second, ordering.Place.before(world.first.pk), by=world.owner)


def decided(world):
    decisions.accept(world.decision, by=world.owner)


def shown(world):
    poker.show(world.played, by=world.owner)


def without_round(world):
    poker.withdraw(world.played, by=world.owner)


def without_refinement(world):
    refinements.end(world.refinement, by=world.owner)


def left_refinement(world):
    refinements.leave(world.refinement, by=world.owner)
