"""Split an item into parts."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import splits
from backlog.api.items import ItemSerializer, answer, read
from backlog.api.lookups import item_of
from backlog.api.references import IdField
from core.rest import idempotent
from core.rest.views import ApiViewSet


class PartInput(serializers.Serializer):
    title = serializers.CharField(max_length=300)
    points = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0, allow_null=True, default=None)
    criteria = serializers.ListField(
        child=IdField(), max_length=500, default=list, help_text="Ids of criteria of the item; the others stay with it."
    )


class SplitInput(serializers.Serializer):
    parts = PartInput(many=True, min_length=2, max_length=splits.MOST)


class PartSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    points = serializers.FloatField(allow_null=True)


class Splits(ApiViewSet):
    tag = "items"

    @extend_schema(operation_id="item_split", request=SplitInput, responses={201: PartSerializer(many=True)})
    @idempotent
    def create(self, request, key, number):
        """Split an item: it stays the first part, the others are new items behind it."""
        item = item_of(request, key, number)
        parts = [splits.Part(**part) for part in read(self, SplitInput, item.product)["parts"]]
        made = splits.split(item, parts, by=request.user)
        return Response(PartSerializer(made, many=True).data, status=201)

    @extend_schema(operation_id="item_split_back", responses={200: ItemSerializer})
    def destroy(self, request, key, number):
        """Take the last split back: criteria and points return, the parts are dropped."""
        return answer(self, splits.take_back(item_of(request, key, number), by=request.user))
