"""The case for a proposed item: read it, change it, come back with it."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.actions import proposals
from backlog.api.cases import CaseInput, CaseSerializer
from backlog.api.items import read
from backlog.api.lookups import item_of
from backlog.models import Proposal
from core.rest.views import ApiViewSet


class RevisionInput(CaseInput):
    """The whole case; title, plain_lead and description only where they change."""

    what_changed = serializers.CharField(max_length=2000, allow_blank=True, default="")
    title = serializers.CharField(max_length=300, required=False)
    plain_lead = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    description = serializers.CharField(max_length=100_000, allow_blank=True, required=False)


class Proposals(ApiViewSet):
    tag = "life cycle"

    @extend_schema(operation_id="items_proposal", responses=CaseSerializer)
    def retrieve(self, request, key, number):
        """Show the case that was made for an item."""
        return _answer(item_of(request, key, number))

    @extend_schema(operation_id="items_revise", request=RevisionInput, responses=CaseSerializer)
    def revise(self, request, key, number):
        """Change one's proposal; one that was declined is proposed again."""
        item = item_of(request, key, number)
        values = read(self, RevisionInput, item.product)
        case = {name: values.pop(name) for name in proposals.CASE if name in values}
        return _answer(proposals.revise(item, by=request.user, case=case, **values))


def _answer(item):
    return Response(CaseSerializer(get_object_or_404(Proposal, item=item)).data)
