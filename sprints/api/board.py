"""The board of a running sprint, its columns, and its history from the event log."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.items import read
from backlog.api.lookups import product_of, read_product, readable_items
from backlog.api.references import LARGEST_ID, Chosen, items_of_organization
from core.permissions import require_route
from core.rest import idempotent
from core.rest.views import ApiViewSet
from sprints.actions import board
from sprints.api.planning import team_of
from sprints.api.sprints import sprint_in, sprints_of
from sprints.models import BoardColumn, Sprint
from sprints.queries import team_view
from sprints.queries.history import sprint_history

Status = BoardColumn.Status


class ColumnSerializer(serializers.Serializer):
    id = serializers.IntegerField(allow_null=True, help_text="Null: the team has no columns of its own.")
    name = serializers.CharField()
    status = serializers.ChoiceField(Status.choices, help_text="What an item is while it is in the column.")
    limit = serializers.IntegerField(allow_null=True, help_text="More items than this are a warning.")


class CardSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    points = serializers.FloatField(allow_null=True)
    status = serializers.CharField()
    column = serializers.CharField(help_text="The id of a column of the team's own, else its status.")
    assignee = serializers.CharField()
    days = serializers.IntegerField(help_text="Working days in its column.")
    waits_for = serializers.ListField(child=serializers.CharField(), help_text="Keys of what it needs and is not done.")
    is_for_goal = serializers.BooleanField()


class BoardSerializer(serializers.Serializer):
    columns = ColumnSerializer(many=True)
    cards = CardSerializer(many=True)


class CardMoveInput(serializers.Serializer):
    item = Chosen(items_of_organization)
    status = serializers.ChoiceField(Status.choices)
    column = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID, required=False, help_text="The id of a column of the team's own."
    )


class ColumnInput(serializers.Serializer):
    id = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, required=False, allow_null=True)
    name = serializers.CharField(max_length=40)
    status = serializers.ChoiceField(Status.choices)
    limit = serializers.IntegerField(min_value=1, max_value=1000, required=False, allow_null=True)


class ColumnsInput(serializers.Serializer):
    columns = ColumnInput(many=True)


class DaySerializer(serializers.Serializer):
    on = serializers.DateField()
    scope = serializers.FloatField()
    done = serializers.FloatField()
    in_progress = serializers.FloatField()
    remaining = serializers.FloatField()


class ScopeChangeSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    cause = serializers.CharField(help_text="added, removed, re-estimated, split, carried_over or capacity_changed.")
    item = serializers.IntegerField(source="item_id", allow_null=True)
    points = serializers.FloatField(help_text="What it did to the scope, or to the capacity.")
    by = serializers.CharField()
    reason = serializers.CharField()


class SprintHistorySerializer(serializers.Serializer):
    committed = serializers.FloatField(help_text="Points at the start; they never change.")
    carried = serializers.FloatField(help_text="Those of them that came from an earlier sprint.")
    days = DaySerializer(many=True, help_text="The working days that have begun.")
    changes = ScopeChangeSerializer(many=True)
    carry = ScopeChangeSerializer(
        many=True, help_text="What came from an earlier sprint by the start, and went into a later one at the close."
    )


class SprintBoard(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="sprints_board", responses=BoardSerializer)
    def retrieve(self, request, key, sprint_id):
        """Show the board of a sprint."""
        sprint = get_object_or_404(sprints_of(product_of(request, key)), pk=sprint_id)
        return _board(request, sprint)

    @extend_schema(operation_id="sprints_board_move", request=CardMoveInput, responses=BoardSerializer)
    @idempotent
    def move(self, request, key, sprint_id):
        """Put an item into a column; what that means for its life happens with it."""
        product, sprint = sprint_in(request, key, sprint_id)
        require_route(request, sprint)
        values = read(self, CardMoveInput, product)
        item = get_object_or_404(readable_items(request).select_related("product"), pk=values["item"].pk)
        column = None
        if "column" in values:
            own = BoardColumn.objects.filter(team=sprint.team_id, status=values["status"])
            column = get_object_or_404(own, pk=values["column"])
        board.move(sprint, item, status=values["status"], column=column, by=request.user)
        return _board(request, sprint)


class BoardColumns(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="board_columns", responses=ColumnSerializer(many=True))
    def list(self, request, key, team_id):
        """List the columns of a team's board; empty where it has only the usual three."""
        return _columns(team_of(product_of(request, key), team_id))

    @extend_schema(operation_id="board_columns_set", request=ColumnsInput, responses=ColumnSerializer(many=True))
    def set(self, request, key, team_id):
        """Give a team's board these columns, in this order."""
        product = read_product(request, key)
        team = team_of(product, team_id)
        require_route(request, Sprint(team=team))
        rows = read(self, ColumnsInput, product)["columns"]
        plans = [board.ColumnPlan(row.get("id"), row["name"], row["status"], row.get("limit")) for row in rows]
        board.arrange(team, plans, by=request.user)
        return _columns(team)


class History(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="sprints_history", responses=SprintHistorySerializer)
    def retrieve(self, request, key, sprint_id):
        """Tell the points of a started sprint day by day, and each change of its scope with its cause."""
        sprint = get_object_or_404(sprints_of(product_of(request, key)), pk=sprint_id)
        if sprint.started_at is None:
            return Response({"committed": 0, "carried": 0, "days": [], "changes": [], "carry": []})
        return Response(SprintHistorySerializer(sprint_history(sprint, now=timezone.now())).data)


def _board(request, sprint):
    return Response(BoardSerializer(team_view.board(sprint, request.user, now=timezone.now())).data)


def _columns(team):
    columns = BoardColumn.objects.filter(team=team).order_by("position")
    rows = [{"id": one.pk, "name": one.name, "status": one.status, "limit": one.wip_limit} for one in columns]
    return Response(ColumnSerializer(rows, many=True).data)
