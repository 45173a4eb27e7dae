"""What people suggest who may not do it themselves."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import suggestions
from backlog.api.items import ItemChanges, PlaceInput, place_of, read
from backlog.api.lookups import item_of, product_of, read_product
from backlog.api.references import ItemReference, PersonReference
from backlog.models import Suggestion
from core.rest import KeysetPage, idempotent, require_scope
from core.rest.views import ApiViewSet

OPEN = "open"


class ItemSuggestionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    item = ItemReference()
    action = serializers.ChoiceField(Suggestion.Action.choices)
    payload = serializers.JSONField(
        help_text="edit: changes, by field; move: place, a word and an item_id or a number; pull: sprint, an id; "
        "order: nothing."
    )
    reason = serializers.CharField()
    by = PersonReference()
    at = serializers.DateTimeField()
    verdict = serializers.CharField(help_text="taken, declined or withdrawn; empty while it is open.")
    verdict_by = PersonReference(allow_null=True)
    verdict_at = serializers.DateTimeField(allow_null=True)
    verdict_reason = serializers.CharField()


class ChangesInput(ItemChanges):
    """Only what is sent is suggested."""

    def get_fields(self):
        return {name: field for name, field in super().get_fields().items() if name in suggestions.FIELDS}


class SuggestionInput(serializers.Serializer):
    """Exactly one of changes and place."""

    changes = ChangesInput(required=False)
    place = PlaceInput(required=False)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")

    def validate(self, attrs):
        if ("changes" in attrs) == ("place" in attrs):
            raise serializers.ValidationError("Send changes or a place, and not both.")
        return attrs


class DeclineSuggestionInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class Suggestions(ApiViewSet):
    tag = "suggestions"
    pagination_class = KeysetPage
    query_parameters = ("verdict",)

    @extend_schema(
        operation_id="suggestions_list",
        parameters=[OpenApiParameter("verdict", str, enum=[OPEN, *Suggestion.Verdict.values])],
        responses=ItemSuggestionSerializer(many=True),
    )
    def list(self, request, key):
        """List what was suggested about items of a product, oldest first."""
        found = _seen(request).filter(product=product_of(request, key))
        if verdict := request.query_params.get("verdict"):
            found = found.filter(verdict="" if verdict == OPEN else verdict)
        return self._page(found)

    @extend_schema(operation_id="suggestions_take", request=None, responses=ItemSuggestionSerializer)
    @idempotent
    def take(self, request, key, suggestion_id):
        """Do what is suggested; it takes the right to do it."""
        suggestion = self._suggestion(request, key, suggestion_id)
        return _answer(suggestions.take(suggestion, by=request.user))

    @extend_schema(
        operation_id="suggestions_decline", request=DeclineSuggestionInput, responses=ItemSuggestionSerializer
    )
    @idempotent
    def decline(self, request, key, suggestion_id):
        """Say no to what is suggested, and why; it takes the right to do it."""
        suggestion = self._suggestion(request, key, suggestion_id)
        reason = read(self, DeclineSuggestionInput, suggestion.product)["reason"]
        return _answer(suggestions.decline(suggestion, by=request.user, reason=reason))

    @extend_schema(operation_id="suggestions_withdraw", request=None, responses=ItemSuggestionSerializer)
    @idempotent
    def withdraw(self, request, key, suggestion_id):
        """Take back what one suggested."""
        product = read_product(request, key)
        suggestion = get_object_or_404(_seen(request).filter(product=product), pk=suggestion_id)
        return _answer(suggestions.withdraw(suggestion, by=request.user))

    def _suggestion(self, request, key, suggestion_id):
        product = read_product(request, key)
        suggestion = get_object_or_404(_seen(request).filter(product=product), pk=suggestion_id)
        suggestion.product = product
        for verb in suggestion.verbs:
            require_scope(request, verb)
        return suggestion

    def _page(self, found):
        page = self.paginate_queryset(found)
        return self.get_paginated_response(ItemSuggestionSerializer(page, many=True).data)


class ItemSuggestions(Suggestions):
    query_parameters = ()

    @extend_schema(operation_id="item_suggestions_list", responses=ItemSuggestionSerializer(many=True))
    def list(self, request, key, number):
        """List what was suggested about an item, oldest first."""
        return self._page(_seen(request).filter(item=item_of(request, key, number)))

    @extend_schema(
        operation_id="item_suggestions_create", request=SuggestionInput, responses={201: ItemSuggestionSerializer}
    )
    @idempotent
    def create(self, request, key, number):
        """Suggest changes of fields, or another place, to whoever may make them."""
        item = item_of(request, key, number)
        values = read(self, SuggestionInput, item.product)
        if "place" in values:
            require_scope(request, "order.suggest")
            place = place_of(values["place"])
            made = suggestions.suggest_move(item, place, by=request.user, reason=values["reason"])
        else:
            require_scope(request, "item.suggest_text")
            made = suggestions.suggest_edit(item, by=request.user, reason=values["reason"], **values["changes"])
        return _answer(made, status=201)


def _seen(request):
    related = ("item__product", "by", "verdict_by")
    return Suggestion.objects.visible_to(request.user).select_related(*related)


def _answer(suggestion, status=200):
    return Response(ItemSuggestionSerializer(suggestion).data, status=status)
