"""Sprints of the teams that work on a product, and their velocity."""

from dataclasses import asdict

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import Team
from backlog.api.items import read
from backlog.api.lookups import product_of, read_product, readable_items
from backlog.api.references import (
    LARGEST_ID,
    Chosen,
    ItemReference,
    PersonReference,
    TeamReference,
    items_of_organization,
    teams_of_product,
)
from backlog.api.suggestions import ItemSuggestionSerializer
from core.rest import KeysetPage, idempotent, require_version, whole_number, with_version
from core.rest.views import ApiViewSet
from sprints.actions import sprints, suggestions
from sprints.models import Sprint, SprintItem
from sprints.queries.lines import sprint_lines
from sprints.queries.velocity import velocity


class SprintSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    team = TeamReference()
    number = serializers.IntegerField()
    goal = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The last day, included.")
    capacity_points = serializers.FloatField(allow_null=True)
    status = serializers.ChoiceField(Sprint.Status.choices)
    commit_points = serializers.FloatField(
        allow_null=True, help_text="At the start: what the team reaches with a chance of 85 %."
    )
    availability = serializers.FloatField(allow_null=True, help_text="The share of its days that the team has.")
    committed_points = serializers.FloatField(allow_null=True, help_text="At the start.")
    delivered_points = serializers.FloatField(allow_null=True, help_text="At the close.")
    version = serializers.IntegerField(help_text="What If-Match names.")
    started_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class SprintItemSerializer(serializers.Serializer):
    item = ItemReference()
    added_at = serializers.DateTimeField()
    added_by = PersonReference()
    points_at_start = serializers.FloatField(allow_null=True)
    is_for_goal = serializers.BooleanField(help_text="The sprint goal needs it.")
    outcome = serializers.CharField(help_text="Empty: still in the sprint.")
    left_at = serializers.DateTimeField(allow_null=True)


class SprintChanges(serializers.Serializer):
    """Only what is sent is changed."""

    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False)
    goal = serializers.CharField(max_length=300, allow_blank=True, required=False)
    capacity_points = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=0, coerce_to_string=False, required=False, allow_null=True
    )


class SprintInput(SprintChanges):
    team = Chosen(teams_of_product, help_text="The id of a team that works on the product.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The last day, included.")


class SprintItemsInput(serializers.Serializer):
    items = serializers.ListField(child=Chosen(items_of_organization), min_length=1, max_length=200)
    reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="Why, for the log of a running sprint."
    )


class OutcomeInput(serializers.Serializer):
    item = Chosen(items_of_organization)
    outcome = serializers.ChoiceField([SprintItem.Outcome.RETURNED, SprintItem.Outcome.CARRIED_OVER])


class CutInput(serializers.Serializer):
    item = Chosen(items_of_organization)
    done_points = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0, coerce_to_string=False)
    rest_points = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0, coerce_to_string=False)
    rest_title = serializers.CharField(max_length=300, required=False, allow_blank=True)
    outcome = serializers.ChoiceField(
        [SprintItem.Outcome.RETURNED, SprintItem.Outcome.CARRIED_OVER],
        source="rest_goes",
        required=False,
        help_text="Where the rest goes.",
    )


def sprints_of_product(context):
    return sprints_of(context["product"])


class CloseInput(serializers.Serializer):
    outcomes = OutcomeInput(many=True, required=False, help_text="Where each unfinished item goes.")
    splits = CutInput(many=True, required=False, help_text="Of what the done part stays; the rest becomes an item.")
    into = Chosen(sprints_of_product, required=False, help_text="The id of the sprint that carried-over items go into.")


class SprintVelocitySerializer(serializers.Serializer):
    number = serializers.IntegerField()
    ends_on = serializers.DateField()
    committed = serializers.FloatField()
    points = serializers.FloatField()


class VelocitySerializer(serializers.Serializer):
    sprints = SprintVelocitySerializer(many=True, help_text="Oldest first.")
    least = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    mean = serializers.FloatField(allow_null=True)
    most = serializers.FloatField(allow_null=True)


class SprintLineSerializer(serializers.Serializer):
    label = serializers.CharField()
    ends_on = serializers.DateField()
    capacity = serializers.FloatField(help_text="Points: the median of what the teams delivered in closed sprints.")
    is_planned = serializers.BooleanField(help_text="The sprint is planned already; others follow the teams' rhythm.")


class LinesSerializer(serializers.Serializer):
    lines = SprintLineSerializer(many=True)


class Sprints(ApiViewSet):
    tag = "sprints"
    versioned_methods = ("PATCH",)
    pagination_class = KeysetPage
    page_order = ("-starts_on", "-id")

    @extend_schema(responses=SprintSerializer(many=True))
    def list(self, request, key):
        """List the sprints of the teams that work on a product, the latest first."""
        page = self.paginate_queryset(sprints_of(product_of(request, key)))
        return self.get_paginated_response(SprintSerializer(page, many=True).data)

    @extend_schema(request=SprintInput, responses={201: SprintSerializer})
    @idempotent
    def plan(self, request, key):
        """Give a team its next sprint."""
        product = read_product(request, key)
        values = read(self, SprintInput, product)
        return _answer(sprints.plan(values.pop("team"), by=request.user, **values), status=201)

    @extend_schema(responses=SprintSerializer)
    def retrieve(self, request, key, sprint_id):
        """Show a sprint."""
        return _answer(get_object_or_404(sprints_of(product_of(request, key)), pk=sprint_id))

    @extend_schema(request=SprintChanges, responses=SprintSerializer)
    def update(self, request, key, sprint_id):
        """Change the goal, dates or capacity of a sprint."""
        product, sprint = sprint_in(request, key, sprint_id)
        values = read(self, SprintChanges, product)
        version = require_version(request, sprint)
        return _answer(sprints.edit(sprint, by=request.user, version=version, **values))

    @extend_schema(request=None, responses=SprintSerializer)
    @idempotent
    def start(self, request, key, sprint_id):
        """Make a planned sprint the team's active one."""
        _, sprint = sprint_in(request, key, sprint_id)
        return _answer(sprints.start(sprint, by=request.user))

    @extend_schema(request=CloseInput, responses=SprintSerializer)
    @idempotent
    def close(self, request, key, sprint_id):
        """End an active sprint, and say where each unfinished item goes."""
        product, sprint = sprint_in(request, key, sprint_id)
        values = read(self, CloseInput, product)
        outcomes = {row["item"].pk: row["outcome"] for row in values.get("outcomes", ())}
        cuts = {row.pop("item").pk: sprints.Cut(**row) for row in values.get("splits", ())}
        return _answer(sprints.close(sprint, outcomes, by=request.user, into=values.get("into"), cuts=cuts))


class SprintItems(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="sprints_items", responses=SprintItemSerializer(many=True))
    def list(self, request, key, sprint_id):
        """List what is and was in a sprint."""
        product = product_of(request, key)
        sprint = get_object_or_404(sprints_of(product), pk=sprint_id)
        return Response(SprintItemSerializer(_entries(request, sprint), many=True).data)

    @extend_schema(operation_id="sprints_add", request=SprintItemsInput, responses=SprintItemSerializer(many=True))
    @idempotent
    def add(self, request, key, sprint_id):
        """Take items into a sprint."""
        product, sprint = sprint_in(request, key, sprint_id)
        values = read(self, SprintItemsInput, product)
        sprints.add(sprint, values["items"], by=request.user, reason=values.get("reason", ""))
        return Response(SprintItemSerializer(_entries(request, sprint), many=True).data)

    @extend_schema(operation_id="sprints_remove", responses={204: None})
    def remove(self, request, key, sprint_id, item_id):
        """Take an item out of a sprint, back to its place in the order."""
        _, sprint = sprint_in(request, key, sprint_id)
        item = get_object_or_404(readable_items(request), pk=item_id)
        sprints.remove(sprint, [item], by=request.user)
        return Response(status=204)


class SuggestedItemInput(serializers.Serializer):
    item = Chosen(items_of_organization, help_text="The id of an item of the team's products.")
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class SprintSuggestions(ApiViewSet):
    tag = "suggestions"

    @extend_schema(
        operation_id="sprints_suggest", request=SuggestedItemInput, responses={201: ItemSuggestionSerializer}
    )
    @idempotent
    def create(self, request, key, sprint_id):
        """Suggest an item for a sprint to those who choose what is in it."""
        product, sprint = sprint_in(request, key, sprint_id)
        values = read(self, SuggestedItemInput, product)
        made = suggestions.suggest(sprint, values["item"], by=request.user, reason=values["reason"])
        return Response(ItemSuggestionSerializer(made).data, status=201)


class TeamVelocity(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="sprints_velocity", responses=VelocitySerializer)
    def retrieve(self, request, key, team_id):
        """Tell the velocity of a team over its last closed sprints."""
        product = product_of(request, key)
        team = get_object_or_404(Team.objects.filter(product_links__product=product), pk=team_id)
        return Response(VelocitySerializer(asdict(velocity(team))).data)


class Lines(ApiViewSet):
    tag = "sprints"
    query_parameters = ("team",)

    @extend_schema(
        operation_id="sprints_lines",
        parameters=[OpenApiParameter("team", int, description="Only the sprints of this team.")],
        responses=LinesSerializer,
    )
    def retrieve(self, request, key):
        """Tell where the coming sprints end in the order, by what the teams delivered; empty until one has."""
        product = product_of(request, key)
        team = whole_number(request, "team", 0, LARGEST_ID, 0)
        lines = sprint_lines(product, today=product.organization.today(), team_id=team or None)
        return Response(LinesSerializer({"lines": lines}).data)


def sprints_of(product):
    return Sprint.objects.filter(team__product_links__product=product).select_related("team__organization")


def sprint_in(request, key, sprint_id):
    product = read_product(request, key)
    return product, get_object_or_404(sprints_of(product), pk=sprint_id)


def _entries(request, sprint):
    entries = sprint.entries.filter(item__in=readable_items(request).values("pk"))
    return entries.select_related("item__product", "added_by").order_by("pk")


def _answer(sprint, status=200):
    return with_version(Response(SprintSerializer(sprint).data, status=status), sprint)
