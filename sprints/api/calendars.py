"""The address of a calendar of one's sprints."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from core.permissions import require_route
from core.rest.views import ApiViewSet
from sprints.actions import calendars
from sprints.models import CalendarFeed
from sprints.queries.calendars import calendar_url


class CalendarSerializer(serializers.Serializer):
    published_at = serializers.DateTimeField(
        source="created_at", allow_null=True, help_text="Null: there is no address."
    )


class NewCalendarSerializer(serializers.Serializer):
    url = serializers.CharField(help_text="What a calendar program subscribes to. It can't be shown again.")


class Calendars(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="calendar", responses=CalendarSerializer)
    def retrieve(self, request):
        """Tell since when a calendar program may read your sprints."""
        require_route(request, request.user)
        return _answer(CalendarFeed.objects.filter(user=request.user).first())

    @extend_schema(operation_id="calendar_publish", request=None, responses=NewCalendarSerializer)
    def publish(self, request):
        """Make the address of a calendar of your sprints; the one before becomes useless."""
        # Put and not post: an answer kept for a repetition would keep the secret.
        require_route(request, request.user)
        new = calendars.publish(request.user, by=request.user)
        return Response(NewCalendarSerializer({"url": calendar_url(new.secret)}).data)

    @extend_schema(operation_id="calendar_withdraw", responses=CalendarSerializer)
    def withdraw(self, request):
        """Make the address useless at once."""
        require_route(request, request.user)
        calendars.withdraw(request.user, by=request.user)
        return _answer(None)


def _answer(feed):
    return Response(CalendarSerializer(feed or {"created_at": None}).data)
