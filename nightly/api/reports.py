"""Health reports of a product."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.lookups import product_of
from core.rest import KeysetPage
from core.rest.views import ApiViewSet
from nightly.models import HealthReport
from nightly.queries.reports import finding_rows, verdict


class HealthFindingSerializer(serializers.Serializer):
    key = serializers.CharField()
    urgency = serializers.ChoiceField(["now", "soon", "later"])
    title = serializers.CharField()
    count = serializers.IntegerField(help_text="Items you may see; or things, where it is not about items.")
    items = serializers.SerializerMethodField(help_text="Keys of the first.")
    owner = serializers.CharField(help_text="Who should act.")
    action = serializers.CharField()
    action_url = serializers.CharField()

    def get_items(self, row) -> list[str]:
        return [item.key for item in row.items]


class HealthSummarySerializer(serializers.Serializer):
    on = serializers.DateField()
    written_at = serializers.DateTimeField()
    verdict = serializers.SerializerMethodField()
    figures = serializers.JSONField(help_text="By name; one whose data is absent is left out.")

    def get_verdict(self, report) -> str:
        return verdict(report)


class HealthReportSerializer(HealthSummarySerializer):
    findings = serializers.SerializerMethodField()

    def get_findings(self, report) -> HealthFindingSerializer(many=True):
        return HealthFindingSerializer(finding_rows(report, self.context["request"].user), many=True).data


class HealthReports(ApiViewSet):
    tag = "health"
    pagination_class = KeysetPage
    page_order = ("-on", "-id")

    @extend_schema(responses=HealthSummarySerializer(many=True))
    def list(self, request, key):
        """List the health reports of a product, the latest first."""
        page = self.paginate_queryset(HealthReport.objects.filter(product=product_of(request, key)))
        return self.get_paginated_response(HealthSummarySerializer(page, many=True).data)

    @extend_schema(responses=HealthReportSerializer)
    def retrieve(self, request, key, on):
        """Show the health report of a day with its findings."""
        reports = HealthReport.objects.select_related("product")
        report = get_object_or_404(reports, product=product_of(request, key), on=on)
        return Response(HealthReportSerializer(report, context={"request": request}).data)
