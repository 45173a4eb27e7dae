"""The debt register: figures of items, and what is said of them."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import debt
from backlog.api.items import read
from backlog.api.lookups import item_of, product_of
from backlog.api.references import ComponentReference
from backlog.models import DebtEntry, Item
from backlog.queries.debt_register import debt_register, pay_now_or_later
from core.permissions import require_route
from core.rest import KeysetPage, require_version, with_version
from core.rest.errors import BadQuery
from core.rest.views import ApiViewSet


class DebtEntrySerializer(serializers.Serializer):
    payer = serializers.CharField(help_text="Who pays the interest.")
    trigger = serializers.CharField()
    risk = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    incidents = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(help_text="What If-Match names; 0 while nothing is said.")


class DebtSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="Of the item.")
    number = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Item.Status.choices)
    component = ComponentReference(allow_null=True)
    principal = serializers.DecimalField(
        8, 2, source="debt_principal", allow_null=True, coerce_to_string=False, help_text="Points."
    )
    interest = serializers.DecimalField(8, 2, source="debt_interest", allow_null=True, coerce_to_string=False)
    interest_unit = serializers.CharField(source="debt_interest_unit", help_text="points or hours, a week.")
    entry = DebtEntrySerializer(source="debt_entry_or_none", allow_null=True)
    advice = serializers.CharField(help_text="Pay now or later, from the numbers.")


class DebtEntryChanges(serializers.Serializer):
    """Only what is sent is changed."""

    payer = serializers.CharField(required=False, allow_blank=True, max_length=200)
    trigger = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    risk = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    since = serializers.DateField(required=False, allow_null=True)
    incidents = serializers.ListField(child=serializers.CharField(max_length=500), required=False, max_length=50)


class DebtVerdictSerializer(serializers.Serializer):
    agreed = serializers.IntegerField(allow_null=True, help_text="Percent of points for debt; null: nothing is agreed.")
    measured = serializers.IntegerField(allow_null=True, help_text="Null where nothing has points.")
    verdict = serializers.CharField(
        source="word", help_text="under, over, or kept within five points; empty unless there are both."
    )
    sentence = serializers.CharField()


class ShareSerializer(serializers.Serializer):
    """Percent of points; null where nothing has points."""

    debt = serializers.IntegerField(allow_null=True)
    technical = serializers.IntegerField(allow_null=True)


class RepaidSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    principal = serializers.FloatField(allow_null=True)
    on = serializers.DateTimeField()


class TrendPointSerializer(serializers.Serializer):
    on = serializers.DateField()
    interest = serializers.FloatField(help_text="Points a sprint that were carried on that day, as recorded then.")
    repaid = serializers.FloatField(help_text="Points since the day before in the list; 0 in the first.")
    assumed_count = serializers.SerializerMethodField(
        help_text="Debts that had no interest on that day yet and count with their first one."
    )

    def get_assumed_count(self, point) -> int:
        return len(point.assumed)


class DebtRegisterSerializer(serializers.Serializer):
    """The totals of the register; its entries are listed by themselves."""

    count = serializers.IntegerField(source="row_count", help_text="Open entries.")
    principal = serializers.FloatField(help_text="Points, of all open entries.")
    interest = serializers.FloatField(help_text="Points a sprint, of all open entries.")
    without_worth_count = serializers.IntegerField(
        source="without_worth", help_text="Entries in hours while nobody has said how many hours a point is."
    )
    ahead = ShareSerializer(help_text="Of the next 50 items in the order.")
    done = ShareSerializer(help_text="Of what was done in twelve weeks.")
    debt_share = DebtVerdictSerializer(source="debt_ahead", help_text="What is agreed, beside the order ahead.")
    repaid_points = serializers.FloatField(help_text="Principal of all that was repaid.")
    repaid = RepaidSerializer(many=True, help_text="The last ten.")
    trend = TrendPointSerializer(many=True, help_text="A day a month, oldest first.")
    sentence = serializers.CharField(help_text="About the dearest entry; empty where none has interest.")


class Debts(ApiViewSet):
    tag = "debt"
    pagination_class = KeysetPage
    versioned_methods = ("PATCH",)

    @extend_schema(responses=DebtSerializer(many=True))
    def list(self, request, key):
        """List the debt of a product that is not repaid."""
        product = product_of(request, key)
        rows = Item.objects.readable_by(request.user).filter(product=product, type=Item.Type.DEBT)
        rows = rows.filter(status__in=(Item.Status.PROPOSED, *Item.UNFINISHED))
        page = self.paginate_queryset(rows.select_related("product", "component", "debt_entry"))
        for item in page:
            item.debt_entry_or_none = getattr(item, "debt_entry", None)
            item.advice = pay_now_or_later(product, item.debt_principal, item.debt_interest, item.debt_interest_unit)
        return self.get_paginated_response(DebtSerializer(page, many=True).data)

    @extend_schema(responses=DebtEntrySerializer)
    def retrieve(self, request, key, number):
        """Read what the register says of a debt."""
        item = item_of(request, key, number)
        require_route(request, item)
        return _answer(_entry(item))

    @extend_schema(request=DebtEntryChanges, responses=DebtEntrySerializer)
    def update(self, request, key, number):
        """Say of a debt who pays for it, what triggers repaying, and what it risks."""
        item = item_of(request, key, number)
        require_route(request, item)
        values = read(self, DebtEntryChanges, item.product)
        version = require_version(request, _entry(item))
        return _answer(debt.describe(item, by=request.user, version=version, **values))


class DebtRegister(ApiViewSet):
    tag = "debt"
    query_parameters = ("component",)

    @extend_schema(
        operation_id="debt_register",
        responses=DebtRegisterSerializer,
        parameters=[OpenApiParameter("component", int, description="The id of a component.")],
    )
    def retrieve(self, request, key):
        """Sum up the debt of a product: what it costs, what was repaid, and its share of the work."""
        product = product_of(request, key)
        found = debt_register(product, request.user, component=_component(request))
        return Response(DebtRegisterSerializer(found).data)


def _component(request):
    sent = request.query_params.get("component")
    if sent and not (sent.isascii() and sent.isdigit() and len(sent) < 19):
        raise BadQuery("component is the id of one.", allowed=["an id"])
    return int(sent) if sent else None


def _entry(item):
    return DebtEntry.objects.filter(item=item).first() or DebtEntry(item=item, version=0)


def _answer(entry):
    return with_version(Response(DebtEntrySerializer(entry).data), entry)
