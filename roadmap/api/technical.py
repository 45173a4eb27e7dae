"""The technical flow and the technical order over all products that one may read."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import suggestions, technical_order
from backlog.actions.ordering import Place
from backlog.api.items import read
from backlog.api.lookups import product_of, readable_items
from backlog.api.moves import OrderSerializer, product_to_order
from backlog.api.references import IdField
from backlog.api.suggestions import ItemSuggestionSerializer
from backlog.models import OrderedList
from core.errors import InvalidInput
from core.rest import allowed_product_ids, idempotent
from core.rest.views import ApiViewSet
from roadmap.queries.technical_flow import Asked, technical_flow
from roadmap.queries.technical_page import technical_order as ordered_items


class FlowItemSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    type = serializers.CharField()
    team = serializers.CharField(help_text="Empty where no team has it.")
    points = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    on = serializers.DateField(allow_null=True, help_text="Done at 85 %; null in a running sprint and without a date.")


class PlacedSerializer(FlowItemSerializer):
    column = serializers.IntegerField(help_text="Counts from 0.")
    lane = serializers.IntegerField(help_text="Counts from 0, which are the outcomes.")


class FlowLinkSerializer(serializers.Serializer):
    enabler = serializers.IntegerField()
    dependent = serializers.IntegerField()
    is_bad = serializers.BooleanField(help_text="What needs comes before what it needs.")


class FlowSerializer(serializers.Serializer):
    columns = serializers.ListField(child=serializers.CharField())
    lanes = serializers.ListField(child=serializers.CharField())
    items = PlacedSerializer(many=True)
    links = FlowLinkSerializer(many=True)
    is_cut = serializers.BooleanField(help_text="There is more than the first 1,000 technical items.")


class RankedSerializer(serializers.Serializer):
    position = serializers.IntegerField(help_text="Among the items you may read.")
    is_out_of_step = serializers.BooleanField(help_text="Its product's order has it elsewhere.")
    item = FlowItemSerializer()


class TechnicalMoveInput(serializers.Serializer):
    """An item, by id, and exactly one of before, after, top and bottom."""

    item = IdField()
    before = IdField(required=False)
    after = IdField(required=False)
    top = serializers.BooleanField(required=False)
    bottom = serializers.BooleanField(required=False)


class SuggestOrderInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class HasMoved(serializers.Serializer):
    has_moved = serializers.BooleanField(help_text="False: it stood there already.")


class TechnicalFlow(ApiViewSet):
    tag = "technical order"
    query_parameters = ("lanes",)

    @extend_schema(
        operation_id="technical_flow_show",
        parameters=[OpenApiParameter("lanes", str, enum=["discipline", "type"])],
        responses=FlowSerializer,
    )
    def retrieve(self, request, key):
        """Show unfinished technical items of all products you may read, and the outcomes that they enable."""
        product = product_of(request, key)
        asked = _asked(request, is_by_type=request.query_params.get("lanes") == "type")
        flow = technical_flow(product, request.user, asked, today=product.organization.today())
        values = {"columns": flow.columns, "lanes": flow.lanes, "items": flow.items.values(), "links": flow.links}
        return Response(FlowSerializer(values | {"is_cut": flow.is_cut}).data)


class TechnicalOrder(ApiViewSet):
    tag = "technical order"

    @extend_schema(operation_id="technical_flow_order", responses=RankedSerializer(many=True))
    def list(self, request, key):
        """List unfinished technical items of all products you may read in the technical order."""
        product = product_of(request, key)
        rows = ordered_items(product, request.user, _asked(request), today=product.organization.today())
        return Response(RankedSerializer(rows, many=True).data)

    @extend_schema(operation_id="technical_flow_move", request=TechnicalMoveInput, responses=HasMoved)
    @idempotent
    def move(self, request, key):
        """Move a technical item in the technical order. No product's order changes by it."""
        product = product_of(request, key)
        values = read(self, TechnicalMoveInput, product)
        readable = readable_items(request).filter(organization=product.organization_id)
        item = get_object_or_404(readable.select_related("product"), pk=values.pop("item"))
        place = _place(values)
        for anchor in place.anchors:
            get_object_or_404(readable, pk=anchor)
        return Response({"has_moved": technical_order.move(item, place, by=request.user)})

    @extend_schema(operation_id="technical_flow_apply", request=None, responses=OrderSerializer)
    @idempotent
    def apply(self, request, key):
        """Give the technical slots of this product the sequence of the technical order, as far as you may."""
        product = product_to_order(request, key)
        move = technical_order.apply(product, by=request.user)
        ordered = OrderedList.objects.get(product=product)
        values = {"version": ordered.version, "feed_version": ordered.feed_version, "moves": [move] if move else []}
        return Response(OrderSerializer(values).data)

    @extend_schema(
        operation_id="technical_flow_suggest", request=SuggestOrderInput, responses={201: ItemSuggestionSerializer}
    )
    @idempotent
    def suggest(self, request, key):
        """Ask the product owner to give the technical slots of this product the technical order."""
        product = product_of(request, key)
        values = read(self, SuggestOrderInput, product)
        made = suggestions.suggest_technical_order(product, by=request.user, **values)
        return Response(ItemSuggestionSerializer(made).data, status=201)


def _asked(request, **values):
    """With a token made for some products, only those."""
    only = allowed_product_ids(request)
    return Asked(only=None if only is None else tuple(sorted(only)), **values)


def _place(values):
    said = {word: value for word, value in values.items() if value}
    if len(said) != 1:
        raise InvalidInput("Say exactly one of before, after, top and bottom.", field="before")
    (word, value), *_ = said.items()
    return {"before": Place.before, "after": Place.after}[word](value) if value is not True else Place(word)
