"""Tags of a product."""

from django.db.models import Count
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import tags
from backlog.api.items import read
from backlog.api.lookups import product_of, read_product
from backlog.api.references import Chosen
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
        into = tags.merge(tag, by=request.user, **read(self, MergeInput, product))
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


def _counted(request, product):
    seen = reader(product, request.user).readable("item_links__item__")
    return product.tags.annotate(item_count=Count("item_links", filter=seen))
