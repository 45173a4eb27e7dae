"""The notes of a sprint's review and retrospective, and a team's figures over its sprints."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.items import read
from backlog.api.lookups import product_of
from backlog.api.references import PersonReference
from core.permissions import require_route
from core.rest import idempotent
from core.rest.views import ApiViewSet
from sprints.actions import notes
from sprints.api.planning import team_of
from sprints.api.sprints import sprint_in, sprints_of
from sprints.models import SprintNote
from sprints.queries.metrics import team_metrics


class SprintNoteSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(SprintNote.Kind.choices)
    text = serializers.CharField()
    item = serializers.IntegerField(source="item_id", allow_null=True, help_text="What an action became.")
    written_at = serializers.DateTimeField()
    written_by = PersonReference()


class SprintNoteInput(serializers.Serializer):
    kind = serializers.ChoiceField(SprintNote.Kind.choices)
    text = serializers.CharField(max_length=4000)


class SprintFiguresSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    ends_on = serializers.DateField()
    velocity = serializers.FloatField(help_text="Points.")
    throughput = serializers.IntegerField(help_text="Items.")
    say_do = serializers.IntegerField(allow_null=True, help_text="Delivered of committed, per cent.")
    added = serializers.IntegerField(allow_null=True, help_text="Added after the start of committed, per cent.")
    carried = serializers.IntegerField(allow_null=True, help_text="Not done of committed, per cent.")
    cycle_days = serializers.FloatField(allow_null=True, help_text="The median from begun to done.")
    age_days = serializers.FloatField(
        allow_null=True, help_text="The median since it was begun, at the close, of what was not done."
    )


class SpreadSerializer(serializers.Serializer):
    name = serializers.CharField()
    unit = serializers.CharField()
    least = serializers.FloatField()
    median = serializers.FloatField()
    most_85 = serializers.FloatField(help_text="85 % of the values are at or below.")
    most = serializers.FloatField()
    values = serializers.ListField(child=serializers.FloatField(), help_text="Of each sprint or item, least first.")


class TeamMetricsSerializer(serializers.Serializer):
    sprints = SprintFiguresSerializer(many=True, help_text="Oldest first.")
    spreads = SpreadSerializer(many=True)
    held = serializers.IntegerField(help_text="How often the 85 % line was reached.")
    promised = serializers.IntegerField(help_text="Of how many times.")


class SprintNotes(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="sprint_notes_list", responses=SprintNoteSerializer(many=True))
    def list(self, request, key, sprint_id):
        """List the notes of a sprint's review and retrospective."""
        sprint = get_object_or_404(sprints_of(product_of(request, key)), pk=sprint_id)
        found = sprint.notes.select_related("written_by").order_by("pk")[:500]
        return Response(SprintNoteSerializer(found, many=True).data)

    @extend_schema(operation_id="sprint_notes_write", request=SprintNoteInput, responses={201: SprintNoteSerializer})
    @idempotent
    def write(self, request, key, sprint_id):
        """Add a note; an action is proposed to the product owner as an item."""
        product, sprint = sprint_in(request, key, sprint_id)
        require_route(request, sprint)
        values = read(self, SprintNoteInput, product)
        note = notes.write(sprint, values["kind"], values["text"], by=request.user, product=product)
        return Response(SprintNoteSerializer(note).data, status=201)


class Metrics(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="sprints_metrics", responses=TeamMetricsSerializer)
    def retrieve(self, request, key, team_id):
        """Tell a team's figures over its last closed sprints, and how often its promises held."""
        team = team_of(product_of(request, key), team_id)
        return Response(TeamMetricsSerializer(team_metrics(team, request.user, now=timezone.now())).data)
