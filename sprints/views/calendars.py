"""The calendar of one's sprints: its address, and what a calendar program reads there."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from core import rates
from core.answers import changed
from core.middleware import client_address
from core.permissions import require_route
from sprints.actions import calendars
from sprints.models import CalendarFeed
from sprints.queries.calendars import calendar_url, reader_of, sprint_calendar


@never_cache
def page(request):
    """A new address stands in this one answer and nowhere else."""
    require_route(request, request.user)
    address = ""
    if request.method == "POST":
        address = calendar_url(calendars.publish(request.user, by=request.user).secret)
    feed = CalendarFeed.objects.filter(user=request.user).first()
    return render(request, "sprints/calendars/page.html", {"feed": feed, "address": address})


@require_POST
def withdraw(request):
    require_route(request, request.user)
    calendars.withdraw(request.user, by=request.user)
    return changed(request, reverse("sprints:calendar"), "The address works no more.", event="calendar-changed")


@login_not_required
@never_cache
@require_GET
def feed(request, token):
    """The secret address is the permission: a calendar program can't sign in."""
    rates.allow("calendar.address", client_address(request))
    reader = reader_of(token)
    if reader is None:
        raise Http404
    rates.allow("calendar.feed", reader.pk)
    return HttpResponse(
        sprint_calendar(reader, today=timezone.localdate()), content_type="text/calendar; charset=utf-8"
    )
