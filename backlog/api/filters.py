"""Filters of a backlog: what one finds and says, and the words there are."""

from dataclasses import asdict

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.lists import FILTER, filter_of
from backlog.api.lookups import product_of, readable_items
from backlog.queries import filters, lists, readers
from backlog.queries.filter_language import MOST_CHARACTERS
from core.rest.views import ApiViewSet


class ConditionSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="Of the field; empty for words and for what stands in brackets.")
    value = serializers.CharField()
    text = serializers.CharField()
    without = serializers.CharField(help_text="The filter that is left when it goes.")


class MatchesSerializer(serializers.Serializer):
    filter = serializers.CharField(help_text="All of it, as short as it goes.")
    conditions = ConditionSerializer(many=True, help_text="What holds at once, one by one.")
    ids = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="Of the items in the list that fit; null: all."
    )


class FieldSerializer(serializers.Serializer):
    name = serializers.CharField()
    says = serializers.CharField(help_text="What it asks of an item.")
    values = serializers.ListField(child=serializers.CharField(), help_text="What may be offered.")


class WordsSerializer(serializers.Serializer):
    fields = FieldSerializer(many=True)


class Filters(ApiViewSet):
    tag = "items"
    query_parameters = ("filter", "add")

    @extend_schema(
        operation_id="filter_matches",
        parameters=[
            FILTER,
            OpenApiParameter(
                "add", {"type": "string", "maxLength": MOST_CHARACTERS}, description="More that must hold."
            ),
        ],
        responses=MatchesSerializer,
    )
    def matches(self, request, key):
        """Read a filter, and give the ids of what it finds in the list.

        A filter that can't be read is refused with 422: position and length tell where, expected and nearest what
        may stand there.
        """
        product = product_of(request, key)
        present, more = filter_of(request, product), filter_of(request, product, "add")
        asked = [each for each in (present, more) if each]
        whole = filters.understand(
            product, readers.reader(product, request.user), filters.together(*asked), named=readable_items(request)
        )
        return Response(
            {
                "filter": whole.text,
                "conditions": [asdict(each) for each in whole.conditions],
                "ids": None if whole.is_empty else lists.matching(whole),
            }
        )


class FilterWords(ApiViewSet):
    tag = "items"

    @extend_schema(operation_id="filter_words", responses=WordsSerializer)
    def retrieve(self, request, key):
        """List the fields of the filter language, and the values each knows in this product."""
        return Response({"fields": filters.known_words(product_of(request, key))})
