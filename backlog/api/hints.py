"""What the words of an item suggest."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.lookups import product_of
from backlog.queries.hints import hints_for
from core.rest.views import ApiViewSet


class HintSerializer(serializers.Serializer):
    question = serializers.CharField(help_text="type, component or tag")
    value = serializers.CharField(help_text="What the field takes: a type, a component's id, a tag.")
    label = serializers.CharField()
    percent = serializers.IntegerField(allow_null=True, help_text="Null: a known word says it.")
    words = serializers.ListField(child=serializers.CharField(), help_text="What spoke for it.")


class SimilarSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()


class HintsSerializer(serializers.Serializer):
    choices = HintSerializer(many=True)
    similar = SimilarSerializer(many=True)


class Hints(ApiViewSet):
    tag = "items"
    query_parameters = ("title", "text")

    @extend_schema(
        operation_id="items_hints",
        parameters=[
            OpenApiParameter("title", str, required=True, description="Of 8 characters or more."),
            OpenApiParameter("text", str),
        ],
        responses=HintsSerializer,
    )
    def retrieve(self, request, key):
        """Suggest type, component and tag from words, and name items with nearly this title. Nothing is set by it."""
        product = product_of(request, key)
        asked = request.query_params
        found = hints_for(product, request.user, asked.get("title", "")[:300], asked.get("text", "")[:10_000])
        return Response(HintsSerializer(found).data)
