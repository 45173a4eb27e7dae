"""Ask about an item, and answer."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog.actions import feed, fields, notifications, readiness
from backlog.actions.item_rows import lock
from backlog.models import Notification, Question
from backlog.permissions import product_roles
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require


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
def reopen(question, *, by) -> Question:
    """Say that the answer does not hold; the history keeps it. Raises PermissionDenied, NotAnswered."""
    question = _lock(question)
    require(by, "item.ask", question)
    if question.answered_at is None:
        raise NotAnswered
    old = question.answer
    question.answer, question.answered_by, question.answered_at = "", None, None
    question.save(update_fields=["answer", "answered_by", "answered_at"])
    _record("question.reopened", question, by=by, changes={"answer": [old, ""]})
    return question


def _lock(question):
    item = lock(question.item)
    return item.questions.get(pk=question.pk)


def _record(name, question, *, by, at=None, **data):
    item = question.item
    events.record(name, target=item, by=by, at=at, question=question.pk, **data)
    readiness.refresh([item.pk])
    feed.changed(item.product_id, [item.pk])
