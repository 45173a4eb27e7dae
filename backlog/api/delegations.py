"""Powers that the product owner lends to technical product owners."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import delegations, ordering
from backlog.api.items import read
from backlog.api.lookups import product_of, visible_product
from backlog.api.references import Chosen, ComponentReference, PersonReference, components, people
from backlog.models import Delegation
from core.rest import KeysetPage, idempotent
from core.rest.views import ApiViewSet


class DelegationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    component = ComponentReference()
    power = serializers.ChoiceField(Delegation.Power.choices)
    grantee = PersonReference()
    granted_by = PersonReference()
    granted_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    intent = serializers.CharField()
    suspended_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    revoked_by = PersonReference(allow_null=True)


class DelegationInput(serializers.Serializer):
    component = Chosen(components)
    power = serializers.ChoiceField(Delegation.Power.choices)
    grantee = Chosen(people, help_text="The id of the person who may use the power.")
    until = serializers.DateTimeField(required=False, help_text="Absent: 90 days from now; at most 365.")
    intent = serializers.CharField(max_length=300, allow_blank=True, required=False)


class UntilInput(serializers.Serializer):
    until = serializers.DateTimeField(help_text="At most 365 days from the grant.")


class Delegations(ApiViewSet):
    tag = "delegations"
    pagination_class = KeysetPage
    page_order = ("-id",)

    @extend_schema(responses=DelegationSerializer(many=True))
    def list(self, request, key):
        """List the delegations of a product, newest first."""
        page = self.paginate_queryset(_delegations(product_of(request, key)))
        return self.get_paginated_response(DelegationSerializer(page, many=True).data)

    @extend_schema(request=DelegationInput, responses={201: DelegationSerializer})
    @idempotent
    def grant(self, request, key):
        """Lend a power over a component until a date."""
        product = product_of(request, key)
        values = read(self, DelegationInput, product)
        return _answer(delegations.grant(by=request.user, **values), status=201)

    @extend_schema(request=UntilInput, responses=DelegationSerializer)
    @idempotent
    def extend(self, request, key, delegation_id):
        """Let a delegation last until another date."""
        delegation = _delegation(request, key, delegation_id)
        values = read(self, UntilInput, delegation.product)
        return _answer(delegations.extend(delegation, by=request.user, **values))

    @extend_schema(request=None, responses=DelegationSerializer)
    @idempotent
    def revoke(self, request, key, delegation_id):
        """End a delegation at once."""
        return _answer(delegations.revoke(_delegation(request, key, delegation_id), by=request.user))

    @extend_schema(request=None, responses=DelegationSerializer)
    @idempotent
    def confirm(self, request, key, delegation_id):
        """Keep a delegation that a former product owner granted."""
        return _answer(delegations.confirm(_delegation(request, key, delegation_id), by=request.user))

    @extend_schema(request=None, responses=DelegationSerializer)
    @idempotent
    def revert(self, request, key, delegation_id):
        """Take back all moves made under a delegation."""
        delegation = _delegation(request, key, delegation_id)
        ordering.revert_delegation(delegation, by=request.user)
        return _answer(delegation)


def _delegations(product):
    return product.delegations.select_related("component", "grantee", "granted_by", "revoked_by", "product")


def _delegation(request, key, delegation_id):
    return get_object_or_404(_delegations(visible_product(request, key)), pk=delegation_id)


def _answer(delegation, status=200):
    delegation = _delegations(delegation.product).get(pk=delegation.pk)
    return Response(DelegationSerializer(delegation).data, status=status)
