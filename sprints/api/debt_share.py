"""How much of what closed sprints delivered was debt."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.debt import DebtVerdictSerializer
from backlog.api.lookups import product_of
from backlog.queries.agreed_share import debt_verdict
from core.rest.views import ApiViewSet
from sprints.queries.debt_share import debt_share


class SprintShareSerializer(serializers.Serializer):
    """Percent of the points that one closed sprint delivered."""

    team = serializers.CharField()
    number = serializers.IntegerField(help_text="Of the sprint.")
    debt = serializers.IntegerField()
    technical = serializers.IntegerField()


class DebtSharesSerializer(serializers.Serializer):
    debt_share = DebtVerdictSerializer(source="verdict", help_text="What is agreed, beside all of these sprints.")
    technical = serializers.IntegerField(allow_null=True, help_text="Percent of points; null without such a sprint.")
    sprints = SprintShareSerializer(many=True, help_text="The last closed ones that delivered points, oldest first.")


class DebtShares(ApiViewSet):
    tag = "debt"

    @extend_schema(operation_id="debt_shares", responses=DebtSharesSerializer)
    def retrieve(self, request, key):
        """Tell how much of what the last closed sprints delivered was debt, beside what is agreed."""
        product = product_of(request, key)
        nothing = {"verdict": debt_verdict("", product.debt_share, None), "technical": None, "sprints": ()}
        return Response(DebtSharesSerializer(debt_share(product, request.user) or nothing).data)
