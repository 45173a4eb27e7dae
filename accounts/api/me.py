"""Who one is."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import Membership
from core.permissions import require_route
from core.rest.views import ApiViewSet


class OwnMembershipSerializer(serializers.Serializer):
    slug = serializers.CharField(source="organization.slug")
    name = serializers.CharField(source="organization.name")
    role = serializers.ChoiceField(Membership.Role.choices)


class MeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    initials = serializers.CharField()
    email = serializers.EmailField()
    organizations = OwnMembershipSerializer(many=True)
    scopes = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Of the token; null without one."
    )


class Me(ApiViewSet):
    tag = "people"

    @extend_schema(operation_id="me", responses=MeSerializer)
    def retrieve(self, request):
        """Tell who you are, and what your token may do."""
        require_route(request, request.user)
        user = request.user
        memberships = user.memberships.filter(deactivated_at=None).select_related("organization").order_by("pk")
        shown = {"id": user.pk, "name": user.name, "initials": user.initials, "email": user.email}
        scopes = request.auth.scopes if request.auth else None
        return Response(MeSerializer({**shown, "organizations": memberships, "scopes": scopes}).data)
