"""The Definition of Done of an item."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import done_checks
from backlog.api.lookups import item_of
from backlog.api.references import PersonReference
from backlog.queries.done_checks import done_lines
from core.rest.views import ApiViewSet


class DoneLineSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    by = PersonReference(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class DoneChecks(ApiViewSet):
    tag = "definition of done"

    @extend_schema(responses=DoneLineSerializer(many=True))
    def list(self, request, key, number):
        """List the Definition of Done for an item, with who ticked what; empty where the product has none."""
        return _answer(item_of(request, key, number))

    @extend_schema(request=None, responses=DoneLineSerializer(many=True))
    def tick(self, request, key, number, check_key):
        """Say that a line of the Definition of Done holds for the item."""
        return _answer(done_checks.tick(item_of(request, key, number), check_key, by=request.user))

    @extend_schema(responses={200: DoneLineSerializer(many=True)})
    def untick(self, request, key, number, check_key):
        """Take that back."""
        return _answer(done_checks.untick(item_of(request, key, number), check_key, by=request.user))


def _answer(item):
    lines = done_lines(item, item.done_ticks.select_related("ticked_by"))
    return Response(DoneLineSerializer(lines, many=True).data)
