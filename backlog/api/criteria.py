"""Acceptance criteria of an item."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import built_checks, criteria
from backlog.api.items import read
from backlog.api.lookups import item_of
from backlog.api.references import Chosen, IdField, PersonReference
from core.rest import idempotent
from core.rest.views import ApiViewSet


def files_of_item(context):
    return context["item"].attachments.filter(removed_at=None)


class EvidenceSerializer(serializers.Serializer):
    note = serializers.CharField()
    url = serializers.CharField()
    attachment = serializers.IntegerField(source="attachment_id", allow_null=True)
    by = PersonReference()
    at = serializers.DateTimeField()


class EvidenceInput(serializers.Serializer):
    """At least one of them."""

    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    url = serializers.CharField(max_length=500, allow_blank=True, default="", help_text="A web address.")
    attachment = Chosen(files_of_item, required=False, help_text="The id of a file of the item.")


class BuiltCheckInput(serializers.Serializer):
    is_as_meant = serializers.BooleanField()
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class BuiltCheckSerializer(serializers.Serializer):
    is_as_meant = serializers.BooleanField()
    note = serializers.CharField()
    by = PersonReference()
    at = serializers.DateTimeField()


class CriterionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    text = serializers.CharField()
    met_at = serializers.DateTimeField(allow_null=True)
    met_by = PersonReference(allow_null=True)
    evidence = EvidenceSerializer(source="evidence.all", many=True)


class CriterionInput(serializers.Serializer):
    text = serializers.CharField(max_length=2000)


class CriteriaOrderInput(serializers.Serializer):
    criteria = serializers.ListField(
        child=IdField(), max_length=1000, help_text="The ids of all criteria of the item, in their new order."
    )


class Criteria(ApiViewSet):
    tag = "criteria"

    @extend_schema(responses=CriterionSerializer(many=True))
    def list(self, request, key, number):
        """List the acceptance criteria of an item, in their order."""
        return Response(CriterionSerializer(_criteria(item_of(request, key, number)), many=True).data)

    @extend_schema(request=CriterionInput, responses={201: CriterionSerializer})
    @idempotent
    def create(self, request, key, number):
        """Add an acceptance criterion at the end."""
        item = item_of(request, key, number)
        criterion = criteria.add(item, by=request.user, **read(self, CriterionInput, item.product))
        return Response(CriterionSerializer(criterion).data, status=201)

    @extend_schema(request=CriterionInput, responses=CriterionSerializer)
    def update(self, request, key, number, criterion_id):
        """Reword a criterion; it is not met any more."""
        item, criterion = self._criterion(request, key, number, criterion_id)
        criterion = criteria.edit(criterion, by=request.user, **read(self, CriterionInput, item.product))
        return Response(CriterionSerializer(criterion).data)

    @extend_schema(request=CriteriaOrderInput, responses=CriterionSerializer(many=True))
    def reorder(self, request, key, number):
        """Put the criteria of an item into another order."""
        item = item_of(request, key, number)
        ids = read(self, CriteriaOrderInput, item.product)["criteria"]
        criteria.reorder(item, ids, by=request.user)
        return Response(CriterionSerializer(_criteria(item), many=True).data)

    @extend_schema(request=None, responses=CriterionSerializer)
    def meet(self, request, key, number, criterion_id):
        """Say that the item meets a criterion."""
        _, criterion = self._criterion(request, key, number, criterion_id)
        return Response(CriterionSerializer(criteria.meet(criterion, by=request.user)).data)

    @extend_schema(request=EvidenceInput, responses=CriterionSerializer)
    @idempotent
    def prove(self, request, key, number, criterion_id):
        """Say that the item meets a criterion, and what shows it."""
        item, criterion = self._criterion(request, key, number, criterion_id)
        serializer = EvidenceInput(data=request.data, context={"item": item})
        serializer.is_valid(raise_exception=True)
        proved = criteria.prove(criterion, by=request.user, **serializer.validated_data)
        return Response(CriterionSerializer(proved).data)

    @extend_schema(responses={200: CriterionSerializer})
    def unmeet(self, request, key, number, criterion_id):
        """Say that the item does not meet a criterion after all."""
        _, criterion = self._criterion(request, key, number, criterion_id)
        return Response(CriterionSerializer(criteria.unmeet(criterion, by=request.user)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request, key, number, criterion_id):
        """Take a criterion away."""
        _, criterion = self._criterion(request, key, number, criterion_id)
        criteria.remove(criterion, by=request.user)
        return Response(status=204)

    def _criterion(self, request, key, number, criterion_id):
        item = item_of(request, key, number)
        return item, get_object_or_404(_criteria(item), pk=criterion_id)


class BuiltChecks(ApiViewSet):
    tag = "life cycle"

    @extend_schema(operation_id="items_built_check", request=BuiltCheckInput, responses=BuiltCheckSerializer)
    def say(self, request, key, number):
        """Say whether a done item that touches your components is built as meant; the product owner decides."""
        item = item_of(request, key, number)
        values = read(self, BuiltCheckInput, item.product)
        return Response(BuiltCheckSerializer(built_checks.say(item, by=request.user, **values)).data)


def _criteria(item):
    return item.criteria.select_related("met_by").prefetch_related("evidence__by").order_by("position")
