"""The product goal, and the goals on the way to it."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import goals
from backlog.api.items import read
from backlog.api.lookups import product_of
from backlog.api.references import IdField
from backlog.models import Engagement
from core.rest import idempotent, require_version, with_version
from core.rest.views import ApiViewSet


class GoalSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    is_product_goal = serializers.BooleanField()
    engagement = serializers.CharField(
        help_text="architectural or large_scale: its items need a technical owner's word."
    )
    position = serializers.IntegerField()
    version = serializers.IntegerField(help_text="What If-Match names.")
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class GoalInput(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    is_product_goal = serializers.BooleanField(default=False)
    engagement = serializers.ChoiceField(Engagement.choices, allow_blank=True, default="")


class GoalChanges(serializers.Serializer):
    """Only what is sent is changed."""

    title = serializers.CharField(max_length=200, required=False)
    is_product_goal = serializers.BooleanField(required=False)
    engagement = serializers.ChoiceField(Engagement.choices, allow_blank=True, required=False)


class GoalsOrderInput(serializers.Serializer):
    goals = serializers.ListField(
        child=IdField(), max_length=1000, help_text="The ids of all goals of the product, in their new order."
    )


class Goals(ApiViewSet):
    tag = "goals"
    versioned_methods = ("PATCH",)

    @extend_schema(responses=GoalSerializer(many=True))
    def list(self, request, key):
        """List the goals of a product, the product goal first."""
        return Response(GoalSerializer(_goals(product_of(request, key)), many=True).data)

    @extend_schema(request=GoalInput, responses={201: GoalSerializer})
    @idempotent
    def create(self, request, key):
        """Set a goal."""
        product = product_of(request, key)
        goal = goals.create(product, by=request.user, **read(self, GoalInput, product))
        return _answer(goal, status=201)

    @extend_schema(request=GoalChanges, responses=GoalSerializer)
    def update(self, request, key, goal_id):
        """Reword a goal, or make it the product goal."""
        goal = _goal(request, key, goal_id)
        values = read(self, GoalChanges, goal.product)
        version = require_version(request, goal)
        return _answer(goals.edit(goal, by=request.user, version=version, **values))

    @extend_schema(request=GoalsOrderInput, responses=GoalSerializer(many=True))
    def reorder(self, request, key):
        """Put the goals of a product into another order."""
        product = product_of(request, key)
        goals.reorder(product, read(self, GoalsOrderInput, product)["goals"], by=request.user)
        return Response(GoalSerializer(_goals(product), many=True).data)

    @extend_schema(request=None, responses=GoalSerializer)
    @idempotent
    def close(self, request, key, goal_id):
        """Close a goal that is reached or given up."""
        return _answer(goals.close(_goal(request, key, goal_id), by=request.user))

    @extend_schema(request=None, responses=GoalSerializer)
    @idempotent
    def reopen(self, request, key, goal_id):
        """Open a closed goal again."""
        return _answer(goals.reopen(_goal(request, key, goal_id), by=request.user))


def _goals(product):
    return product.goals.order_by("-is_product_goal", "position", "pk")


def _goal(request, key, goal_id):
    return get_object_or_404(product_of(request, key).goals.select_related("product"), pk=goal_id)


def _answer(goal, status=200):
    return with_version(Response(GoalSerializer(goal).data, status=status), goal)
