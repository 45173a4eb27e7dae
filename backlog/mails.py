"""The mails that this app writes."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import NotificationPreference, User
from accounts.unsubscribing import unsubscribe_url
from backlog.models import Notification
from core import mail

_SUBJECTS = {
    Notification.Kind.MENTIONED: "{by} mentioned you in {key}: {title}",
    Notification.Kind.ASSIGNED: "{key} is yours: {title}",
    Notification.Kind.ANSWERED: "{by} answered your question about {key}: {title}",
    Notification.Kind.REMINDED: "{by} waits for an answer about {key}: {title}",
    Notification.Kind.WORD_DUE: "{key} needs your word: {title}",
    Notification.Kind.PROPOSAL_ACCEPTED: "Taken into the backlog: {key} {title}",
    Notification.Kind.PROPOSAL_CHANGED: "Taken into the backlog with a change: {key} {title}",
    Notification.Kind.PROPOSAL_DECLINED: "Declined: {key} {title}",
    Notification.Kind.SUGGESTION_TAKEN: "Your suggestion about {key} is taken: {title}",
    Notification.Kind.SUGGESTION_DECLINED: "Your suggestion about {key} is declined: {title}",
}
_VERDICTS = {
    Notification.Kind.PROPOSAL_ACCEPTED,
    Notification.Kind.PROPOSAL_CHANGED,
    Notification.Kind.PROPOSAL_DECLINED,
    Notification.Kind.SUGGESTION_TAKEN,
    Notification.Kind.SUGGESTION_DECLINED,
}
_EXCERPT = 600
_LOAN = NotificationPreference.Kind.LOAN


def send_notification(notification: Notification, preference: str) -> None:
    """Hand the mail of what a person is told to the outbox, in the transaction of the caller.

    preference: the NotificationPreference.Kind that its unsubscribe link ends.
    """
    item, person = notification.item, notification.user
    stop = unsubscribe_url(person, preference)
    values = {
        "base_url": settings.BASE_URL,
        "notification": notification,
        "item": item,
        "excerpt": _excerpt(_text(notification)),
        "url": settings.BASE_URL + reverse("backlog:item", args=[item.product.key, item.number]),
        "unsubscribe_url": stop,
        "settings_url": settings.BASE_URL + reverse("accounts:profile"),
    }
    name = f"mail/{'verdict' if notification.kind in _VERDICTS else notification.kind}"
    mail.send(
        to=person.email,
        subject=_SUBJECTS[notification.kind].format(by=notification.by, key=item.key, title=item.title),
        text=render_to_string(f"{name}.txt", values),
        html=render_to_string(f"{name}.html", values),
        cause=f"notification:{notification.pk}",
        unsubscribe_url=stop,
    )


def send_ending(delegation) -> None:
    """Hand the mails that a delegation is about to end to the outbox: to who holds it and to who lent it."""
    people = [person for person in (delegation.grantee, delegation.granted_by) if person.is_active]
    stopped = NotificationPreference.objects.filter(kind=_LOAN, is_mailed=False, user__in=people).values("user")
    path = reverse("backlog:component", args=[delegation.component.product.key, delegation.component_id])
    for person in User.objects.filter(pk__in=[one.pk for one in people]).exclude(pk__in=stopped):
        stop = unsubscribe_url(person, _LOAN)
        values = {
            "base_url": settings.BASE_URL,
            "delegation": delegation,
            "person": person,
            "is_holder": person.pk == delegation.grantee_id,
            "url": settings.BASE_URL + path,
            "unsubscribe_url": stop,
            "settings_url": settings.BASE_URL + reverse("accounts:profile"),
        }
        mail.send(
            to=person.email,
            subject=f"What is lent over {delegation.component} ends on {delegation.until:%-d %B}",
            text=render_to_string("mail/loan_ending.txt", values),
            html=render_to_string("mail/loan_ending.html", values),
            cause=f"loan-ending:{delegation.pk}:{delegation.until:%Y-%m-%dT%H:%M}",
            unsubscribe_url=stop,
        )


def _text(notification):
    if notification.question:
        is_answered = notification.kind == Notification.Kind.ANSWERED
        return notification.question.answer if is_answered else notification.question.text
    if notification.kind in _VERDICTS:
        return notification.suggestion.verdict_reason if notification.suggestion else notification.item.status_reason
    return notification.comment.text if notification.comment else notification.item.description


def _excerpt(text):
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT].rsplit(maxsplit=1)[0]} …"
