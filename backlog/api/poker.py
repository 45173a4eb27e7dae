"""Rounds in which people estimate an item; no card of another before all are shown."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import poker
from backlog.api.items import read
from backlog.api.lookups import item_of
from backlog.models.refinement import Scale
from backlog.queries.poker import table, tables
from core.rest import KeysetPage, idempotent
from core.rest.views import ApiViewSet


class HandSerializer(serializers.Serializer):
    person = serializers.IntegerField(source="user_id")
    name = serializers.CharField()
    card = serializers.CharField(help_text="Empty while the cards are hidden, except your own.")
    words = serializers.CharField(help_text="Why; empty while the cards are hidden, except your own.")
    is_outlier = serializers.BooleanField(help_text="Shown, and the lowest or the highest of different cards.")


class RoundSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    scale = serializers.ChoiceField(Scale.choices)
    cards = serializers.ListField(child=serializers.CharField(), help_text='Of the scale; "?" says: I can\'t tell.')
    opened_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True, help_text="Until when cards may be laid. Null: until shown.")
    shown_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    hands = HandSerializer(many=True, help_text="Who has laid a card.")
    low = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    high = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    middle = serializers.DecimalField(
        max_digits=6, decimal_places=2, allow_null=True, help_text="The card in the middle, the upper one of two."
    )
    points = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True, help_text="What was agreed.")


class RoundInput(serializers.Serializer):
    scale = serializers.ChoiceField(Scale.choices, default=Scale.FIBONACCI)
    closes_at = serializers.DateTimeField(required=False, allow_null=True)


class CardInput(serializers.Serializer):
    card = serializers.CharField(max_length=3)
    words = serializers.CharField(max_length=500, default="", allow_blank=True)


class PointsInput(serializers.Serializer):
    points = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0)


class Rounds(ApiViewSet):
    tag = "estimating"
    pagination_class = KeysetPage

    @extend_schema(responses=RoundSerializer(many=True))
    def list(self, request, key, number):
        """List the rounds in which an item was estimated, oldest first."""
        page = self.paginate_queryset(_rounds(item_of(request, key, number)))
        return self.get_paginated_response(RoundSerializer(tables(page, request.user), many=True).data)

    @extend_schema(request=RoundInput, responses={201: RoundSerializer})
    @idempotent
    def create(self, request, key, number):
        """Open a round; with closes_at it waits for cards until then, and shows them by itself."""
        item = item_of(request, key, number)
        played = poker.open_round(item, by=request.user, **read(self, RoundInput, item.product))
        return Response(self._shown(request, item, played), status=201)

    @extend_schema(responses=RoundSerializer)
    def retrieve(self, request, key, number, round_id):
        """Read one round."""
        item, played = self._round(request, key, number, round_id)
        return Response(self._shown(request, item, played))

    @extend_schema(responses={200: RoundSerializer})
    def destroy(self, request, key, number, round_id):
        """End a round without an estimate."""
        item, played = self._round(request, key, number, round_id)
        return Response(self._shown(request, item, poker.withdraw(played, by=request.user)))

    @extend_schema(request=CardInput, responses=RoundSerializer)
    def lay(self, request, key, number, round_id):
        """Lay your card, or change it while the cards are hidden."""
        item, played = self._round(request, key, number, round_id)
        poker.lay(played, by=request.user, **read(self, CardInput, item.product))
        return Response(self._shown(request, item, played))

    @extend_schema(request=None, responses=RoundSerializer)
    @idempotent
    def show(self, request, key, number, round_id):
        """Show all cards."""
        item, played = self._round(request, key, number, round_id)
        return Response(self._shown(request, item, poker.show(played, by=request.user)))

    @extend_schema(request=None, responses={201: RoundSerializer})
    @idempotent
    def again(self, request, key, number, round_id):
        """End the round that is shown, and open another."""
        item, played = self._round(request, key, number, round_id)
        return Response(self._shown(request, item, poker.play_again(played, by=request.user)), status=201)

    @extend_schema(request=PointsInput, responses=RoundSerializer)
    @idempotent
    def settle(self, request, key, number, round_id):
        """Agree on points: they become the item's estimate, the round keeps the range."""
        item, played = self._round(request, key, number, round_id)
        points = read(self, PointsInput, item.product)["points"]
        return Response(self._shown(request, item, poker.settle(played, points, by=request.user)))

    def _round(self, request, key, number, round_id):
        item = item_of(request, key, number)
        return item, get_object_or_404(item.poker_rounds, pk=round_id)

    def _shown(self, request, item, played):
        return RoundSerializer(table(_rounds(item).get(pk=played.pk), request.user)).data


def _rounds(item):
    return item.poker_rounds.select_related("opened_by").prefetch_related("cards__user")
