"""Pages by key: the next page begins behind the last row, however many rows come or go meanwhile."""

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from core.rest.errors import BadQuery

PARAMETERS = ("limit", "cursor")
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_SALT = "core.cursor"


class _Serializer(signing.JSONSerializer):
    def dumps(self, data):
        return DjangoJSONEncoder(separators=(",", ":")).encode(data).encode()


class KeysetPage(BasePagination):
    """{results, next}; the order is `view.page_order`, field names that end in a unique one ("-" for descending)."""

    page_query_param = "cursor"

    def paginate_queryset(self, queryset, request, view=None):
        order = tuple(getattr(view, "page_order", ("id",)))
        limit = whole_number(request, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT)
        if cursor := request.query_params.get("cursor"):
            queryset = queryset.filter(_behind(order, _opened(cursor, order, view)))
        rows = list(queryset.order_by(*order)[: limit + 1])
        self.next = _sealed(rows[limit - 1], order, view) if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data):
        return Response({"results": data, "next": self.next})

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "description": "The cursor of the next page; null on the last one.",
                },
            },
        }

    def get_schema_operation_parameters(self, view):
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            },
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "`next` of the page before.",
                "schema": {"type": "string"},
            },
        ]


def whole_number(request, name: str, smallest: int, largest: int, default: int) -> int:
    """The number that a query parameter gives. Raises BadQuery."""
    text = request.query_params.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(largest)) else smallest - 1
    if not smallest <= number <= largest:
        raise BadQuery(f"{name} is a number from {smallest} to {largest}.", allowed=[smallest, largest])
    return number


def _sealed(row, order, view) -> str:
    values = [_value(row, name.lstrip("-")) for name in order]
    return signing.dumps([_about(order, view), values], salt=_SALT, serializer=_Serializer)


def _value(row, name):
    for part in name.split("__"):
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row


def _opened(cursor: str, order, view) -> list:
    try:
        about, values = signing.loads(cursor, salt=_SALT, serializer=_Serializer)
    except (signing.BadSignature, ValueError, TypeError):
        about, values = None, []
    if about != _about(order, view):
        raise BadQuery("This cursor belongs to no page here. Begin again without one.")
    return values


def _about(order, view) -> str:
    # A cursor of one list must not open another, whose keys mean something else.
    return f"{type(view).__name__}:{','.join(order)}"


def _behind(order, values) -> Q:
    condition, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        further = "lt" if name.startswith("-") else "gt"
        condition |= same & Q(**{f"{field}__{further}": value})
        same &= Q(**{field: value})
    return condition
