"""Questions about an item, and their answers."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import questions
from backlog.api.items import read
from backlog.api.lookups import item_of, readable_items
from backlog.api.references import Chosen, DecisionReference, ItemReference, PersonReference, people
from backlog.queries.questions import questions_for
from core.permissions import require_route
from core.rest import KeysetPage, idempotent
from core.rest.views import ApiViewSet


class QuestionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.CharField()
    asked_by = PersonReference()
    asked_at = serializers.DateTimeField()
    addressee = PersonReference(allow_null=True, help_text="Null: anybody.")
    is_blocking = serializers.BooleanField(help_text="The item is not ready while it is open.")
    answer = serializers.CharField()
    answered_by = PersonReference(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    decisions = DecisionReference(many=True, help_text="Those that answer it, or came from it.")


class QueuedQuestionSerializer(QuestionSerializer):
    item = ItemReference()


class QuestionInput(serializers.Serializer):
    text = serializers.CharField(max_length=5000)
    addressee = Chosen(people, required=False, allow_null=True, help_text="A person's id; absent: anybody.")
    is_blocking = serializers.BooleanField(default=True)


class AnswerInput(serializers.Serializer):
    answer = serializers.CharField(max_length=10_000)


class DecisionAnswerInput(AnswerInput):
    title = serializers.CharField(max_length=300, help_text="Of the decision, in one line.")


class Questions(ApiViewSet):
    tag = "questions"
    pagination_class = KeysetPage

    @extend_schema(responses=QueuedQuestionSerializer(many=True))
    def list_own(self, request):
        """List the open questions that wait for you, oldest first.

        Those asked of you, and those to anybody about your components; where a component has no technical owner,
        of your product.
        """
        require_route(request, request.user)
        rows = questions_for(request.user).filter(item__in=readable_items(request).values("pk"))
        page = self.paginate_queryset(
            rows.select_related("asked_by", "addressee", "answered_by", "item__product").prefetch_related("decisions")
        )
        return self.get_paginated_response(QueuedQuestionSerializer(page, many=True).data)

    @extend_schema(responses=QuestionSerializer(many=True))
    def list(self, request, key, number):
        """List the questions about an item, oldest first."""
        page = self.paginate_queryset(_questions(item_of(request, key, number)))
        return self.get_paginated_response(QuestionSerializer(page, many=True).data)

    @extend_schema(request=QuestionInput, responses={201: QuestionSerializer})
    @idempotent
    def create(self, request, key, number):
        """Ask a question about an item."""
        item = item_of(request, key, number)
        question = questions.ask(item, by=request.user, **read(self, QuestionInput, item.product))
        return Response(QuestionSerializer(question).data, status=201)

    @extend_schema(request=AnswerInput, responses=QuestionSerializer)
    @idempotent
    def answer(self, request, key, number, question_id):
        """Answer a question."""
        item, question = self._question(request, key, number, question_id)
        question = questions.answer(question, read(self, AnswerInput, item.product)["answer"], by=request.user)
        return Response(QuestionSerializer(question).data)

    @extend_schema(request=DecisionAnswerInput, responses=QuestionSerializer)
    @idempotent
    def decide(self, request, key, number, question_id):
        """Answer a question with a decision that stands in the product's log.

        The decision is accepted at once where you may decide, else proposed.
        """
        item, question = self._question(request, key, number, question_id)
        given = read(self, DecisionAnswerInput, item.product)
        question = questions.answer_as_decision(question, given["answer"], title=given["title"], by=request.user)
        return Response(QuestionSerializer(question).data)

    @extend_schema(request=None, responses=QuestionSerializer)
    @idempotent
    def reopen(self, request, key, number, question_id):
        """Open an answered question again."""
        _, question = self._question(request, key, number, question_id)
        return Response(QuestionSerializer(questions.reopen(question, by=request.user)).data)

    def _question(self, request, key, number, question_id):
        item = item_of(request, key, number)
        return item, get_object_or_404(_questions(item), pk=question_id)


def _questions(item):
    return item.questions.select_related("asked_by", "addressee", "answered_by").prefetch_related("decisions")
