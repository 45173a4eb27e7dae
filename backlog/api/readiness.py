"""Checks of the Definition of Ready that people tick."""

from drf_spectacular.utils import extend_schema

from backlog.actions import readiness
from backlog.api.items import ItemSerializer, answer
from backlog.api.lookups import item_of
from core.rest.views import ApiViewSet


class Readiness(ApiViewSet):
    tag = "readiness"

    @extend_schema(request=None, responses=ItemSerializer)
    def tick(self, request, key, number, check_key):
        """Say that a check of the Definition of Ready is met."""
        return answer(self, readiness.tick(item_of(request, key, number), check_key, by=request.user))

    @extend_schema(responses={200: ItemSerializer})
    def untick(self, request, key, number, check_key):
        """Take a tick back."""
        return answer(self, readiness.untick(item_of(request, key, number), check_key, by=request.user))
