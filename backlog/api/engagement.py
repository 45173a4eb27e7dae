"""The technical owners' word on architectural and large-scale work."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import engagement
from backlog.api.items import read
from backlog.api.lookups import item_of
from backlog.api.references import PersonReference
from backlog.models import EngagementWord, Item
from backlog.queries.engagement import engagements
from core.rest.views import ApiViewSet


class WordSerializer(serializers.Serializer):
    text = serializers.CharField(help_text="What was said with it.")
    by = PersonReference()
    at = serializers.DateTimeField()


class StageSerializer(serializers.Serializer):
    stage = serializers.ChoiceField(EngagementWord.Stage.choices)
    is_due = serializers.BooleanField(help_text="The word can be given now, or taken back.")
    word = WordSerializer(allow_null=True, help_text="null while nobody has given it.")


class EngagementSerializer(serializers.Serializer):
    level = serializers.CharField(source="item.engagement_level", help_text="architectural, large_scale, or empty.")
    source = serializers.CharField(help_text="Where it is marked: the item itself, its component or its goal.")
    asked = PersonReference(many=True, help_text="Whose word it is: each of them may give it.")
    stages = StageSerializer(many=True, help_text="Empty where no word is needed.")


class WordInput(serializers.Serializer):
    text = serializers.CharField(max_length=500, allow_blank=True, default="")


class EngagementOfItem(ApiViewSet):
    tag = "life cycle"

    @extend_schema(operation_id="items_engagement", responses=EngagementSerializer)
    def retrieve(self, request, key, number):
        """Tell whether an item needs a technical owner's word, whose, and at which stages it has it."""
        return self._answer(request, key, number)

    @extend_schema(operation_id="items_give_word", request=WordInput, responses=EngagementSerializer)
    def give(self, request, key, number, stage):
        """Give your word for an item at planning, review or acceptance."""
        item = item_of(request, key, number)
        engagement.give(item, stage, by=request.user, **read(self, WordInput, item.product))
        return self._answer(request, key, number)

    @extend_schema(operation_id="items_take_word_back", responses={200: EngagementSerializer})
    def take_back(self, request, key, number, stage):
        """Take the word for a stage back."""
        engagement.take_back(item_of(request, key, number), stage, by=request.user)
        return self._answer(request, key, number)

    def _answer(self, request, key, number):
        item = item_of(request, key, number, rows=_WITH_LEVEL)
        found = engagements([item]).get(item.pk)
        shown = {
            "item": item,
            "source": found.source if found else "",
            "asked": found.asked if found else (),
            "stages": found.stages if found else (),
        }
        return Response(EngagementSerializer(shown).data)


_WITH_LEVEL = Item.objects.select_related("component", "goal")
