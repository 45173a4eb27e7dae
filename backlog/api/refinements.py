"""Sessions in which people refine the next items together."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import refinements
from backlog.api.items import read
from backlog.api.lookups import product_of, visible_items
from backlog.api.references import PersonReference
from backlog.models.refinement import Scale
from backlog.queries.refine_page import record
from core.errors import InvalidInput
from core.rest import KeysetPage, idempotent
from core.rest.views import ApiViewSet


class RefinementSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    scale = serializers.ChoiceField(Scale.choices)
    started_at = serializers.DateTimeField()
    started_by = PersonReference()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Null: it is running.")


class OutcomeSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    became_ready = serializers.BooleanField()
    is_ready = serializers.BooleanField()
    is_skipped = serializers.BooleanField(help_text="Left for another day.")
    points_before = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    points_after = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    question_count = serializers.IntegerField()


class RecordSerializer(RefinementSerializer):
    people = serializers.ListField(child=serializers.CharField())
    items = OutcomeSerializer(many=True)


class RefinementInput(serializers.Serializer):
    scale = serializers.ChoiceField(Scale.choices, default=Scale.FIBONACCI)


class LookInput(serializers.Serializer):
    number = serializers.IntegerField(min_value=1, max_value=2_000_000_000, help_text="Of an item of the product.")


class Refinements(ApiViewSet):
    tag = "refinement"
    pagination_class = KeysetPage
    page_order = ("-id",)

    @extend_schema(responses=RefinementSerializer(many=True))
    def list(self, request, key):
        """List the sessions of a product, newest first."""
        page = self.paginate_queryset(product_of(request, key).refinements.select_related("started_by"))
        return self.get_paginated_response(RefinementSerializer(page, many=True).data)

    @extend_schema(request=RefinementInput, responses={201: RefinementSerializer})
    @idempotent
    def create(self, request, key):
        """Begin a session; one runs at a time."""
        product = product_of(request, key)
        given = read(self, RefinementInput, product)
        return Response(RefinementSerializer(refinements.start(product, by=request.user, **given)).data, status=201)

    @extend_schema(responses=RecordSerializer)
    def retrieve(self, request, key, refinement_id):
        """Read the record of a session: who was there and what became of the items."""
        return Response(self._record(request, self._found(request, key, refinement_id)))

    @extend_schema(request=None, responses=RefinementSerializer)
    def join(self, request, key, refinement_id):
        """Take part."""
        refinement = refinements.join(self._found(request, key, refinement_id), by=request.user)
        return Response(RefinementSerializer(refinement).data)

    @extend_schema(responses={200: RefinementSerializer})
    def leave(self, request, key, refinement_id):
        """Leave; the others go on."""
        refinement = refinements.leave(self._found(request, key, refinement_id), by=request.user)
        return Response(RefinementSerializer(refinement).data)

    @extend_schema(request=LookInput, responses=RefinementSerializer)
    def look(self, request, key, refinement_id):
        """Bring an item to the table."""
        refinement = self._found(request, key, refinement_id)
        number = read(self, LookInput, refinement.product)["number"]
        item = visible_items(request).filter(product=refinement.product_id, number=number).first()
        if item is None:
            raise InvalidInput("There is no such item.", field="number")
        return Response(RefinementSerializer(refinements.look(refinement, item, by=request.user)).data)

    @extend_schema(request=None, responses=RecordSerializer)
    @idempotent
    def end(self, request, key, refinement_id):
        """End the session for all."""
        refinement = refinements.end(self._found(request, key, refinement_id), by=request.user)
        return Response(self._record(request, refinement))

    def _found(self, request, key, refinement_id):
        found = product_of(request, key).refinements.select_related("product", "started_by", "ended_by")
        return get_object_or_404(found, pk=refinement_id)

    def _record(self, request, refinement):
        found = record(refinement, request.user)
        own = RefinementSerializer(refinement).data
        items = OutcomeSerializer(found.outcomes, many=True).data
        return own | {"people": found.people, "items": items}
