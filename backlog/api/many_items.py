"""Many items of a product made, changed, dropped or restored at once."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import items, life_cycle
from backlog.actions.item_rows import MANY
from backlog.api.items import PlaceInput, ProposalInput, number, place_of, read
from backlog.api.lookups import read_product, readable_items
from backlog.api.references import Chosen, IdField, components, goals, people, teams
from backlog.models import Item, OrderedList
from core.errors import InvalidInput
from core.rest import idempotent, require_scope
from core.rest.views import ApiViewSet


def _tags():
    return serializers.ListField(child=serializers.CharField(max_length=60), max_length=20, required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Five points and a tag", value={"items": [12, 15], "points": 5, "add_tags": ["pci"]}, request_only=True
        )
    ]
)
class ManyItemsInput(serializers.Serializer):
    """Only what is sent is changed, for each of the items alike."""

    items = serializers.ListField(child=IdField(), min_length=1, max_length=MANY)
    kind = serializers.ChoiceField(Item.Kind.choices, required=False)
    type = serializers.ChoiceField(Item.Type.choices, required=False)
    component = Chosen(components, required=False, allow_null=True)
    team = Chosen(teams, required=False, allow_null=True)
    goal = Chosen(goals, required=False, allow_null=True)
    assignee = Chosen(people, required=False, allow_null=True)
    points = number(9_999)
    add_tags = _tags()
    remove_tags = _tags()


class NewProposalsInput(serializers.Serializer):
    items = ProposalInput(many=True, min_length=1, max_length=MANY)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Two below a third",
            value={
                "items": [
                    {"title": "Refund part of an order", "kind": "functional", "type": "story"},
                    {"title": "Log each refund", "kind": "technical", "type": "enabler"},
                ],
                "place": {"after": 12},
            },
            request_only=True,
        )
    ]
)
class NewItemsInput(NewProposalsInput):
    """The items stand as one block, in the order in which they are sent."""

    place = PlaceInput(required=False)


class NamedItemsInput(serializers.Serializer):
    items = serializers.ListField(child=IdField(), min_length=1, max_length=MANY)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class ChangedItemsSerializer(serializers.Serializer):
    items = serializers.ListField(child=serializers.IntegerField(), help_text="The ids of all that were named.")
    feed_version = serializers.IntegerField(help_text="Of what the list shows: the ETag of the feed.")


class ManyItems(ApiViewSet):
    tag = "items"

    @extend_schema(operation_id="items_create_many", request=NewItemsInput, responses={201: ChangedItemsSerializer})
    @idempotent
    def create(self, request, key):
        """Create many items at a place in the order, by default at its end; all of them or none."""
        product = read_product(request, key)
        values = read(self, NewItemsInput, product)
        place = place_of(values.get("place"))
        return _answer(product, items.create_many(product, values["items"], by=request.user, place=place), status=201)

    @extend_schema(
        operation_id="items_propose_many", request=NewProposalsInput, responses={201: ChangedItemsSerializer}
    )
    @idempotent
    def propose(self, request, key):
        """Propose many items to the product owner, outside the order; all of them or none."""
        product = read_product(request, key)
        values = read(self, NewProposalsInput, product)
        return _answer(product, items.propose_many(product, values["items"], by=request.user), status=201)

    @extend_schema(operation_id="items_update_many", request=ManyItemsInput, responses=ChangedItemsSerializer)
    @idempotent
    def change(self, request, key):
        """Change the same fields of many items, all of them or none."""
        product = read_product(request, key)
        values = read(self, ManyItemsInput, product)
        ids = _readable(request, product, values.pop("items"))
        for verb in _verbs(values):
            require_scope(request, verb)
        return _answer(product, items.edit_many(ids, by=request.user, **values))

    @extend_schema(operation_id="items_drop_many", request=NamedItemsInput, responses=ChangedItemsSerializer)
    @idempotent
    def drop(self, request, key):
        """Give many items up, all of them or none; they keep their history and their places."""
        return self._step(request, key, life_cycle.drop_many)

    @extend_schema(operation_id="items_restore_many", request=NamedItemsInput, responses=ChangedItemsSerializer)
    @idempotent
    def restore(self, request, key):
        """Bring many dropped items back, all of them or none."""
        return self._step(request, key, life_cycle.restore_many)

    def _step(self, request, key, act):
        product = read_product(request, key)
        values = read(self, NamedItemsInput, product)
        ids = _readable(request, product, values.pop("items"))
        return _answer(product, act(product, ids, by=request.user, **values))


def _readable(request, product, ids):
    ids = list(dict.fromkeys(ids))
    if readable_items(request).filter(product=product, pk__in=ids).count() != len(ids):
        raise InvalidInput("Some of these items are not in this product.", field="items")
    return ids


def _answer(product, changed, *, status=200):
    feed_version = OrderedList.objects.values_list("feed_version", flat=True).get(product=product)
    values = {"items": [item.pk for item in changed], "feed_version": feed_version}
    return Response(ChangedItemsSerializer(values).data, status=status)


def _verbs(values):
    names = {"tags" if name in ("add_tags", "remove_tags") else name for name in values}
    return [verb for verb, fields in items.VERBS.items() if names & set(fields)]
