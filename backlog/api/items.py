"""Items of a product: list, create, propose, read, change."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import User
from backlog.actions import items, proposals
from backlog.actions.ordering import Place
from backlog.api.cases import CaseInput
from backlog.api.lists import FILTER, Backlog, filter_of
from backlog.api.lookups import item_of, product_of, read_product
from backlog.api.references import (
    LARGEST_NUMBER,
    Chosen,
    ComponentReference,
    GoalReference,
    IdField,
    PersonReference,
    TeamReference,
    components,
    goals,
    items_of_organization,
    items_of_product,
    people,
    teams,
)
from backlog.models import Engagement, Item, ItemComponent, ItemTag, SourceKey
from core.rest import KeysetPage, SparseFields, idempotent, require_scope, require_version, with_version
from core.rest.views import ApiViewSet

# All that ItemSerializer shows but the people and the product; `with_people` adds those. Few joins, and arrays: with
# ten tables joined, planning alone took 2 ms. Made once, since Django takes as long to make it.
WHOLE = Item.objects.select_related("component", "team", "goal", "parent", "order_entry").annotate(
    tag_names=ArraySubquery(ItemTag.objects.filter(item=OuterRef("pk")).values("tag__name")),
    keys_in_source=ArraySubquery(SourceKey.objects.filter(item=OuterRef("pk")).order_by("pk").values("key")),
    touched=ArraySubquery(
        ItemComponent.objects.filter(item=OuterRef("pk"))
        .order_by("pk")
        .values(component_and_name=JSONObject(id="component_id", name="component__name"))
    ),
)
_PEOPLE = ("assignee", "status_by", "created_by")


class ReadinessSerializer(serializers.Serializer):
    met = serializers.IntegerField(source="checks_met")
    total = serializers.IntegerField(source="checks_total")


class ItemSerializer(SparseFields, serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(Item.Kind.choices)
    type = serializers.ChoiceField(Item.Type.choices)
    discipline = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(help_text="Markdown.")
    plain_title = serializers.CharField(help_text="For non-technical readers.")
    plain_lead = serializers.CharField(help_text="For non-technical readers.")
    points = serializers.FloatField(allow_null=True)
    business_value = serializers.IntegerField(allow_null=True, help_text="Value points a week.")
    time_criticality = serializers.IntegerField(allow_null=True, help_text="1 to 20, for WSJF only.")
    risk_reduction = serializers.IntegerField(allow_null=True, help_text="Value points a week.")
    due_on = serializers.DateField(allow_null=True)
    penalty_per_week = serializers.FloatField(allow_null=True)
    debt_principal = serializers.FloatField(allow_null=True, help_text="Points.")
    debt_interest = serializers.FloatField(allow_null=True)
    debt_interest_unit = serializers.CharField(help_text="points or hours, a week; empty without interest.")
    component = ComponentReference(allow_null=True)
    further_components = serializers.SerializerMethodField()
    team = TeamReference(allow_null=True)
    assignee = PersonReference(allow_null=True)
    goal = GoalReference(allow_null=True)
    parent = serializers.SerializerMethodField(help_text="The key of the item it belongs to.")
    tags = serializers.SerializerMethodField()
    is_restricted = serializers.BooleanField()
    engagement = serializers.CharField(help_text="architectural or large_scale, where it is marked itself.")
    engagement_level = serializers.CharField(
        help_text="Its own, else its component's, else its goal's: then a technical owner's word is needed."
    )
    status = serializers.ChoiceField(Item.Status.choices)
    status_at = serializers.DateTimeField()
    status_by = PersonReference()
    status_reason = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    readiness = ReadinessSerializer(source="*")
    open_question_count = serializers.IntegerField()
    is_listed = serializers.SerializerMethodField(help_text="It stands in the order.")
    is_pinned = serializers.SerializerMethodField()
    source_keys = serializers.SerializerMethodField(help_text="Its keys where it was imported from.")
    version = serializers.IntegerField(help_text="What If-Match names.")
    created_at = serializers.DateTimeField()
    created_by = PersonReference()
    updated_at = serializers.DateTimeField()

    def get_is_listed(self, item) -> bool:
        # A proposal has never had a place.
        return hasattr(item, "order_entry") and item.order_entry.is_listed

    def get_is_pinned(self, item) -> bool:
        return hasattr(item, "order_entry") and item.order_entry.is_pinned

    @extend_schema_field(ComponentReference(many=True))
    def get_further_components(self, item):
        return item.touched

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_parent(self, item):
        # The key alone: the parent may be restricted.
        return f"{item.product.key}-{item.parent.number}" if item.parent_id else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_tags(self, item):
        return sorted(item.tag_names)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_source_keys(self, item):
        return item.keys_in_source


def with_people(items, product):
    """The items with their product and the people they name, whom one statement finds."""
    named = {getattr(item, f"{role}_id") for item in items for role in _PEOPLE}
    people = User.objects.only("name").in_bulk(named)
    for item in items:
        item.product = product
        for role in _PEOPLE:
            setattr(item, role, people.get(getattr(item, f"{role}_id")))
    return items


def number(largest, places=2, **options):
    digits = len(str(largest)) + places
    return serializers.DecimalField(
        max_digits=digits,
        decimal_places=places,
        min_value=0,
        coerce_to_string=False,
        required=False,
        allow_null=True,
        **options,
    )


class ItemChanges(serializers.Serializer):
    """Only what is sent is changed."""

    title = serializers.CharField(max_length=300, required=False)
    description = serializers.CharField(max_length=100_000, allow_blank=True, required=False, help_text="Markdown.")
    plain_title = serializers.CharField(max_length=300, allow_blank=True, required=False)
    plain_lead = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    kind = serializers.ChoiceField(Item.Kind.choices, required=False)
    type = serializers.ChoiceField(Item.Type.choices, required=False)
    discipline = serializers.ChoiceField(Item.Discipline.choices, allow_blank=True, required=False)
    component = Chosen(components, required=False, allow_null=True)
    further_components = serializers.ListField(child=Chosen(components), max_length=50, required=False)
    team = Chosen(teams, required=False, allow_null=True)
    assignee = Chosen(people, required=False, allow_null=True)
    goal = Chosen(goals, required=False, allow_null=True)
    parent = Chosen(items_of_product, required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=60), max_length=50, required=False)
    points = number(9_999)
    business_value = serializers.IntegerField(min_value=0, max_value=1000, required=False, allow_null=True)
    time_criticality = serializers.IntegerField(min_value=1, max_value=20, required=False, allow_null=True)
    risk_reduction = serializers.IntegerField(min_value=0, max_value=1000, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    penalty_per_week = number(99_999_999)
    debt_principal = number(999_999)
    debt_interest = number(999_999)
    debt_interest_unit = serializers.ChoiceField(Item.InterestUnit.choices, allow_blank=True, required=False)
    is_restricted = serializers.BooleanField(required=False)
    engagement = serializers.ChoiceField(
        Engagement.choices, allow_blank=True, required=False, help_text="Empty: as its component or its goal says."
    )


class PlaceInput(serializers.Serializer):
    """Exactly one of them."""

    before = IdField(required=False, help_text="The id of the item to stand before.")
    after = IdField(required=False, help_text="The id of the item to stand behind.")
    top = serializers.BooleanField(required=False)
    bottom = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, required=False)


class ProposalInput(ItemChanges):
    title = serializers.CharField(max_length=300)
    kind = serializers.ChoiceField(Item.Kind.choices)
    type = serializers.ChoiceField(Item.Type.choices)
    criteria = serializers.ListField(child=serializers.CharField(max_length=2000), max_length=100, required=False)


class CasedProposalInput(ProposalInput):
    case = CaseInput(required=False)
    enables = serializers.ListField(
        child=Chosen(items_of_organization), max_length=50, required=False, help_text="Ids of what needs it."
    )


class ItemInput(ProposalInput):
    place = PlaceInput(required=False)


class Items(Backlog):
    tag = "items"
    versioned_methods = ("PATCH",)

    @extend_schema(responses=ItemSerializer)
    def retrieve(self, request, key, number):
        """Show an item."""
        return _shown(self, item_of(request, key, number, rows=WHOLE))

    @extend_schema(request=ItemInput, responses={201: ItemSerializer})
    @idempotent
    def create(self, request, key):
        """Create an item at a place in the order, by default at its end."""
        product = read_product(request, key)
        values = read(self, ItemInput, product)
        place = place_of(values.pop("place", None))
        item = items.create(product, by=request.user, place=place, **values)
        return answer(self, item, status=201)

    @extend_schema(request=CasedProposalInput, responses={201: ItemSerializer})
    @idempotent
    def propose(self, request, key):
        """Propose an item to the product owner, outside the order; with a case for it, if you like."""
        product = read_product(request, key)
        values = read(self, CasedProposalInput, product)
        act = proposals.propose if values.keys() & {"case", "enables"} else items.propose
        if act is proposals.propose:
            values.setdefault("case", {"place": "bottom"})
        item = act(product, by=request.user, **values)
        return answer(self, item, status=201)

    @extend_schema(request=ItemChanges, responses=ItemSerializer)
    def update(self, request, key, number):
        """Change fields of an item; each group of fields needs its own right and scope."""
        item = item_of(request, key, number)
        values = read(self, ItemChanges, item.product)
        for verb in (verb for verb, names in items.VERBS.items() if values.keys() & set(names)):
            require_scope(request, verb)
        version = require_version(request, item)
        items.edit(item, by=request.user, version=version, **values)
        return answer(self, item)


class AllItems(ApiViewSet):
    tag = "items"
    pagination_class = KeysetPage
    page_order = ("-number",)
    query_parameters = ("status", "filter")

    @extend_schema(
        operation_id="items_list_all",
        parameters=[OpenApiParameter("status", str, enum=Item.Status.values), FILTER],
        responses=ItemSerializer(many=True),
    )
    def list(self, request, key):
        """List all items of a product whatever their status, newest first."""
        product = product_of(request, key)
        items = WHOLE.visible_to(request.user).filter(product=product)
        if status := request.query_params.get("status"):
            items = items.filter(status=status)
        if understood := filter_of(request, product):
            items = items.filter(understood.on_items().condition)
        page = with_people(self.paginate_queryset(items), product)
        return self.get_paginated_response(ItemSerializer(page, many=True, context={"request": request}).data)


def read(view, serializer_class, product) -> dict:
    """The request's body, checked; ids have become rows that belong to the product."""
    serializer = serializer_class(data=view.request.data, context={"request": view.request, "product": product})
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def place_of(values: dict | None) -> Place | None:
    """The place that a body names. Raises ValidationError unless it names exactly one."""
    named = {word: value for word, value in (values or {}).items() if value is not False}
    if values is None:
        return None
    if len(named) != 1:
        raise serializers.ValidationError({"place": ["Name exactly one of before, after, top, bottom and position."]})
    ((word, value),) = named.items()
    return getattr(Place, word)() if value is True else getattr(Place, word)(value)


def answer(view, item, *, status: int = 200) -> Response:
    """The item as it is now, with its ETag."""
    fresh = WHOLE.get(pk=item.pk)
    fresh.product = item.product
    return _shown(view, fresh, status=status)


def _shown(view, item, *, status=200):
    with_people([item], item.product)
    context = {"request": view.request}
    return with_version(Response(ItemSerializer(item, context=context).data, status=status), item)
