"""The debt register: figures of items, and what is said of them."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import debt
from backlog.api.items import read
from backlog.api.lookups import item_of, product_of
from backlog.api.references import ComponentReference
from backlog.models import DebtEntry, Item
from backlog.queries.debt_register import pay_now_or_later
from core.permissions import require_route
from core.rest import KeysetPage, require_version, with_version
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


def _entry(item):
    return DebtEntry.objects.filter(item=item).first() or DebtEntry(item=item, version=0)


def _answer(entry):
    return with_version(Response(DebtEntrySerializer(entry).data), entry)
