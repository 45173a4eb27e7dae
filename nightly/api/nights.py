"""Nights of a product: what was worked out, and when."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.lookups import product_of
from core import clock
from core.rest import KeysetPage, idempotent
from core.rest.views import ApiViewSet
from nightly.actions import nights
from nightly.models import Night
from nightly.queries import schedule


class NightStepSerializer(serializers.Serializer):
    name = serializers.CharField()
    state = serializers.ChoiceField(["waiting", "running", "done", "failed", "held_up"])
    seconds = serializers.FloatField(allow_null=True, help_text="Null until the step has ended.")


class NightSerializer(serializers.Serializer):
    on = serializers.DateField(help_text="The local date of the organization on the morning after.")
    state = serializers.ChoiceField(Night.State.choices)
    runs = serializers.IntegerField(help_text="How often it was asked for.")
    error = serializers.CharField(help_text="What failed, in words; empty where nothing did.")
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    steps = serializers.SerializerMethodField(help_text="In their order; none before it begins.")

    def get_steps(self, night) -> NightStepSerializer(many=True):
        rows = [{"name": step, "seconds": None} | night.steps[step] for step in Night.Step if step in night.steps]
        return NightStepSerializer(rows, many=True).data


class Nights(ApiViewSet):
    tag = "nights"
    pagination_class = KeysetPage
    page_order = ("-on", "-id")

    @extend_schema(responses=NightSerializer(many=True))
    def list(self, request, key):
        """List the nights of a product, the latest first."""
        page = self.paginate_queryset(Night.objects.filter(product=product_of(request, key)))
        return self.get_paginated_response(NightSerializer(page, many=True).data)

    @extend_schema(request=None, responses={201: NightSerializer})
    @idempotent
    def run(self, request, key):
        """Have the last due night worked out now, again if it was worked out before."""
        product = product_of(request, key)
        on = schedule.latest_due(product.organization.time_zone, clock.now())
        return Response(NightSerializer(nights.ask(product, on, by=request.user)).data, status=201)

    @extend_schema(responses=NightSerializer)
    def retrieve(self, request, key, on):
        """Show the night of a date."""
        return Response(NightSerializer(get_object_or_404(Night, product=product_of(request, key), on=on)).data)
