"""Ask about an item, answer, and remind of what nobody answers."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backlog.actions import decisions, feed, fields, notifications, readiness
from backlog.actions.item_rows import lock
from backlog.models import Notification, Product, Question
from backlog.permissions import product_roles
from backlog.queries.questions import who_may_answer
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require

# A question that waits longer costs a sprint; sooner, people answer by themselves.
PATIENCE = timedelta(days=3)
MOST_REMINDERS = 500


class AlreadyAnswered(RuleViolation):
    code = "question_answered"
    message = "The question is answered already. Open it again to change the answer."


class NotAnswered(RuleViolation):
    code = "question_open"
    message = "The question is open."


@transaction.atomic
def ask(item, text: str, *, by, addressee=None, is_blocking: bool = True, at: datetime | None = None) -> Question:
    """Ask a person, or anybody; a blocking question keeps the item from being ready.

    Raises PermissionDenied, InvalidInput.
    """
    item = lock(item)
    require(by, "item.ask", item)
    if addressee and not product_roles(addressee, item.product) - {"instance_admin"}:
        raise InvalidInput("This person has no role in the product.", field="addressee")
    question = Question.objects.create(
        product_id=item.product_id,
        item=item,
        text=fields.cleaned(Question, {"text": text})["text"],
        asked_by=by,
        asked_at=at or timezone.now(),
        addressee=addressee,
        is_blocking=is_blocking,
    )
    _record("question.asked", question, by=by, at=at, text=question.text, addressee=addressee and addressee.pk)
    return question


@transaction.atomic
def answer(question, text: str, *, by, at: datetime | None = None) -> Question:
    """Raises PermissionDenied, InvalidInput, AlreadyAnswered."""
    question = _lock(question)
    require(by, "item.answer", question)
    if question.answered_at:
        raise AlreadyAnswered
    text = fields.cleaned(Question, {"text": text})["text"]
    question.answer, question.answered_by, question.answered_at = text, by, at or timezone.now()
    question.save(update_fields=["answer", "answered_by", "answered_at"])
    notifications.tell(question.item, [question.asked_by], Notification.Kind.ANSWERED, by=by, at=at, question=question)
    _record("question.answered", question, by=by, at=at, changes={"answer": ["", text]})
    return question


@transaction.atomic
def answer_as_decision(question, text: str, *, by, title: str, at: datetime | None = None, **values) -> Question:
    """Answer with a decision that stands in the product's log, linked with the question and its item.

    It is accepted at once where the person may decide, else proposed to those who may.
    values: as for decisions.propose. Raises PermissionDenied, InvalidInput, AlreadyAnswered.
    """
    item = question.item
    decision = decisions.propose(
        item.product,
        title=title,
        by=by,
        at=at,
        decision=text,
        **{"context": question.text, "items": [item], "questions": [question], **values},
    )
    if can(by, "decision.decide", decision):
        decisions.accept(decision, by=by, at=at)
    return answer(question, text, by=by, at=at)


@transaction.atomic
def reopen(question, *, by) -> Question:
    """Say that the answer does not hold; the history keeps it. Raises PermissionDenied, NotAnswered."""
    question = _lock(question)
    require(by, "item.ask", question)
    if question.answered_at is None:
        raise NotAnswered
    old, answered_by = question.answer, question.answered_by
    question.answer, question.answered_by, question.answered_at, question.reminded_at = "", None, None, None
    question.save(update_fields=["answer", "answered_by", "answered_at", "reminded_at"])
    notifications.tell(question.item, [answered_by], Notification.Kind.REOPENED, by=by, question=question)
    _record("question.reopened", question, by=by, changes={"answer": [old, ""]})
    return question


@transaction.atomic
def remind(product, *, now: datetime, by) -> int:
    """Tell those who may answer of questions that have waited for PATIENCE; once for each time that one is open.

    Returns how many questions; 500 at most, the longest waiting first. Raises PermissionDenied.
    """
    product = Product.objects.get(pk=product.pk)
    require(by, "question.remind", product)
    waiting = Question.objects.select_for_update(of=("self",)).to_remind(before=now - PATIENCE).filter(product=product)
    due = list(waiting.select_related("item__product", "asked_by", "addressee").order_by("asked_at")[:MOST_REMINDERS])
    answering = who_may_answer(due)
    for question in due:
        people = answering[question.pk]
        notifications.tell(question.item, people, Notification.Kind.REMINDED, by=question.asked_by, question=question)
    if due:
        Question.objects.filter(pk__in=[question.pk for question in due]).update(reminded_at=now)
        events.record("questions.reminded", target=product, by=by, questions=[question.pk for question in due])
    return len(due)


def _lock(question):
    item = lock(question.item)
    return item.questions.get(pk=question.pk)


def _record(name, question, *, by, at=None, **data):
    item = question.item
    events.record(name, target=item, by=by, at=at, question=question.pk, **data)
    readiness.refresh([item.pk])
    feed.changed(item.product_id, [item.pk])
