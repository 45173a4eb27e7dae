"""Tags of a product."""

from django.db.models import Count
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import tags
from backlog.api.items import read
from backlog.api.lookups import product_of, read_product
from backlog.api.references import Chosen, PersonReference
from backlog.queries.readers import reader
from core.rest import KeysetPage, idempotent
from core.rest.views import ApiViewSet


class TagSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    item_count = serializers.IntegerField()


class TagInput(serializers.Serializer):
    name = serializers.CharField(max_length=60)


def tags_of_product(context):
    return context["product"].tags.all()


class MergeInput(serializers.Serializer):
    into = Chosen(tags_of_product, help_text="The id of the tag that stays.")


class Tags(ApiViewSet):
    tag = "tags"
    pagination_class = KeysetPage
    page_order = ("name", "id")

    @extend_schema(responses=TagSerializer(many=True))
    def list(self, request, key):
        """List the tags of a product by name."""
        page = self.paginate_queryset(_counted(request, product_of(request, key)))
        return self.get_paginated_response(TagSerializer(page, many=True).data)

    @extend_schema(request=TagInput, responses=TagSerializer)
    def update(self, request, key, tag_id):
        """Rename a tag."""
        product, tag = self._tag(request, key, tag_id)
        tag = tags.rename(tag, by=request.user, **read(self, TagInput, product))
        return Response(TagSerializer(_counted(request, product).get(pk=tag.pk)).data)

    @extend_schema(request=MergeInput, responses=TagSerializer)
    @idempotent
    def merge(self, request, key, tag_id):
        """Give another tag to all that carry this one, and drop this one."""
        product, tag = self._tag(request, key, tag_id)
        into = tags.merge(tag, by=request.user, **read(self, MergeInput, product)).into
        return Response(TagSerializer(_counted(request, product).get(pk=into.pk)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request, key, tag_id):
        """Take a tag off every item and forget it."""
        _, tag = self._tag(request, key, tag_id)
        tags.drop(tag, by=request.user)
        return Response(status=204)

    def _tag(self, request, key, tag_id):
        product = read_product(request, key)
        return product, get_object_or_404(product.tags, pk=tag_id)


class GoneTagSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    merged_into = serializers.CharField(source="into.name", default=None, allow_null=True)
    gone_at = serializers.DateTimeField()
    gone_by = PersonReference()


class GoneTags(ApiViewSet):
    tag = "tags"
    pagination_class = KeysetPage
    page_order = ("-id",)

    @extend_schema(operation_id="gone_tags_list", responses=GoneTagSerializer(many=True))
    def list(self, request, key):
        """List the tags that were dropped or merged, the last one first."""
        gone = product_of(request, key).gone_tags.select_related("into", "gone_by")
        return self.get_paginated_response(GoneTagSerializer(self.paginate_queryset(gone), many=True).data)

    @extend_schema(operation_id="gone_tags_restore", request=None, responses=TagSerializer)
    @idempotent
    def restore(self, request, key, gone_tag_id):
        """Bring a tag back, on the items that carried it."""
        product = read_product(request, key)
        tag = tags.restore(get_object_or_404(product.gone_tags, pk=gone_tag_id), by=request.user)
        return Response(TagSerializer(_counted(request, product).get(pk=tag.pk)).data)


def _counted(request, product):
    seen = reader(product, request.user).readable("item_links__item__")
    return product.tags.annotate(item_count=Count("item_links", filter=seen))
