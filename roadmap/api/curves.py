"""The latest forecast as a list screen needs it."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from backlog.api.lookups import product_of
from backlog.queries.readers import reader
from core.rest.views import ApiViewSet
from roadmap.queries.curves import curves_feed


class Curves(ApiViewSet):
    tag = "forecasts"

    @extend_schema(operation_id="forecasts_curves", responses={200: OpenApiTypes.OBJECT})
    def retrieve(self, request, key):
        """Give what dates need beside the order: the teams' curves, goals, releases, and what comes first.

        docs/api.md tells the format.
        """
        product = product_of(request, key)
        body = curves_feed(product, reader(product, request.user), today=product.organization.today())
        return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "private, no-cache"})
