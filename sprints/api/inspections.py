"""Inspections of running sprints, what was done about them, and the notes for stakeholders."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.items import read
from backlog.api.lookups import product_of, read_product
from backlog.api.references import Chosen, PersonReference
from core.rest import idempotent
from core.rest.views import ApiViewSet
from sprints.actions import inspections
from sprints.api.sprints import sprint_in, sprints_of, sprints_of_product
from sprints.models import CorrectiveAction, StatusNote

_MOST = 100


class CorrectionSerializer(serializers.Serializer):
    text = serializers.CharField()
    before_percent = serializers.IntegerField()
    expected_percent = serializers.IntegerField()
    taken_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)
    outcome_percent = serializers.IntegerField(
        allow_null=True, help_text="What the next inspection found; or 100 or 0 at the close: goal reached or not."
    )


class SuggestionSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(["reorder", "ask", "swap", "split", "drop"])
    item = serializers.IntegerField(allow_null=True)
    into = serializers.IntegerField(allow_null=True, help_text="What comes in for it, to swap.")
    percent = serializers.IntegerField(help_text="The chance of the goal with it.")


class InspectionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    on = serializers.DateField()
    goal_percent = serializers.IntegerField(help_text="The chance of the sprint goal.")
    scope_percent = serializers.IntegerField(help_text="The chance of all of the sprint.")
    start_percent = serializers.IntegerField(help_text="The chance of the goal at the start.")
    is_low = serializers.BooleanField()
    is_alert = serializers.BooleanField(help_text="Low, and so was the inspection before.")
    causes = serializers.ListField(child=serializers.CharField())
    suggestion = SuggestionSerializer(allow_null=True)
    verdict = serializers.CharField(help_text="raised: for the daily; not_now; empty: none.")
    action = serializers.SerializerMethodField()

    @extend_schema(responses=CorrectionSerializer)
    def get_action(self, inspection) -> dict | None:
        return CorrectionSerializer(inspection.action).data if hasattr(inspection, "action") else None


class SuggestionVerdictInput(serializers.Serializer):
    verdict = serializers.CharField(max_length=7, help_text="raised: for the daily; not_now.")


class StatusNoteSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    sprint = serializers.IntegerField(source="sprint_id")
    text = serializers.CharField()
    published_at = serializers.DateTimeField()
    published_by = PersonReference()


class StatusNoteInput(serializers.Serializer):
    sprint = Chosen(sprints_of_product)
    text = serializers.CharField(max_length=4000)


class Inspections(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="inspections_list", responses=InspectionSerializer(many=True))
    def list(self, request, key, sprint_id):
        """List the inspections of a sprint, the newest first."""
        sprint = get_object_or_404(sprints_of(product_of(request, key)), pk=sprint_id)
        found = sprint.inspections.select_related("action").order_by("-on")[:_MOST]
        return Response(InspectionSerializer(found, many=True).data)

    @extend_schema(operation_id="inspections_make", request=None, responses=InspectionSerializer)
    @idempotent
    def make(self, request, key, sprint_id):
        """Hold a running sprint against its forecast now."""
        _, sprint = sprint_in(request, key, sprint_id)
        today = sprint.team.organization.today()
        return Response(InspectionSerializer(inspections.inspect(sprint, today, by=request.user)).data)

    @extend_schema(operation_id="inspections_correct", request=None, responses=CorrectionSerializer)
    @idempotent
    def correct(self, request, key, sprint_id, inspection_id):
        """Do what an inspection suggests."""
        _, sprint = sprint_in(request, key, sprint_id)
        inspection = get_object_or_404(sprint.inspections.select_related("sprint"), pk=inspection_id)
        return Response(CorrectionSerializer(inspections.take(inspection, by=request.user)).data)

    @extend_schema(operation_id="inspections_judge", request=SuggestionVerdictInput, responses=InspectionSerializer)
    def judge(self, request, key, sprint_id, inspection_id):
        """Put what an inspection suggests on the daily, or aside for now."""
        product, sprint = sprint_in(request, key, sprint_id)
        inspection = get_object_or_404(sprint.inspections.select_related("sprint"), pk=inspection_id)
        verdict = read(self, SuggestionVerdictInput, product)["verdict"]
        return Response(InspectionSerializer(inspections.judge(inspection, verdict, by=request.user)).data)

    @extend_schema(operation_id="inspections_undo", request=None, responses=CorrectionSerializer)
    @idempotent
    def undo(self, request, key, sprint_id, inspection_id):
        """Take back what was done."""
        _, sprint = sprint_in(request, key, sprint_id)
        actions = CorrectiveAction.objects.filter(inspection__sprint=sprint).select_related("inspection__sprint")
        action = get_object_or_404(actions, inspection=inspection_id)
        return Response(CorrectionSerializer(inspections.undo(action, by=request.user)).data)


class StatusNotes(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="status_notes_list", responses=StatusNoteSerializer(many=True))
    def list(self, request, key):
        """List the published notes on a product's sprints, the newest first."""
        notes = StatusNote.objects.filter(product=product_of(request, key))
        found = notes.select_related("published_by").order_by("-pk")[:_MOST]
        return Response(StatusNoteSerializer(found, many=True).data)

    @extend_schema(operation_id="status_notes_publish", request=StatusNoteInput, responses={201: StatusNoteSerializer})
    @idempotent
    def publish(self, request, key):
        """Publish a note for stakeholders, and mail it to them."""
        product = read_product(request, key)
        values = read(self, StatusNoteInput, product)
        note = inspections.publish(product, values["sprint"], values["text"], by=request.user)
        return Response(StatusNoteSerializer(note).data, status=201)
