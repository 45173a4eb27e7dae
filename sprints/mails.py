"""The mails of sprints: to the team when one starts, is in trouble or closes; to stakeholders with each note."""

from django.conf import settings
from django.urls import reverse

from accounts.models import NotificationPreference, User
from accounts.unsubscribing import unsubscribe_url
from backlog.models import Product, ProductRole
from core import mail

Kind = NotificationPreference.Kind
_KINDS = {"start": Kind.SPRINT_START, "alert": Kind.SPRINT_ALERT, "close": Kind.SPRINT_CLOSE}
_SUBJECTS = {
    "start": "{sprint} of {team} has begun",
    "alert": "{sprint} of {team} is in trouble",
    "close": "{sprint} of {team} is closed",
}


def tell_team(sprint, what: str, inspection=None) -> None:
    """Mail the team, in the transaction of the caller. what: start, alert or close."""
    product = Product.objects.filter(team_links__team=sprint.team_id).order_by("key").first()
    if product is None:
        return
    url = settings.BASE_URL + reverse("sprints:sprint", args=[product.key, sprint.pk])
    text = "\n".join([*_lines(sprint, what, inspection), "", url])
    subject = _SUBJECTS[what].format(sprint=sprint, team=sprint.team)
    on = f":{inspection.on}" if inspection else ""
    people = _wanting(_KINDS[what], team_memberships__team=sprint.team_id)
    _send(people, _KINDS[what], subject, text, f"sprint:{sprint.pk}:{what}{on}")


def tell_stakeholders(note) -> None:
    """Mail a note to the stakeholders of its product, in the transaction of the caller."""
    url = settings.BASE_URL + reverse("sprints:status", args=[note.product.key])
    role = ProductRole.Role.STAKEHOLDER
    people = _wanting(Kind.STATUS_NOTE, product_roles__product=note.product_id, product_roles__role=role)
    subject = f"{note.product}: news of {note.sprint}"
    _send(people, Kind.STATUS_NOTE, subject, f"{note.text}\n\n{url}", f"note:{note.pk}")


def _lines(sprint, what, inspection):
    yield f"Goal: {sprint.goal}" if sprint.goal else "It has no goal."
    if what == "start":
        yield f"It runs to {sprint.ends_on:%-d %B} with {sprint.committed_points} points."
    if what == "close":
        yield f"{sprint.delivered_points} of {sprint.committed_points} points were delivered."
    if inspection:
        yield f"The goal has a chance of {inspection.goal_percent} %, at the start {inspection.start_percent} %."
        yield from inspection.causes


def _wanting(kind, **where):
    unwanted = NotificationPreference.objects.filter(kind=kind, is_mailed=False).values("user")
    return User.objects.filter(is_active=True, **where).exclude(pk__in=unwanted).distinct().order_by("pk")


def _send(people, kind, subject, text, cause):
    for person in people:
        stop = unsubscribe_url(person, kind)
        body = f"{text}\n\nNo more mails like this one: {stop}\n"
        mail.send(to=person.email, subject=subject, text=body, cause=cause, unsubscribe_url=stop)
