"""What an item needs and enables, and its other links."""

from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import dependencies
from backlog.api.items import read
from backlog.api.lookups import item_of, readable_items
from backlog.api.references import Chosen, ItemReference, items_of_organization
from backlog.models import Dependency, ItemLink
from core.rest import idempotent
from core.rest.views import ApiViewSet


class DependencySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    enabler = ItemReference()
    dependent = ItemReference()
    created_at = serializers.DateTimeField()


class DependencyInput(serializers.Serializer):
    """Exactly one of them."""

    needs = Chosen(items_of_organization, required=False, help_text="The id of an item that this one needs.")
    enables = Chosen(items_of_organization, required=False, help_text="The id of an item that needs this one.")

    def validate(self, values):
        if len(values) != 1:
            raise serializers.ValidationError("Name one of needs and enables.")
        return values


class LinkSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ItemLink.Kind.choices)
    source = ItemReference()
    target = ItemReference()
    created_at = serializers.DateTimeField()


class LinkInput(serializers.Serializer):
    kind = serializers.ChoiceField(ItemLink.Kind.choices)
    target = Chosen(items_of_organization, help_text="The id of the other item.")


class Dependencies(ApiViewSet):
    tag = "dependencies"

    @extend_schema(responses=DependencySerializer(many=True))
    def list(self, request, key, number):
        """List what an item needs and what it enables."""
        item = item_of(request, key, number)
        return Response(DependencySerializer(_dependencies(request, item), many=True).data)

    @extend_schema(request=DependencyInput, responses={201: DependencySerializer})
    @idempotent
    def create(self, request, key, number):
        """Say that an item needs or enables another. A cycle is refused; the answer shows it."""
        item = item_of(request, key, number)
        values = read(self, DependencyInput, item.product)
        enabler, dependent = (values["needs"], item) if "needs" in values else (item, values["enables"])
        made = dependencies.add(enabler, dependent, by=request.user)
        return Response(DependencySerializer(_dependencies(request, item).get(pk=made.pk)).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request, key, number, dependency_id):
        """Say that an item does not need the other any more."""
        item = item_of(request, key, number)
        dependencies.remove(_found(_dependencies(request, item), dependency_id), by=request.user)
        return Response(status=204)


class Links(ApiViewSet):
    tag = "links"

    @extend_schema(responses=LinkSerializer(many=True))
    def list(self, request, key, number):
        """List the links of an item that are no dependencies."""
        item = item_of(request, key, number)
        return Response(LinkSerializer(_links(request, item), many=True).data)

    @extend_schema(request=LinkInput, responses={201: LinkSerializer})
    @idempotent
    def create(self, request, key, number):
        """Link an item to another."""
        item = item_of(request, key, number)
        made = dependencies.link(item, by=request.user, **read(self, LinkInput, item.product))
        return Response(LinkSerializer(_links(request, item).get(pk=made.pk)).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request, key, number, link_id):
        """Take a link away."""
        item = item_of(request, key, number)
        dependencies.unlink(_found(_links(request, item), link_id), by=request.user)
        return Response(status=204)


def _dependencies(request, item):
    # The item at the other end may be one that this person must not know of.
    seen = readable_items(request).values("pk")
    rows = Dependency.objects.filter(Q(enabler=item, dependent__in=seen) | Q(dependent=item, enabler__in=seen))
    return rows.select_related("enabler__product", "dependent__product").order_by("pk")


def _links(request, item):
    seen = readable_items(request).values("pk")
    rows = ItemLink.objects.filter(Q(source=item, target__in=seen) | Q(target=item, source__in=seen))
    return rows.select_related("source__product", "target__product").order_by("pk")


def _found(rows, row_id):
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise Http404
    return row
