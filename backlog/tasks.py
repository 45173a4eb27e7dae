"""Work of the backlog outside requests."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from accounts.models import Membership, Organization, User
from backlog.actions import delegations, importing, learning, poker, products, questions
from backlog.models import Delegation, ImportRun, Product, Question
from backlog.queries import order_check
from core import clock, context, jobs
from core.consume import consumer
from core.models import Event

# Long enough to come back to a file after a weekend.
IMPORTS_KEPT = timedelta(days=7)

logger = structlog.get_logger(__name__)


@shared_task(name="backlog.tasks.apply_import")
def apply_import(*, run_id: int) -> None:
    """Apply an import that somebody has started; safe to repeat."""
    door = context.via.set("job")
    try:
        run = ImportRun.objects.select_related("by").get(pk=run_id)
        importing.apply_or_fail(run, by=run.by)
    finally:
        context.via.reset(door)


@consumer
def end_roles(*, event_id: int) -> None:
    """End the product roles of a person who left their organization: follows `member.deactivated`."""
    event = Event.objects.get(pk=event_id)
    membership = Membership.objects.select_related("organization", "user").get(pk=event.target_id)
    products.end_roles(membership.organization, membership.user, by=User.objects.service("membership"))


@shared_task(name=f"backlog.tasks.{order_check.JOB}")
def check_orders(*, slot):
    """Nightly: verify every order; the log names what is wrong, the metrics count it."""
    with jobs.claimed(order_check.JOB, slot) as claim:
        if claim is None:
            return
        found = order_check.problems()
        for problem in found:
            logger.error("order_problem", product=problem.product, code=problem.code, text=problem.text)
        claim.result = {"problems": len(found)}


@shared_task(name="backlog.tasks.discard_imports")
def discard_imports(*, slot):
    """Nightly: throw away files that nobody has imported for a week."""
    with jobs.claimed("discard_imports", slot) as claim:
        if claim is None:
            return
        before = timezone.now() - IMPORTS_KEPT
        count = importing.discard_abandoned(before=before, by=User.objects.service("imports"))
        claim.result = {"discarded": count}


@shared_task(name="backlog.tasks.remind_of_questions")
def remind_of_questions(*, slot):
    """Daily: tell those who may answer of questions that have waited for days, once for each."""
    with jobs.claimed("remind_of_questions", slot) as claim:
        if claim is None:
            return
        now, by = clock.now(), User.objects.service("questions")
        waiting = Question.objects.to_remind(before=now - questions.PATIENCE).order_by("product").values("product")
        products_waiting = Product.objects.filter(pk__in=waiting)
        claim.result = {"reminded": sum(questions.remind(product, now=now, by=by) for product in products_waiting)}


@shared_task(name="backlog.tasks.remind_of_loans")
def remind_of_loans(*, slot):
    """Daily: tell both sides of powers that are about to end."""
    with jobs.claimed("remind_of_loans", slot) as claim:
        if claim is None:
            return
        now, by = clock.now(), User.objects.service("delegations")
        products_of = Delegation.objects.ending(now).filter(reminded_at=None).order_by("product").values("product")
        ending = Product.objects.filter(pk__in=products_of)
        claim.result = {"reminded": sum(delegations.remind(product, now=now, by=by) for product in ending)}


@shared_task(name="backlog.tasks.learn_choices")
def learn_choices(*, slot):
    """Every five minutes: learn from the types, components and tags that people have chosen since."""
    with jobs.claimed("learn_choices", slot) as claim:
        if claim is None:
            return
        by = User.objects.service("classifier")
        organizations = Organization.objects.order_by("pk")
        claim.result = {"learned": sum(learning.learn(organization, by=by) for organization in organizations)}


@shared_task(name="backlog.tasks.show_cards")
def show_cards(*, slot):
    """Every quarter of an hour: turn the cards of rounds whose time is over."""
    with jobs.claimed("show_cards", slot) as claim:
        if claim is None:
            return
        claim.result = {"rounds": poker.show_due(now=clock.now(), by=User.objects.service("poker"))}
