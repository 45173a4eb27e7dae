"""What moved in an order, who moved it and why."""

from dataclasses import asdict

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.lookups import product_of
from backlog.api.references import LARGEST_ID
from backlog.models import Move
from backlog.queries import history
from core.rest import whole_number
from core.rest.errors import BadQuery
from core.rest.views import ApiViewSet


class NamedItemSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()


class StepSerializer(serializers.Serializer):
    version = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(Move.Kind.choices)
    words = serializers.CharField(help_text="What happened, as a sentence tells it.")
    items = NamedItemSerializer(many=True, help_text="The first 50, in their new order.")
    item_count = serializers.IntegerField()
    before = NamedItemSerializer(allow_null=True, help_text="What the first of them stood behind.")
    after = NamedItemSerializer(allow_null=True, help_text="What the first of them stands behind.")
    is_at_top = serializers.BooleanField()
    by = serializers.CharField()
    on_behalf_of = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    undoes = serializers.IntegerField(allow_null=True)
    redoes = serializers.IntegerField(allow_null=True)
    delegation_id = serializers.IntegerField(allow_null=True)
    can_be_undone = serializers.BooleanField()


class HistorySerializer(serializers.Serializer):
    steps = StepSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="`before` of the next page; null on the last one.")


class DisplacementSerializer(serializers.Serializer):
    item = NamedItemSerializer()
    from_position = serializers.IntegerField()
    to_position = serializers.IntegerField()
    by = serializers.CharField()
    on_behalf_of = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class DifferenceSerializer(serializers.Serializer):
    version = serializers.IntegerField()
    moved = DisplacementSerializer(many=True)
    came = NamedItemSerializer(many=True)
    left = NamedItemSerializer(many=True)


class History(ApiViewSet):
    tag = "order"
    query_parameters = ("before", "since")

    @extend_schema(
        operation_id="order_history",
        parameters=[OpenApiParameter("before", {"type": "integer", "minimum": 0}, description="`next` of a page.")],
        responses=HistorySerializer,
    )
    def steps(self, request, key):
        """Read the history of an order, newest first."""
        product = product_of(request, key)
        before = whole_number(request, "before", 0, LARGEST_ID, LARGEST_ID)
        return Response(asdict(history.order_history(product, request.user, before=before)))

    @extend_schema(
        operation_id="order_difference",
        parameters=[OpenApiParameter("since", str, required=True, description="A version, or a time with its zone.")],
        responses=DifferenceSerializer,
    )
    def difference(self, request, key):
        """Compare the order with what it was at a version or a time."""
        product = product_of(request, key)
        return Response(asdict(history.difference(product, request.user, **_since(request))))


def _since(request):
    text = request.query_params.get("since", "")
    if text.isascii() and text.isdigit() and len(text) < 19:
        return {"since_version": int(text)}
    try:
        time = parse_datetime(text)
    except ValueError:
        time = None
    if time is None or is_naive(time):
        raise BadQuery("since is a version of the order, or a time with its zone.")
    return {"since_time": time}
