"""Questions about an item, and their answers."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import questions
from backlog.api.items import read
from backlog.api.lookups import item_of
from backlog.api.references import Chosen, PersonReference, people
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


class QuestionInput(serializers.Serializer):
    text = serializers.CharField(max_length=5000)
    addressee = Chosen(people, required=False, allow_null=True, help_text="A person's id; absent: anybody.")
    is_blocking = serializers.BooleanField(default=True)


class AnswerInput(serializers.Serializer):
    answer = serializers.CharField(max_length=10_000)


class Questions(ApiViewSet):
    tag = "questions"
    pagination_class = KeysetPage

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
    return item.questions.select_related("asked_by", "addressee", "answered_by")
