"""Windows on a product's order: pages of the backlog, a search, the compact feed."""

from dataclasses import asdict

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.lookups import product_of, readable_items
from backlog.api.references import ComponentReference, PersonReference, TeamReference
from backlog.models import Item
from backlog.queries import feed, filters, lists, readers, search
from backlog.queries.filter_language import MOST_CHARACTERS, FilterUnreadable
from backlog.queries.filters import Filter
from core.rest import whole_number
from core.rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from core.rest.serializers import only_wanted
from core.rest.views import ApiViewSet


class RowSerializer(serializers.Serializer):
    """An item as a row of the backlog."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(Item.Kind.choices)
    type = serializers.ChoiceField(Item.Type.choices)
    title = serializers.CharField()
    points = serializers.FloatField(allow_null=True)
    status = serializers.ChoiceField(Item.Status.choices)
    component = ComponentReference(allow_null=True)
    team = TeamReference(allow_null=True)
    assignee = PersonReference(allow_null=True)
    checks_met = serializers.IntegerField()
    checks_total = serializers.IntegerField()
    is_ready = serializers.BooleanField()
    open_question_count = serializers.IntegerField()
    due_on = serializers.DateField(allow_null=True)
    is_restricted = serializers.BooleanField()
    engagement_level = serializers.CharField(help_text="architectural, large_scale, or empty.")
    is_pinned = serializers.BooleanField()
    position = serializers.IntegerField(allow_null=True, help_text="From 1; null where a filter leaves some out.")
    tags = serializers.ListField(child=serializers.CharField())


class PageSerializer(serializers.Serializer):
    results = RowSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last one.")


class HitSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(Item.Kind.choices)
    type = serializers.ChoiceField(Item.Type.choices)
    status = serializers.ChoiceField(Item.Status.choices)
    is_listed = serializers.BooleanField()


class SearchSerializer(serializers.Serializer):
    hits = HitSerializer(many=True)
    is_capped = serializers.BooleanField(help_text="There were more than 1,000 to order.")


_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
_FILTERS = {
    "kind": Item.Kind.values,
    "type": Item.Type.values,
    "status": Item.Status.values,
    "component": "An id, or none.",
    "tag": "An id.",
    "team": "An id, or none.",
    "assignee": "An id, or none.",
    "ready": ["yes", "no"],
}


def _filter(name, values):
    if isinstance(values, str):
        return OpenApiParameter(name, {"type": "string", "pattern": "^([0-9]{1,18}|none)$"}, description=values)
    return OpenApiParameter(name, str, enum=values)


FILTER = OpenApiParameter(
    "filter",
    {"type": "string", "maxLength": MOST_CHARACTERS},
    description="Such as `kind:technical (tag:payday OR needs:PAY-131) refund`; docs/using.md tells the language.",
)


def filter_of(request, product, name="filter") -> Filter | None:
    """The filter that the address holds; None if it holds none. Raises FilterUnreadable."""
    text = request.query_params.get(name, "")
    if not text.strip():
        return None
    who = readers.reader(product, request.user)
    try:
        return filters.understand(product, who, text, named=readable_items(request))
    except FilterUnreadable as refusal:
        refusal.field = name
        raise


class Backlog(ApiViewSet):
    tag = "items"
    query_parameters = ("limit", "cursor", "filter", *_FILTERS)

    @extend_schema(
        operation_id="items_list",
        parameters=[
            OpenApiParameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
            ),
            OpenApiParameter("cursor", str, description="`next` of the page before."),
            OpenApiParameter("fields", str, description="Only these fields of each row, separated by commas."),
            FILTER,
            *(_filter(name, values) for name, values in _FILTERS.items()),
        ],
        responses=PageSerializer,
    )
    def backlog(self, request, key):
        """List the backlog in its order."""
        product = product_of(request, key)
        size = whole_number(request, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT)
        filters = {name: request.query_params[name] for name in _FILTERS if name in request.query_params}
        cursor = request.query_params.get("cursor", "")
        understood = filter_of(request, product)
        page = lists.backlog_page(product, request.user, cursor=cursor, filters=filters, filter=understood, size=size)
        rows = only_wanted(request, [_row(row) for row in page.rows], RowSerializer)
        return Response({"results": rows, "next": page.next or None})


class Search(ApiViewSet):
    tag = "items"
    query_parameters = ("q",)

    @extend_schema(
        operation_id="items_search",
        parameters=[OpenApiParameter("q", str, required=True, description="Words, or a key.")],
        responses=SearchSerializer,
    )
    def find(self, request, key):
        """Find the first 50 items with all the words in title or description, those in the backlog first."""
        product = product_of(request, key)
        return Response(asdict(search.search(product, request.user, request.query_params.get("q", "")[:300])))


class Feed(ApiViewSet):
    tag = "order"
    query_parameters = ("since",)

    @extend_schema(
        operation_id="order_feed",
        parameters=[
            OpenApiParameter("since", str, description="`version` of an earlier answer: only what changed since."),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that you have."),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200]),
        ],
        responses={200: OpenApiTypes.OBJECT, 304: OpenApiResponse(description="Nothing changed.")},
    )
    def retrieve(self, request, key):
        """Give the whole order, compact: one array a column; or what changed since.

        docs/api.md tells the format.
        """
        product = product_of(request, key)
        who = readers.reader(product, request.user)
        etag = f'"{feed.etag(who)}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        known = request.headers.get("If-None-Match", "")
        if etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return HttpResponse(status=304, headers=headers)
        body = feed.order_feed(product, who, since=request.query_params.get("since", ""))
        return HttpResponse(body, content_type="application/json", headers=headers)


def _row(row):
    # By hand: serializers take longer for a page than PostgreSQL does.
    return {
        "id": row.id,
        "key": row.key,
        "number": row.number,
        "kind": row.kind,
        "type": row.type,
        "title": row.title,
        "points": None if row.points is None else float(row.points),
        "status": row.status,
        "component": row.component_id and {"id": row.component_id, "name": row.component},
        "team": row.team_id and {"id": row.team_id, "name": row.team},
        "assignee": row.assignee_id and {"id": row.assignee_id, "name": row.assignee},
        "checks_met": row.checks_met,
        "checks_total": row.checks_total,
        "is_ready": row.is_ready,
        "open_question_count": row.open_question_count,
        "due_on": row.due_on,
        "is_restricted": row.is_restricted,
        "engagement_level": row.level,
        "is_pinned": row.is_pinned,
        "position": row.position,
        "tags": row.tags,
    }
