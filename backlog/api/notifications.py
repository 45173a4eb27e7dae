"""What oneself was told."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import notifications
from backlog.api.lookups import visible_products
from backlog.api.references import DecisionReference, ItemReference, PersonReference
from backlog.models import Notification
from core.permissions import require_route
from core.rest import KeysetPage, allowed_product_ids, idempotent
from core.rest.errors import BadQuery
from core.rest.views import ApiViewSet


class NotificationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Notification.Kind.choices)
    by = PersonReference()
    item = ItemReference(allow_null=True, help_text="Null where it is about a decision.")
    decision = DecisionReference(allow_null=True)
    comment = serializers.IntegerField(source="comment_id", allow_null=True)
    question = serializers.IntegerField(source="question_id", allow_null=True)
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class ReadSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text="How many were new.")


class Notifications(ApiViewSet):
    tag = "notifications"
    pagination_class = KeysetPage
    page_order = ("-id",)
    query_parameters = ("unread",)

    @extend_schema(
        responses=NotificationSerializer(many=True),
        parameters=[OpenApiParameter("unread", enum=["yes"], description="`yes`: only what is new.")],
    )
    def list(self, request):
        """List what you were told, newest first."""
        require_route(request, request.user)
        rows = _own(request).select_related("by", "item__product", "decision")
        if "unread" in request.query_params:
            if request.query_params["unread"] != "yes":
                raise BadQuery("unread is yes, or it is left out.", allowed=["yes"])
            rows = rows.unread()
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(NotificationSerializer(page, many=True).data)

    @extend_schema(request=None, responses=NotificationSerializer)
    def read(self, request, notification_id):
        """Say that you have read one."""
        return self._told(notifications.read(_found(request, notification_id), by=request.user))

    @extend_schema(responses={200: NotificationSerializer})
    def unread(self, request, notification_id):
        """Take back that you have read one."""
        return self._told(notifications.unread(_found(request, notification_id), by=request.user))

    @extend_schema(request=None, responses=ReadSerializer)
    @idempotent
    def read_all(self, request):
        """Say that you have read everything."""
        require_route(request, request.user)
        if allowed_product_ids(request) is not None:
            raise PermissionDenied("A token for some products can't say this of all; mark them one by one.")
        return Response(ReadSerializer({"count": notifications.read_all(request.user, by=request.user)}).data)

    def _told(self, notification):
        return Response(NotificationSerializer(notification).data)


def _own(request):
    return Notification.objects.visible_to(request.user).filter(product__in=visible_products(request).values("pk"))


def _found(request, notification_id):
    return get_object_or_404(_own(request), pk=notification_id)
