"""Files that come into a backlog, and the file that gives one out."""

from dataclasses import asdict

import orjson
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from backlog.actions import importing
from backlog.api.items import read
from backlog.api.lookups import product_of, visible_products
from backlog.api.references import PersonReference
from backlog.models import ImportRun
from backlog.queries import export, imports
from core.rest import KeysetPage, allowed_product_ids, idempotent
from core.rest.views import ApiViewSet


class ImportSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    source = serializers.ChoiceField(ImportRun.Source.choices)
    file_name = serializers.CharField()
    status = serializers.ChoiceField(ImportRun.Status.choices)
    mapping = serializers.DictField(help_text="What the file's values shall mean.")
    progress = serializers.IntegerField(help_text="Percent.")
    report = serializers.DictField(help_text="What came of it: counts, and what was left out; or the error.")
    by = PersonReference()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ImportInput(serializers.Serializer):
    file = serializers.FileField()
    source = serializers.ChoiceField(ImportRun.Source.choices)


class MappingInput(serializers.Serializer):
    """Only the parts that are sent are changed; the preview shows all of them."""

    mapping = serializers.DictField()

    def validate_mapping(self, mapping):
        try:
            text = orjson.dumps(mapping)
        except TypeError as error:
            raise serializers.ValidationError(f"This can't be kept: {error}.") from error
        if b"\\u0000" in text:
            raise serializers.ValidationError("A text can't hold a null character.")
        return mapping


class ChoiceSerializer(serializers.Serializer):
    name = serializers.CharField()
    value = serializers.CharField()
    count = serializers.IntegerField()
    chosen = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    reason = serializers.CharField()


class SectionSerializer(serializers.Serializer):
    part = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField()
    choices = ChoiceSerializer(many=True)


class CountSerializer(serializers.Serializer):
    name = serializers.CharField()
    count = serializers.IntegerField()


class LeftOutSerializer(serializers.Serializer):
    line = serializers.IntegerField()
    key = serializers.CharField()
    what = serializers.CharField()
    value = serializers.CharField()
    why = serializers.CharField()


class PreviewSerializer(serializers.Serializer):
    row_count = serializers.IntegerField()
    mapping = serializers.DictField()
    sections = SectionSerializer(many=True)
    totals = CountSerializer(many=True)
    kinds = CountSerializer(many=True)
    left_columns = CountSerializer(many=True)
    left_out = LeftOutSerializer(many=True, help_text="The first of left_out_count.")
    left_out_count = serializers.IntegerField()
    must_ask_dates = serializers.BooleanField(help_text="Choose date_order before you apply.")


class Imports(ApiViewSet):
    tag = "imports"
    pagination_class = KeysetPage
    page_order = ("-id",)

    @extend_schema(responses=ImportSerializer(many=True))
    def list(self, request, key):
        """List the imports into a product, newest first."""
        page = self.paginate_queryset(_runs(product_of(request, key)))
        return self.get_paginated_response(ImportSerializer(page, many=True).data)

    @extend_schema(responses=ImportSerializer)
    def retrieve(self, request, key, import_id):
        """Show an import: how far it is, and its report."""
        return Response(ImportSerializer(_run(request, key, import_id)).data)

    @extend_schema(request=MappingInput, responses=ImportSerializer)
    def update(self, request, key, import_id):
        """Choose what the file's values shall mean."""
        run = _run(request, key, import_id)
        mapping = read(self, MappingInput, run.product)["mapping"]
        return Response(ImportSerializer(importing.choose(run, mapping, by=request.user)).data)

    @extend_schema(responses=PreviewSerializer)
    def preview(self, request, key, import_id):
        """Preview what an import would make of the file; nothing is written."""
        preview = imports.preview(_run(request, key, import_id), by=request.user)
        counts = {
            part: [{"name": name, "count": count} for name, count in getattr(preview, part)]
            for part in ("totals", "kinds", "left_columns")
        }
        return Response(
            {
                "row_count": preview.row_count,
                "mapping": preview.mapping,
                "sections": [asdict(section) for section in preview.sections],
                "left_out": [asdict(line) for line in preview.left_out],
                "left_out_count": preview.left_out_count,
                "must_ask_dates": preview.must_ask_dates,
                **counts,
            }
        )

    @extend_schema(request=None, responses=ImportSerializer)
    @idempotent
    def apply(self, request, key, import_id):
        """Apply an import, all or nothing; read it again to see how far it is."""
        run = _run(request, key, import_id)
        if run.is_waiting:
            imports.require_answers(run, by=request.user)
            _require_products(request, run)
        return Response(ImportSerializer(importing.start(run, by=request.user)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request, key, import_id):
        """Throw away a file that shall not be imported."""
        importing.discard(_run(request, key, import_id), by=request.user)
        return Response(status=204)


class Uploads(Imports):
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": ImportInput}, responses={201: ImportSerializer})
    @idempotent
    def create(self, request, key):
        """Upload a file to import; nothing of it is imported yet."""
        product = product_of(request, key)
        values = read(self, ImportInput, product)
        run = importing.upload(
            values["file"], source=values["source"], organization=product.organization, product=product, by=request.user
        )
        return Response(ImportSerializer(run).data, status=201)


class Exports(ApiViewSet):
    tag = "exports"

    @extend_schema(
        operation_id="export_csv", responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "A CSV file.")}
    )
    def retrieve(self, request, key):
        """Export what you may read of a backlog as CSV, which imports again."""
        product = product_of(request, key)
        return StreamingHttpResponse(
            export.lines(product, by=request.user),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{product.key}.csv"'},
        )


def _runs(product):
    return product.imports.select_related("organization", "product", "by")


def _require_products(request, run):
    if allowed_product_ids(request) is None:
        return
    mapping, _ = imports.choices(run, by=request.user)
    known = visible_products(request).values_list("key", flat=True)
    if others := set(mapping["products"].values()) - {"", *known}:
        raise PermissionDenied(f"This token is not made for {', '.join(sorted(others))}.")


def _run(request, key, import_id):
    return get_object_or_404(_runs(product_of(request, key)), pk=import_id)
