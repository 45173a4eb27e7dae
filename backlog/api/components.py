"""Components and features of a product, and their technical owners."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import components
from backlog.api.items import read
from backlog.api.lookups import product_of
from backlog.api.references import Chosen, ComponentReference, PersonReference, people
from backlog.api.references import components as components_of
from backlog.models import Component, Engagement
from core.rest import KeysetPage, idempotent, require_version, with_version
from core.rest.views import ApiViewSet


class ComponentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    type = serializers.ChoiceField(Component.Type.choices)
    description = serializers.CharField()
    parent = ComponentReference(allow_null=True)
    engagement = serializers.CharField(
        help_text="architectural or large_scale: its items need a technical owner's word."
    )
    owners = serializers.SerializerMethodField(help_text="Its technical product owners.")
    version = serializers.IntegerField(help_text="What If-Match names.")
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(PersonReference(many=True))
    def get_owners(self, component):
        return PersonReference([owner.user for owner in component.owners.all()], many=True).data


class ComponentChanges(serializers.Serializer):
    """Only what is sent is changed."""

    name = serializers.CharField(max_length=80, required=False)
    type = serializers.ChoiceField(Component.Type.choices, required=False)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    parent = Chosen(components_of, required=False, allow_null=True)
    engagement = serializers.ChoiceField(Engagement.choices, allow_blank=True, required=False)


class ComponentInput(ComponentChanges):
    name = serializers.CharField(max_length=80)


class OwnerInput(serializers.Serializer):
    person = Chosen(people, help_text="The id of a member of the organization.")


class Components(ApiViewSet):
    tag = "components"
    versioned_methods = ("PATCH",)
    pagination_class = KeysetPage
    page_order = ("name", "id")

    @extend_schema(responses=ComponentSerializer(many=True))
    def list(self, request, key):
        """List the components of a product by name."""
        page = self.paginate_queryset(_components(product_of(request, key)))
        return self.get_paginated_response(ComponentSerializer(page, many=True).data)

    @extend_schema(request=ComponentInput, responses={201: ComponentSerializer})
    @idempotent
    def create(self, request, key):
        """Add a component or a feature."""
        product = product_of(request, key)
        component = components.create(product, by=request.user, **read(self, ComponentInput, product))
        return self._answer(component, status=201)

    @extend_schema(responses=ComponentSerializer)
    def retrieve(self, request, key, component_id):
        """Show a component."""
        return self._answer(self._component(request, key, component_id))

    @extend_schema(request=ComponentChanges, responses=ComponentSerializer)
    def update(self, request, key, component_id):
        """Change a component."""
        component = self._component(request, key, component_id)
        values = read(self, ComponentChanges, component.product)
        version = require_version(request, component)
        return self._answer(components.edit(component, by=request.user, version=version, **values))

    @extend_schema(request=None, responses=ComponentSerializer)
    @idempotent
    def archive(self, request, key, component_id):
        """Take a component out of use."""
        return self._answer(components.archive(self._component(request, key, component_id), by=request.user))

    @extend_schema(request=None, responses=ComponentSerializer)
    @idempotent
    def restore(self, request, key, component_id):
        """Take an archived component into use again."""
        return self._answer(components.restore(self._component(request, key, component_id), by=request.user))

    @extend_schema(request=OwnerInput, responses=ComponentSerializer)
    @idempotent
    def add_owner(self, request, key, component_id):
        """Make a person technical product owner of a component."""
        component = self._component(request, key, component_id)
        person = read(self, OwnerInput, component.product)["person"]
        components.add_owner(component, person, by=request.user)
        return self._answer(component)

    @extend_schema(responses={204: None})
    def remove_owner(self, request, key, component_id, person_id):
        """End a person's ownership of a component."""
        component = self._component(request, key, component_id)
        owner = get_object_or_404(component.owners.select_related("user"), user=person_id)
        components.remove_owner(component, owner.user, by=request.user)
        return Response(status=204)

    def _component(self, request, key, component_id):
        return get_object_or_404(_components(product_of(request, key)), pk=component_id)

    def _answer(self, component, status=200):
        component = _components(component.product).get(pk=component.pk)
        return with_version(Response(ComponentSerializer(component).data, status=status), component)


def _components(product):
    return product.components.select_related("parent", "product").prefetch_related("owners__user")
