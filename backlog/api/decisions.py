"""Decisions: read, propose, word, decide, and the files they come from and go to."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from backlog.actions import decision_files, decisions
from backlog.api.items import read
from backlog.api.life_cycle import NeededReasonInput, ReasonInput
from backlog.api.lookups import product_of, read_product
from backlog.api.references import (
    Chosen,
    ComponentReference,
    DecisionReference,
    ItemReference,
    components,
    items_of_product,
    people,
)
from backlog.formats.markdown_files import LARGEST_ARCHIVE
from backlog.models import Decision, Item, Question
from backlog.queries.decision_files import archive, file_of, with_all
from core.permissions import require_route
from core.rest import KeysetPage, idempotent, require_version, with_version
from core.rest.errors import BadQuery
from core.rest.views import ApiViewSet

_TEXT = {"required": False, "allow_blank": True, "max_length": 100_000}


class OptionSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=300)
    text = serializers.CharField(**_TEXT)
    good = serializers.ListField(child=serializers.CharField(max_length=5000), required=False, max_length=100)
    neutral = serializers.ListField(child=serializers.CharField(max_length=5000), required=False, max_length=100)
    bad = serializers.ListField(child=serializers.CharField(max_length=5000), required=False, max_length=100)


class DecisionPersonSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="user_id", allow_null=True, help_text="Null: nobody of the organization.")
    name = serializers.CharField(source="__str__")


class DecisionSerializer(serializers.Serializer):
    """The fields of MADR 4, and what the decision is about as far as you may read it."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    key = serializers.CharField(help_text="ADR-0007; unique within the product.")
    title = serializers.CharField()
    status = serializers.ChoiceField(Decision.Status.choices)
    status_at = serializers.DateTimeField()
    status_reason = serializers.CharField()
    dated_on = serializers.DateField(help_text="When it was last worked on.")
    superseded_by = DecisionReference(allow_null=True)
    plain_summary = serializers.CharField(help_text="For non-technical readers.")
    context = serializers.CharField()
    drivers = serializers.CharField()
    options = OptionSerializer(many=True)
    chosen = serializers.CharField(help_text="The title of an option, or empty.")
    decision = serializers.CharField(help_text="Why this option.")
    consequences = serializers.CharField()
    confirmation = serializers.CharField()
    more_information = serializers.CharField()
    deciders = serializers.SerializerMethodField()
    consulted = serializers.SerializerMethodField()
    informed = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()
    components = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="What If-Match names.")
    created_at = serializers.DateTimeField()

    @extend_schema_field(DecisionPersonSerializer(many=True))
    def get_deciders(self, decision):
        return _people(decision, "decider")

    @extend_schema_field(DecisionPersonSerializer(many=True))
    def get_consulted(self, decision):
        return _people(decision, "consulted")

    @extend_schema_field(DecisionPersonSerializer(many=True))
    def get_informed(self, decision):
        return _people(decision, "informed")

    @extend_schema_field(ItemReference(many=True))
    def get_items(self, decision):
        return ItemReference([link.item for link in decision.item_links.all()], many=True).data

    @extend_schema_field(ComponentReference(many=True))
    def get_components(self, decision):
        return ComponentReference([link.component for link in decision.component_links.all()], many=True).data


class DecisionChanges(serializers.Serializer):
    """Only what is sent is changed; a list as a whole."""

    title = serializers.CharField(max_length=300, required=False)
    plain_summary = serializers.CharField(**_TEXT)
    context = serializers.CharField(**_TEXT)
    drivers = serializers.CharField(**_TEXT)
    options = OptionSerializer(many=True, required=False)
    chosen = serializers.CharField(required=False, allow_blank=True, max_length=300)
    decision = serializers.CharField(**_TEXT)
    consequences = serializers.CharField(**_TEXT)
    confirmation = serializers.CharField(**_TEXT)
    more_information = serializers.CharField(**_TEXT)
    deciders = serializers.ListField(child=Chosen(people), required=False, max_length=100, help_text="Ids of people.")
    consulted = serializers.ListField(child=Chosen(people), required=False, max_length=100)
    informed = serializers.ListField(child=Chosen(people), required=False, max_length=100)
    items = serializers.ListField(
        child=Chosen(items_of_product), required=False, max_length=200, help_text="Ids of items of the product."
    )
    components = serializers.ListField(child=Chosen(components), required=False, max_length=200)


def _questions(context):
    readable = Item.objects.readable_by(context["request"].user).filter(product=context["product"])
    return Question.objects.filter(item__in=readable.values("pk"))


def _decisions(context):
    return Decision.objects.readable_by(context["request"].user).filter(product=context["product"])


class DecisionInput(DecisionChanges):
    title = serializers.CharField(max_length=300)
    questions = serializers.ListField(
        child=Chosen(_questions), required=False, max_length=50, help_text="Ids of the questions that it answers."
    )


class SuccessorInput(ReasonInput):
    successor = Chosen(_decisions, help_text="The id of the decision that replaces it.")


class FileLeftOutSerializer(serializers.Serializer):
    name = serializers.CharField()
    why = serializers.CharField()


class TakenSerializer(serializers.Serializer):
    new = DecisionReference(many=True)
    unchanged = serializers.ListField(child=serializers.CharField(), help_text="Files that say what is here already.")
    left_out = FileLeftOutSerializer(many=True)


class DecisionFileInput(serializers.Serializer):
    file = serializers.FileField(help_text="A MADR markdown file, or a zip of them.")


class Decisions(ApiViewSet):
    tag = "decisions"
    pagination_class = KeysetPage
    page_order = ("-number",)
    query_parameters = ("status", "component")
    versioned_methods = ("PATCH",)

    @extend_schema(
        responses=DecisionSerializer(many=True),
        parameters=[
            OpenApiParameter("status", enum=Decision.Status.values),
            OpenApiParameter("component", int, description="The id of a component."),
        ],
    )
    def list(self, request, key):
        """List the decisions of a product, newest first."""
        product = product_of(request, key)
        rows = Decision.objects.readable_by(request.user).filter(product=product)
        if status := request.query_params.get("status"):
            if status not in Decision.Status.values:
                raise BadQuery("There is no such status.", allowed=Decision.Status.values)
            rows = rows.filter(status=status)
        if component := request.query_params.get("component"):
            if not (component.isascii() and component.isdigit() and len(component) < 19):
                raise BadQuery("component is the id of one.", allowed=["an id"])
            rows = rows.filter(component_links__component=int(component))
        page = self.paginate_queryset(with_all(rows, request.user))
        return self.get_paginated_response(DecisionSerializer(page, many=True).data)

    @extend_schema(request=DecisionInput, responses={201: DecisionSerializer})
    @idempotent
    def create(self, request, key):
        """Propose a decision; those who decide are asked."""
        product = product_of(request, key)
        decision = decisions.propose(product, by=request.user, **read(self, DecisionInput, product))
        return _answer(request, decision, status=201)

    @extend_schema(responses=DecisionSerializer)
    def retrieve(self, request, key, decision_id):
        """Read a decision."""
        return _answer(request, _decision(request, key, decision_id))

    @extend_schema(request=DecisionChanges, responses=DecisionSerializer)
    def update(self, request, key, decision_id):
        """Word a decision, and say who has a part in it and what it is about."""
        decision = _decision(request, key, decision_id)
        values = read(self, DecisionChanges, decision.product)
        version = require_version(request, decision)
        return _answer(request, decisions.edit(decision, by=request.user, version=version, **values))

    @extend_schema(request=ReasonInput, responses=DecisionSerializer)
    @idempotent
    def accept(self, request, key, decision_id):
        """Accept a proposed decision; those informed are told."""
        return self._decide(request, key, decision_id, decisions.accept, ReasonInput)

    @extend_schema(request=NeededReasonInput, responses=DecisionSerializer)
    @idempotent
    def reject(self, request, key, decision_id):
        """Reject a proposed decision."""
        return self._decide(request, key, decision_id, decisions.reject, NeededReasonInput)

    @extend_schema(request=NeededReasonInput, responses=DecisionSerializer)
    @idempotent
    def deprecate(self, request, key, decision_id):
        """Say that an accepted decision no longer holds."""
        return self._decide(request, key, decision_id, decisions.deprecate, NeededReasonInput)

    @extend_schema(request=SuccessorInput, responses=DecisionSerializer)
    @idempotent
    def supersede(self, request, key, decision_id):
        """Say which decision replaces an accepted one."""
        decision = _decision(request, key, decision_id)
        given = read(self, SuccessorInput, decision.product)
        return _answer(request, decisions.supersede(decision, by=request.user, **given))

    @extend_schema(request=ReasonInput, responses=DecisionSerializer)
    @idempotent
    def reopen(self, request, key, decision_id):
        """Put a decided one before people again."""
        return self._decide(request, key, decision_id, decisions.reopen, ReasonInput)

    def _decide(self, request, key, decision_id, action, body):
        decision = _decision(request, key, decision_id)
        return _answer(request, action(decision, by=request.user, **read(self, body, decision.product)))


class DecisionFiles(ApiViewSet):
    tag = "decisions"

    @extend_schema(
        operation_id="decisions_file",
        responses={(200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR, "A MADR markdown file.")},
    )
    def retrieve(self, request, key, decision_id):
        """Read a decision as the markdown file it came from, or as MADR writes it."""
        name, text = file_of(_decision(request, key, decision_id))
        return HttpResponse(
            text.encode(),
            content_type="text/markdown; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @extend_schema(
        operation_id="decisions_export",
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "A zip of markdown files.")},
    )
    def list(self, request, key):
        """Read all decisions of a product as a zip of markdown files."""
        product = product_of(request, key)
        return HttpResponse(
            archive(product, request.user),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{product.key}-decisions.zip"'},
        )


class DecisionUploads(ApiViewSet):
    tag = "decisions"
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="decisions_import",
        request={"multipart/form-data": DecisionFileInput},
        responses={201: TakenSerializer},
    )
    @idempotent
    def create(self, request, key):
        """Take decisions over from a MADR markdown file or a zip of them; says what was left out, and why."""
        product = product_of(request, key)
        file = read(self, DecisionFileInput, product)["file"]
        # One byte more than is allowed says that it is too large.
        content = file.read(LARGEST_ARCHIVE + 1)
        taken = decision_files.take_over(product, file.name, content, by=request.user)
        return Response(TakenSerializer(taken).data, status=201)


def _decision(request, key, decision_id):
    product = read_product(request, key)
    decision = get_object_or_404(with_all(product.decisions.all(), request.user), pk=decision_id)
    require_route(request, decision)
    return decision


def _answer(request, decision, status=200):
    shown = with_all(Decision.objects.filter(pk=decision.pk), request.user).get()
    return with_version(Response(DecisionSerializer(shown).data, status=status), shown)


def _people(decision, part):
    rows = [person for person in decision.people.all() if person.part == part]
    return DecisionPersonSerializer(rows, many=True).data
