"""Sprints as a calendar program reads them (RFC 5545)."""

from datetime import UTC, date, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from backlog.models import Product
from sprints.models import CalendarFeed, Sprint

_PAST_DAYS = 180
_MOST = 500


def reader_of(secret: str) -> User | None:
    """Whose calendar the address is, in one statement; None where it is nobody's any more."""
    feeds = CalendarFeed.objects.filter(token_hash=CalendarFeed.hash(secret), user__is_active=True)
    feed = feeds.select_related("user").first()
    return feed.user if feed else None


def sprint_calendar(user: User, *, today: date) -> bytes:
    """The sprints that somebody may read, from half a year ago on, as text/calendar; in two statements.

    An event keeps its UID for good, so that a program moves what it shows already.
    """
    # A library of two megabytes, for one kind of request.
    from icalendar import Calendar, vDuration

    calendar = Calendar()
    calendar.add("prodid", "-//Underpin//Sprints//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Sprints")
    calendar.add("refresh-interval", vDuration(timedelta(hours=6)), parameters={"value": "DURATION"})
    sprints = Sprint.objects.readable_by(user).filter(ends_on__gte=today - timedelta(days=_PAST_DAYS))
    sprints = list(sprints.select_related("team").order_by("starts_on", "pk")[:_MOST])
    products = _products(user, sprints)
    for sprint in sprints:
        calendar.add_component(_event(sprint, products.get(sprint.team_id)))
    return calendar.to_ical()


def _event(sprint, product_key):
    from icalendar import Event

    event = Event()
    event.add("uid", f"sprint-{sprint.pk}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", (sprint.closed_at or sprint.started_at or sprint.created_at).astimezone(UTC))
    event.add("sequence", sprint.version)
    event.add("summary", f"{sprint}, {sprint.team}")
    event.add("dtstart", sprint.starts_on)
    event.add("dtend", sprint.ends_on + timedelta(days=1))
    event.add("status", "TENTATIVE" if sprint.status == Sprint.Status.PLANNED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("description", sprint.goal or "No sprint goal yet")
    if product_key:
        event.add("url", settings.BASE_URL + reverse("sprints:sprint", args=[product_key, sprint.pk]))
    return event


def _products(user, sprints):
    """By team the first product, by key, in which the person sees its sprints."""
    links = Product.objects.visible_to(user).filter(team_links__team__in={sprint.team_id for sprint in sprints})
    return dict(links.order_by("-key").values_list("team_links__team", "key"))


def calendar_url(secret: str) -> str:
    """What a calendar program subscribes to."""
    return settings.BASE_URL + reverse("sprints:calendar-feed", args=[secret])
