"""Forecasts of a product, as they were made, and whether they held."""

from dataclasses import asdict
from datetime import timedelta

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.lookups import product_of, readable_items
from backlog.api.references import LARGEST_ID
from core.rest import KeysetPage, idempotent, whole_number
from core.rest.views import ApiViewSet
from planning.forecast import PERCENTS
from roadmap.actions import forecasts
from roadmap.models import Forecast
from roadmap.queries.held import forecasts_that_held


class TargetDateSerializer(serializers.Serializer):
    goal = serializers.IntegerField(source="goal_id", allow_null=True)
    release = serializers.IntegerField(source="release_id", allow_null=True)
    open_count = serializers.IntegerField(help_text="Items that were not done.")
    date_50 = serializers.DateField(allow_null=True)
    date_85 = serializers.DateField(allow_null=True, help_text="Null: not within two years, or no history.")
    date_95 = serializers.DateField(allow_null=True)


class ForecastTeamSerializer(serializers.Serializer):
    team = serializers.IntegerField(allow_null=True, help_text="Null: the items of no team.")
    open = serializers.IntegerField(help_text="Items that were not done.")
    weeks = serializers.IntegerField(help_text="Of history; a date needs four.")
    is_idle = serializers.BooleanField(help_text="Nothing was finished in these weeks.")


class ForecastSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    on = serializers.DateField(help_text="The day at whose start it holds.")
    made_at = serializers.DateTimeField()
    has_dates = serializers.BooleanField(help_text="False: no team has enough history.")
    teams = ForecastTeamSerializer(many=True)
    dates = TargetDateSerializer(many=True)


class ItemDateSerializer(serializers.Serializer):
    item = serializers.IntegerField()
    date_50 = serializers.DateField(allow_null=True)
    date_85 = serializers.DateField(allow_null=True)
    date_95 = serializers.DateField(allow_null=True)


class LatestSerializer(ForecastSerializer):
    items = ItemDateSerializer(many=True, help_text="Items with a date, in the order of the forecast.")


class LevelSerializer(serializers.Serializer):
    percent = serializers.IntegerField()
    held = serializers.IntegerField()
    of = serializers.IntegerField()


class HeldSerializer(serializers.Serializer):
    levels = LevelSerializer(many=True)
    since = serializers.DateField(allow_null=True, help_text="Day of the first forecast.")


class Forecasts(ApiViewSet):
    tag = "forecasts"
    pagination_class = KeysetPage
    page_order = ("-on", "-id")

    @extend_schema(responses=ForecastSerializer(many=True))
    def list(self, request, key):
        """List the forecasts of a product as they were made, the latest first."""
        rows = Forecast.objects.filter(product=product_of(request, key)).prefetch_related("dates")
        page = self.paginate_queryset(rows.defer("items", *(f"weeks_{percent}" for percent in PERCENTS)))
        return self.get_paginated_response(ForecastSerializer(page, many=True).data)

    @extend_schema(operation_id="forecasts_record", request=None, responses=ForecastSerializer)
    @idempotent
    def record(self, request, key):
        """Forecast a product now: the forecast of today, made anew if anything has changed since."""
        product = product_of(request, key)
        return Response(
            ForecastSerializer(forecasts.record(product, on=product.organization.today(), by=request.user)).data
        )

    @extend_schema(operation_id="forecasts_latest", responses=LatestSerializer)
    def latest(self, request, key):
        """Show the latest forecast with the dates of all items that you may see."""
        product = product_of(request, key)
        latest = Forecast.objects.filter(product=product).latest_first().prefetch_related("dates")[:1]
        forecast = get_object_or_404(latest)
        seen = set(readable_items(request).filter(product=product).values_list("pk", flat=True))
        return Response(ForecastSerializer(forecast).data | {"items": _items(forecast, seen)})


class Held(ApiViewSet):
    tag = "forecasts"
    query_parameters = ("team",)

    @extend_schema(
        operation_id="forecasts_held",
        parameters=[OpenApiParameter("team", int, description="Only the forecasts of this team.")],
        responses=HeldSerializer,
    )
    def retrieve(self, request, key):
        """Tell how often the dates of past forecasts held: n of m, by chance."""
        product = product_of(request, key)
        team = whole_number(request, "team", 0, LARGEST_ID, 0)
        held = forecasts_that_held(product, on=product.organization.today(), team_id=team or None)
        return Response(HeldSerializer(asdict(held)).data)


def _items(forecast, seen):
    rows = zip(forecast.items, *(getattr(forecast, f"weeks_{percent}") for percent in PERCENTS), strict=True)
    return [
        {
            "item": item,
            **{f"date_{percent}": _date(forecast, week) for percent, week in zip(PERCENTS, weeks, strict=True)},
        }
        for item, *weeks in rows
        if item in seen
    ]


def _date(forecast, week):
    return None if week is None else forecast.on + timedelta(weeks=week)
