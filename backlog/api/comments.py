"""What people say about an item."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import comments
from backlog.api.items import read
from backlog.api.lookups import item_of
from backlog.api.references import PersonReference
from core.rest import KeysetPage, idempotent, require_version, with_version
from core.rest.views import ApiViewSet


class CommentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.SerializerMethodField(help_text="Markdown; empty once removed.")
    by = PersonReference()
    at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text="What If-Match names.")

    def get_text(self, comment) -> str:
        return "" if comment.removed_at else comment.text


class CommentInput(serializers.Serializer):
    text = serializers.CharField(max_length=20_000)


class Comments(ApiViewSet):
    tag = "comments"
    versioned_methods = ("PATCH",)
    pagination_class = KeysetPage

    @extend_schema(responses=CommentSerializer(many=True))
    def list(self, request, key, number):
        """List the comments on an item, oldest first."""
        page = self.paginate_queryset(_comments(item_of(request, key, number)))
        return self.get_paginated_response(CommentSerializer(page, many=True).data)

    @extend_schema(request=CommentInput, responses={201: CommentSerializer})
    @idempotent
    def create(self, request, key, number):
        """Comment on an item. `@name` tells people."""
        item = item_of(request, key, number)
        comment = comments.add(item, by=request.user, **read(self, CommentInput, item.product))
        return with_version(Response(CommentSerializer(comment).data, status=201), comment)

    @extend_schema(request=CommentInput, responses=CommentSerializer)
    def update(self, request, key, number, comment_id):
        """Reword a comment."""
        item, comment = self._comment(request, key, number, comment_id)
        values = read(self, CommentInput, item.product)
        version = require_version(request, comment)
        comment = comments.edit(comment, by=request.user, version=version, **values)
        return with_version(Response(CommentSerializer(comment).data), comment)

    @extend_schema(responses={204: None})
    def destroy(self, request, key, number, comment_id):
        """Remove a comment; that there was one stays to be seen."""
        _, comment = self._comment(request, key, number, comment_id)
        comments.remove(comment, by=request.user)
        return Response(status=204)

    def _comment(self, request, key, number, comment_id):
        item = item_of(request, key, number)
        return item, get_object_or_404(_comments(item), pk=comment_id)


def _comments(item):
    return item.comments.select_related("by")
