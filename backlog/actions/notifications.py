"""Tell people what concerns them; they say that they have read it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import NotificationPreference, User
from backlog import mails
from backlog.models import Decision, Notification
from backlog.queries.mentions import named_in, readers
from core import events
from core.permissions import require

Kind = Notification.Kind
_MAILED = {
    Kind.MENTIONED: NotificationPreference.Kind.MENTION,
    Kind.ASSIGNED: NotificationPreference.Kind.ASSIGNMENT,
    Kind.ANSWERED: NotificationPreference.Kind.QUESTION,
    Kind.REMINDED: NotificationPreference.Kind.QUESTION,
    Kind.WORD_DUE: NotificationPreference.Kind.WORD,
    Kind.PROPOSAL_ACCEPTED: NotificationPreference.Kind.VERDICT,
    Kind.PROPOSAL_CHANGED: NotificationPreference.Kind.VERDICT,
    Kind.PROPOSAL_DECLINED: NotificationPreference.Kind.VERDICT,
    Kind.SUGGESTION_TAKEN: NotificationPreference.Kind.VERDICT,
    Kind.SUGGESTION_DECLINED: NotificationPreference.Kind.VERDICT,
}


def tell(item, people: Iterable[User], kind: str, *, by, at: datetime | None = None, **where) -> list[Notification]:
    """Write what the people are told, and the mails, in the transaction of the caller; nobody is told of own deeds.

    at: of deeds in the past, of which no mail is written. where: the comment, question or suggestion, if any.
    """
    people = [person for person in people if person.pk != by.pk]
    told = Notification.objects.bulk_create(
        Notification(
            user=person,
            product_id=item.product_id,
            item=item,
            kind=kind,
            by=by,
            at=at or timezone.now(),
            **where,
        )
        for person in readers(item, people)
    )
    if kind in _MAILED and at is None:
        _mail(told, _MAILED[kind])
    return told


def tell_of_decision(decision, people: Iterable[User], kind: str, *, by, at: datetime | None = None) -> None:
    """Write in the transaction of the caller what people are told of a decision that they may see, once each."""
    others = {person.pk: person for person in people if person.pk != by.pk}
    Notification.objects.bulk_create(
        Notification(
            user=person, product_id=decision.product_id, decision=decision, kind=kind, by=by, at=at or timezone.now()
        )
        for person in others.values()
        if Decision.objects.visible_to(person).filter(pk=decision.pk).exists()
    )


def tell_mentioned(item, text: str, *, by, at: datetime | None = None, before: str = "", comment=None) -> list[int]:
    """Tell whom the text mentions and `before` did not; returns the ids of all whom it mentions, ascending."""
    mentioned = named_in(text, item)
    known = {person.pk for person in named_in(before, item)} if mentioned and before else set()
    tell(
        item, [person for person in mentioned if person.pk not in known], Kind.MENTIONED, by=by, at=at, comment=comment
    )
    return sorted(person.pk for person in mentioned)


@transaction.atomic
def read(notification, *, by) -> Notification:
    """Raises PermissionDenied."""
    notification = Notification.objects.select_for_update().get(pk=notification.pk)
    require(by, "notification.mark", notification)
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save(update_fields=["read_at"])
        events.record("notification.read", target=by, by=by, notification=notification.pk)
    return notification


@transaction.atomic
def unread(notification, *, by) -> Notification:
    """Take back that it was read. Raises PermissionDenied."""
    notification = Notification.objects.select_for_update().get(pk=notification.pk)
    require(by, "notification.mark", notification)
    if notification.read_at is not None:
        notification.read_at = None
        notification.save(update_fields=["read_at"])
        events.record("notification.unread", target=by, by=by, notification=notification.pk)
    return notification


@transaction.atomic
def read_all(person, *, by) -> int:
    """Everything that a person was told up to now; returns how many were new. Raises PermissionDenied."""
    require(by, "notification.mark", person)
    new = list(Notification.objects.select_for_update().filter(user=person).unread().values_list("pk", flat=True))
    if new:
        Notification.objects.filter(pk__in=new).update(read_at=timezone.now())
        events.record("notifications.read", target=person, by=by, notifications=new)
    return len(new)


def _mail(told, kind):
    unwanted = NotificationPreference.objects.filter(
        user__in=[each.user_id for each in told], kind=kind, is_mailed=False
    ).values_list("user", flat=True)
    stopped = set(unwanted) if told else set()
    for notification in told:
        if notification.user.is_active and notification.user_id not in stopped:
            mails.send_notification(notification, kind)
