"""The order of a product: who moved what where, and taking it back."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import ordering
from backlog.api.items import PlaceInput, place_of, read
from backlog.api.lookups import item_of, product_of, read_product, visible_product
from backlog.api.references import LARGEST_ID, IdField, PersonReference
from backlog.models import Move, OrderedList, Product
from backlog.queries.unseen import moves_as_seen
from core import rates
from core.permissions import allowed, require
from core.rest import KeysetPage, idempotent, require_scope, whole_number
from core.rest.views import ApiViewSet


class MoveSerializer(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the order: replaying all moves gives the order.")
    kind = serializers.ChoiceField(Move.Kind.choices)
    items = serializers.ListField(child=serializers.IntegerField(), help_text="Ids, in their new order.")
    predecessors = serializers.ListField(
        child=serializers.IntegerField(allow_null=True),
        help_text="What each item was put behind, one after the other; null: the top.",
    )
    former = serializers.ListField(
        child=serializers.IntegerField(allow_null=True),
        help_text="What each item stood behind before; for permute the ids in their former order.",
    )
    by = PersonReference()
    on_behalf_of = PersonReference(allow_null=True)
    delegation = serializers.IntegerField(source="delegation_id", allow_null=True)
    reason = serializers.CharField()
    undoes = serializers.IntegerField(allow_null=True, help_text="The version that this one took back.")
    redoes = serializers.IntegerField(allow_null=True, help_text="The version of the undo that this one took back.")
    at = serializers.DateTimeField()


class OrderSerializer(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the order.")
    feed_version = serializers.IntegerField(help_text="Of what the list shows: the ETag of the feed.")
    moves = MoveSerializer(many=True, help_text="What this request moved; empty if all stood there already.")


@extend_schema_serializer(
    examples=[OpenApiExample("Two items before a third", value={"items": [12, 15], "before": 9}, request_only=True)]
)
class MoveInput(PlaceInput):
    """Items, by id, and exactly one of before, after, top, bottom and position."""

    items = serializers.ListField(child=IdField(), min_length=1, max_length=500)
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class MoveReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class TechnicalOrderInput(MoveReasonInput):
    items = serializers.ListField(child=IdField(), min_length=1, max_length=500)


def product_to_order(request, key: str) -> Product:
    """The product whose order is about to change: within the scope of the token and the rate of the list."""
    product = visible_product(request, key)
    rights = allowed(request.user, ["backlog.read", "order.move"], product)
    if "backlog.read" not in rights:
        require(request.user, "backlog.read", product)
    require_scope(request, "order.move" if "order.move" in rights else "order.move_technical")
    rates.allow("order.move", f"{request.user.pk}:{product.pk}")
    rates.allow("order.move_list", product.pk)
    return product


class Moves(ApiViewSet):
    tag = "order"
    pagination_class = KeysetPage
    page_order = ("version",)
    query_parameters = ("since",)

    @extend_schema(
        operation_id="moves_list",
        parameters=[OpenApiParameter("since", int, description="Only moves after this version of the order.")],
        responses=MoveSerializer(many=True),
    )
    def list(self, request, key):
        """List the moves in an order, oldest first. 0 stands for an item that you may not see."""
        product = product_of(request, key)
        moves = Move.objects.filter(list__product=product, version__gt=whole_number(request, "since", 0, LARGEST_ID, 0))
        page = moves_as_seen(self.paginate_queryset(moves.select_related("by", "on_behalf_of")), request.user)
        return self.get_paginated_response(MoveSerializer(page, many=True).data)

    @extend_schema(operation_id="moves_create", request=MoveInput, responses={200: OrderSerializer})
    @idempotent(required=True)
    def create(self, request, key):
        """Move items to a place, as one block in the order given. A stale neighbour answers 409 and the fresh ones."""
        product = product_to_order(request, key)
        values = read(self, MoveInput, product)
        item_ids, reason = values.pop("items"), values.pop("reason")
        return _answer(
            request, product, ordering.move(product, item_ids, place_of(values), by=request.user, reason=reason)
        )

    @extend_schema(operation_id="technical_order_set", request=TechnicalOrderInput, responses=OrderSerializer)
    @idempotent
    def permute_technical(self, request, key):
        """Give technical items a new order over the places they hold: all other items keep theirs."""
        product = product_to_order(request, key)
        values = read(self, TechnicalOrderInput, product)
        return _answer(
            request, product, ordering.permute_technical(product, values.pop("items"), by=request.user, **values)
        )

    @extend_schema(operation_id="moves_undo", request=None, responses=OrderSerializer)
    @idempotent
    def undo(self, request, key):
        """Take back your own last move."""
        product = product_to_order(request, key)
        return _answer(request, product, ordering.undo(product, by=request.user))

    @extend_schema(operation_id="moves_redo", request=None, responses=OrderSerializer)
    @idempotent
    def redo(self, request, key):
        """Take back your own last undo."""
        product = product_to_order(request, key)
        return _answer(request, product, ordering.redo(product, by=request.user))

    @extend_schema(operation_id="moves_undo_version", request=None, responses=OrderSerializer)
    @idempotent
    def undo_version(self, request, key, version):
        """Take back anybody's move."""
        product = read_product(request, key)
        return _answer(request, product, ordering.undo_move(product, version, by=request.user))

    @extend_schema(operation_id="order_restore", request=MoveReasonInput, responses=OrderSerializer)
    @idempotent
    def restore(self, request, key, version):
        """Give the items the order they had at a version."""
        product = read_product(request, key)
        reason = read(self, MoveReasonInput, product)["reason"]
        return _answer(request, product, ordering.restore(product, version, by=request.user, reason=reason))


class Pins(ApiViewSet):
    tag = "order"

    @extend_schema(operation_id="items_pin", request=None, responses=OrderSerializer)
    def pin(self, request, key, number):
        """Pin an item to its place: proposals and delegated moves leave it there."""
        item = item_of(request, key, number)
        return _answer(request, item.product, ordering.pin(item, by=request.user))

    @extend_schema(operation_id="items_unpin", responses={200: OrderSerializer})
    def unpin(self, request, key, number):
        """Unpin an item."""
        item = item_of(request, key, number)
        return _answer(request, item.product, ordering.unpin(item, by=request.user))


def _answer(request, product, move):
    made = [move] if move else []
    # All other moves are the product owner's, who sees every item.
    if move and move.kind == Move.Kind.PERMUTE:
        made = moves_as_seen(made, request.user)
    ordered = move.list if move else get_object_or_404(OrderedList, product=product)
    return Response(
        OrderSerializer(
            {
                "version": ordered.version,
                "feed_version": ordered.feed_version,
                "moves": made,
            }
        ).data
    )
