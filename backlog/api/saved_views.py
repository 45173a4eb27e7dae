"""Views that people keep of a backlog."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import saved_views
from backlog.api.items import read
from backlog.api.lookups import product_of, read_product
from backlog.api.references import PersonReference
from backlog.models import SavedView
from backlog.queries.filter_language import MOST_CHARACTERS
from core.rest import KeysetPage, idempotent, require_version, with_version
from core.rest.views import ApiViewSet


class SavedViewSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    filter = serializers.CharField()
    is_shared = serializers.BooleanField(help_text="With everybody who reads the backlog.")
    by = PersonReference()
    version = serializers.IntegerField(help_text="What If-Match names.")
    created_at = serializers.DateTimeField()


class SavedViewInput(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    filter = serializers.CharField(max_length=MOST_CHARACTERS)
    is_shared = serializers.BooleanField(default=False)


class SavedViewChanges(serializers.Serializer):
    """Only what is sent is changed."""

    name = serializers.CharField(max_length=80, required=False)
    filter = serializers.CharField(max_length=MOST_CHARACTERS, required=False)
    is_shared = serializers.BooleanField(required=False)


class SavedViews(ApiViewSet):
    tag = "views"
    versioned_methods = ("PATCH",)
    pagination_class = KeysetPage
    page_order = ("name", "id")

    @extend_schema(responses=SavedViewSerializer(many=True))
    def list(self, request, key):
        """List one's own views of a backlog and the shared ones, by name."""
        views = SavedView.objects.visible_to(request.user).filter(product=product_of(request, key))
        page = self.paginate_queryset(views.select_related("by"))
        return self.get_paginated_response(SavedViewSerializer(page, many=True).data)

    @extend_schema(request=SavedViewInput, responses={201: SavedViewSerializer})
    @idempotent
    def create(self, request, key):
        """Keep a filter by a name."""
        product = product_of(request, key)
        view = saved_views.save(product, by=request.user, **read(self, SavedViewInput, product))
        return _answer(view, status=201)

    @extend_schema(request=SavedViewChanges, responses=SavedViewSerializer)
    def update(self, request, key, view_id):
        """Rename, share or change a view."""
        view = _view(request, key, view_id)
        values = read(self, SavedViewChanges, view.product)
        return _answer(saved_views.edit(view, by=request.user, version=require_version(request, view), **values))

    @extend_schema(responses={204: None})
    def destroy(self, request, key, view_id):
        """Delete a view."""
        saved_views.drop(_view(request, key, view_id), by=request.user)
        return Response(status=204)


def _view(request, key, view_id):
    product = read_product(request, key)
    views = SavedView.objects.visible_to(request.user).select_related("by", "product")
    return get_object_or_404(views, product=product, pk=view_id)


def _answer(view, status=200):
    return with_version(Response(SavedViewSerializer(view).data, status=status), view)
