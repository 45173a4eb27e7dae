"""Releases of a product and what is in them."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.items import read
from backlog.api.lookups import product_of, readable_items
from backlog.api.references import Chosen, ItemReference, items_of_organization
from core.rest import idempotent, require_version, with_version
from core.rest.views import ApiViewSet
from roadmap.actions import releases
from roadmap.models import Release, ReleaseItem


class ReleaseSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    target_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField(help_text="What If-Match names.")
    created_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)


class ReleaseChanges(serializers.Serializer):
    """Only what is sent is changed."""

    name = serializers.CharField(max_length=120, required=False)
    target_on = serializers.DateField(required=False, allow_null=True)


class ReleaseInput(ReleaseChanges):
    name = serializers.CharField(max_length=120)


class ReleaseItemsInput(serializers.Serializer):
    items = serializers.ListField(child=Chosen(items_of_organization), min_length=1, max_length=200)


class Releases(ApiViewSet):
    tag = "releases"
    versioned_methods = ("PATCH",)

    @extend_schema(responses=ReleaseSerializer(many=True))
    def list(self, request, key):
        """List the releases of a product, the earliest target first."""
        rows = product_of(request, key).releases.order_by("target_on", "pk")
        return Response(ReleaseSerializer(rows, many=True).data)

    @extend_schema(request=ReleaseInput, responses={201: ReleaseSerializer})
    @idempotent
    def create(self, request, key):
        """Set up a release."""
        product = product_of(request, key)
        values = read(self, ReleaseInput, product)
        return _answer(releases.create(product, by=request.user, **values), status=201)

    @extend_schema(responses=ReleaseSerializer)
    def retrieve(self, request, key, release_id):
        """Show a release."""
        return _answer(_release(product_of(request, key), release_id))

    @extend_schema(request=ReleaseChanges, responses=ReleaseSerializer)
    def update(self, request, key, release_id):
        """Rename a release or change its target date."""
        release = _release(product_of(request, key), release_id)
        values = read(self, ReleaseChanges, release.product)
        version = require_version(request, release)
        return _answer(releases.edit(release, by=request.user, version=version, **values))

    @extend_schema(request=None, responses=ReleaseSerializer)
    @idempotent
    def release(self, request, key, release_id):
        """Say that a release is out."""
        return _answer(releases.release(_release(product_of(request, key), release_id), by=request.user))

    @extend_schema(request=None, responses=ReleaseSerializer)
    @idempotent
    def take_back(self, request, key, release_id):
        """Say that a release is not out after all."""
        return _answer(releases.take_back(_release(product_of(request, key), release_id), by=request.user))


class ReleaseItems(ApiViewSet):
    tag = "releases"

    @extend_schema(operation_id="releases_items", responses=ItemReference(many=True))
    def list(self, request, key, release_id):
        """List the items of a release that you may see."""
        return _items(request, _release(product_of(request, key), release_id))

    @extend_schema(operation_id="releases_add", request=ReleaseItemsInput, responses=ItemReference(many=True))
    @idempotent
    def add(self, request, key, release_id):
        """Put items into a release."""
        product = product_of(request, key)
        release = _release(product, release_id)
        releases.add(release, read(self, ReleaseItemsInput, product)["items"], by=request.user)
        return _items(request, release)

    @extend_schema(operation_id="releases_remove", responses={204: None})
    def remove(self, request, key, release_id, item_id):
        """Take an item out of a release."""
        product = product_of(request, key)
        release = _release(product, release_id)
        item = get_object_or_404(readable_items(request).filter(product=product), pk=item_id)
        releases.remove(release, [item], by=request.user)
        return Response(status=204)


def _release(product, release_id):
    return get_object_or_404(Release.objects.filter(product=product).select_related("product"), pk=release_id)


def _items(request, release):
    entries = ReleaseItem.objects.filter(release=release, is_in=True).values("item")
    items = readable_items(request).filter(pk__in=entries).select_related("product").order_by("number")
    return Response(ItemReference(items, many=True).data)


def _answer(release, status=200):
    return with_version(Response(ReleaseSerializer(release).data, status=status), release)
