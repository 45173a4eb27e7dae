"""Give out the secret address of a calendar of one's sprints, and take it back."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from core import events
from core.errors import RuleViolation
from core.permissions import require
from sprints.models import CalendarFeed

_TOKEN_BYTES = 32


class NoCalendar(RuleViolation):
    code = "calendar_none"
    message = "There is no address to take back."


@dataclass(frozen=True)
class NewFeed:
    """A feed and its secret, which nobody can look up again."""

    feed: CalendarFeed
    secret: str


@transaction.atomic
def publish(user: User, *, by: User) -> NewFeed:
    """Make the address of somebody's calendar; one made before is useless at once. Raises PermissionDenied."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    require(by, "calendar.manage", user)
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    CalendarFeed.objects.filter(user=user).delete()
    feed = CalendarFeed.objects.create(user=user, token_hash=CalendarFeed.hash(secret))
    events.record("calendar.published", target=feed, by=by)
    return NewFeed(feed, secret)


@transaction.atomic
def withdraw(user: User, *, by: User) -> None:
    """Make the address of somebody's calendar useless at once. Raises PermissionDenied, NoCalendar."""
    require(by, "calendar.manage", user)
    feed = CalendarFeed.objects.select_for_update().filter(user=user).first()
    if feed is None:
        raise NoCalendar
    events.record("calendar.withdrawn", target=feed, by=by)
    feed.delete()
