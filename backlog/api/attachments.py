"""Files attached to an item."""

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from backlog.actions import attachments
from backlog.api.items import read
from backlog.api.lookups import item_of
from backlog.api.references import PersonReference
from core.rest import idempotent
from core.rest.views import ApiViewSet


class AttachmentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    by = PersonReference()
    at = serializers.DateTimeField()


class AttachmentInput(serializers.Serializer):
    file = serializers.FileField(max_length=200)


class Attachments(ApiViewSet):
    tag = "attachments"
    parser_classes = [MultiPartParser]

    @extend_schema(responses=AttachmentSerializer(many=True))
    def list(self, request, key, number):
        """List the files attached to an item."""
        rows = _attachments(item_of(request, key, number))
        return Response(AttachmentSerializer(rows, many=True).data)

    @extend_schema(request={"multipart/form-data": AttachmentInput}, responses={201: AttachmentSerializer})
    @idempotent
    def create(self, request, key, number):
        """Attach a file to an item."""
        item = item_of(request, key, number)
        file = read(self, AttachmentInput, item.product)["file"]
        attachment = attachments.add(item, file, file.name, by=request.user)
        return Response(AttachmentSerializer(attachment).data, status=201)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)})
    def retrieve(self, request, key, number, attachment_id):
        """Download an attached file."""
        attachment = self._attachment(request, key, number, attachment_id)
        return download(attachment)

    @extend_schema(responses={204: None})
    def destroy(self, request, key, number, attachment_id):
        """Remove an attached file."""
        attachments.remove(self._attachment(request, key, number, attachment_id), by=request.user)
        return Response(status=204)

    def _attachment(self, request, key, number, attachment_id):
        return get_object_or_404(_attachments(item_of(request, key, number)), pk=attachment_id)


def download(attachment) -> FileResponse:
    """The file as something to save, never to show: it may hold anything."""
    response = FileResponse(
        attachment.file.open(), as_attachment=True, filename=attachment.name, content_type="application/octet-stream"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _attachments(item):
    return item.attachments.filter(removed_at=None).select_related("by").order_by("pk")
