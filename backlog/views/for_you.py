"""What waits for oneself."""

from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import notifications
from backlog.models import Notification
from backlog.queries.for_you import count_for_you, for_you
from core.answers import changed
from core.permissions import require_route

# Regions of the page, and the count in the navigation, refresh on it.
EVENT = "for-you-changed"
# Where higher apps say what waits for a person, by the names of their routes; drawn as far as they exist.
_FRAGMENTS = ("sprints:for-you", "roadmap:for-you", "nightly:for-you")


@require_GET
def page(request):
    require_route(request, request.user)
    values = {"page": for_you(request.user), "fragments": _fragments()}
    return render(request, "backlog/for_you/page.html", values)


@require_GET
def count(request):
    """For the navigation of every page, which asks a moment later: what the page itself needs comes first."""
    require_route(request, request.user)
    return render(request, "backlog/for_you/count.html", {"count": count_for_you(request.user) or ""})


@require_POST
def read(request, notification_id):
    notifications.read(_own(request, notification_id), by=request.user)
    undo_url = reverse("backlog:notification-unread", args=[notification_id])
    return changed(request, reverse("backlog:for-you"), "Marked as read.", event=EVENT, undo_url=undo_url)


@require_POST
def unread(request, notification_id):
    notifications.unread(_own(request, notification_id), by=request.user)
    return changed(request, reverse("backlog:for-you"), "It waits for you again.", event=EVENT)


@require_POST
def read_all(request):
    notifications.read_all(request.user, by=request.user)
    return changed(request, reverse("backlog:for-you"), "Everything is marked as read.", event=EVENT)


def _own(request, notification_id):
    return get_object_or_404(Notification.objects.visible_to(request.user), pk=notification_id)


def _fragments():
    found = []
    for route in _FRAGMENTS:
        try:
            found.append(reverse(route))
        except NoReverseMatch:
            continue
    return found
