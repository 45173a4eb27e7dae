"""The case for a proposed item, as it comes in and goes out."""

from rest_framework import serializers

from backlog.api.references import Chosen, items_of_product
from backlog.models import Proposal


def _number(**options):
    return serializers.DecimalField(
        max_digits=6, decimal_places=2, min_value=0, coerce_to_string=False, required=False, allow_null=True, **options
    )


def _text(length, **options):
    return serializers.CharField(max_length=length, allow_blank=True, required=False, **options)


class CaseInput(serializers.Serializer):
    """What is said for an item. A spike needs its question and time box, security its stimulus, response, measure."""

    why_now = _text(5000)
    delay_per_week = serializers.IntegerField(
        min_value=0, max_value=1000, required=False, allow_null=True, help_text="Value points a week of waiting costs."
    )
    points_low = _number(help_text="At least.")
    points_high = _number(help_text="At most.")
    risk_if_not = _text(5000)
    options_considered = _text(10_000)
    question = _text(2000, help_text="What a spike is to answer.")
    time_box_days = serializers.IntegerField(min_value=1, max_value=60, required=False, allow_null=True)
    source = _text(300, help_text="Of a quality scenario: who or what acts.")
    stimulus = _text(300, help_text="What happens.")
    environment = _text(300, help_text="Under which conditions.")
    response = _text(300, help_text="What the product does.")
    measure = _text(300, help_text="How much, so that it can be tested.")
    place = serializers.ChoiceField(Proposal.Place.choices, default=Proposal.Place.BOTTOM)
    before = Chosen(items_of_product, required=False, allow_null=True, help_text="The id of an item, for that place.")


class CaseSerializer(serializers.Serializer):
    why_now = serializers.CharField()
    delay_per_week = serializers.IntegerField(allow_null=True)
    points_low = serializers.FloatField(allow_null=True)
    points_high = serializers.FloatField(allow_null=True)
    risk_if_not = serializers.CharField()
    options_considered = serializers.CharField()
    question = serializers.CharField()
    time_box_days = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()
    stimulus = serializers.CharField()
    environment = serializers.CharField()
    response = serializers.CharField()
    measure = serializers.CharField()
    place = serializers.ChoiceField(Proposal.Place.choices)
    before = serializers.IntegerField(source="before_id", allow_null=True)
    what_changed = serializers.CharField(help_text="Said when it came back after a no.")
