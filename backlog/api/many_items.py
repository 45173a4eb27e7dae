"""Many items of a product changed at once."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import items
from backlog.api.items import number, read
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

    items = serializers.ListField(child=IdField(), min_length=1, max_length=items.MANY)
    kind = serializers.ChoiceField(Item.Kind.choices, required=False)
    type = serializers.ChoiceField(Item.Type.choices, required=False)
    component = Chosen(components, required=False, allow_null=True)
    team = Chosen(teams, required=False, allow_null=True)
    goal = Chosen(goals, required=False, allow_null=True)
    assignee = Chosen(people, required=False, allow_null=True)
    points = number(9_999)
    add_tags = _tags()
    remove_tags = _tags()


class ChangedItemsSerializer(serializers.Serializer):
    items = serializers.ListField(child=serializers.IntegerField(), help_text="The ids of all that were named.")
    feed_version = serializers.IntegerField(help_text="Of what the list shows: the ETag of the feed.")


class ManyItems(ApiViewSet):
    tag = "items"

    @extend_schema(operation_id="items_update_many", request=ManyItemsInput, responses=ChangedItemsSerializer)
    @idempotent
    def change(self, request, key):
        """Change the same fields of many items, all of them or none."""
        product = read_product(request, key)
        values = read(self, ManyItemsInput, product)
        ids = list(dict.fromkeys(values.pop("items")))
        for verb in _verbs(values):
            require_scope(request, verb)
        if readable_items(request).filter(product=product, pk__in=ids).count() != len(ids):
            raise InvalidInput("Some of these items are not in this product.", field="items")
        items.edit_many(ids, by=request.user, **values)
        feed_version = OrderedList.objects.values_list("feed_version", flat=True).get(product=product)
        return Response(ChangedItemsSerializer({"items": ids, "feed_version": feed_version}).data)


def _verbs(values):
    names = {"tags" if name in ("add_tags", "remove_tags") else name for name in values}
    return [verb for verb, fields in items.VERBS.items() if names & set(fields)]
