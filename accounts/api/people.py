"""People of one's organizations."""

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers

from accounts.models import Membership
from accounts.queries import people
from core.rest import KeysetPage, SparseFields
from core.rest.views import GenericApiView


class PlaceSerializer(serializers.Serializer):
    """A person's place in one team."""

    team = serializers.IntegerField(source="team_id", read_only=True)
    name = serializers.CharField(source="team.name", read_only=True)
    role = serializers.ChoiceField(["scrum_master", "developer"], read_only=True)


class PersonSerializer(SparseFields, serializers.Serializer):
    """A member of an organization; who is in two appears twice."""

    id = serializers.IntegerField(source="user_id", read_only=True)
    organization = serializers.SlugField(source="organization.slug", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    initials = serializers.CharField(source="user.initials", read_only=True)
    email = serializers.SerializerMethodField(help_text="Null for who is only a stakeholder there.")
    role = serializers.ChoiceField(Membership.Role, read_only=True)
    teams = serializers.SerializerMethodField()

    def get_email(self, membership) -> str | None:
        return membership.user.email if membership.organization_id in self.context["open_to"] else None

    @extend_schema_field(PlaceSerializer(many=True))
    def get_teams(self, membership):
        places = membership.user.team_memberships.all()
        return PlaceSerializer([p for p in places if p.organization_id == membership.organization_id], many=True).data


class People(GenericApiView):
    serializer_class = PersonSerializer
    pagination_class = KeysetPage
    query_parameters = ("organization",)

    @extend_schema(
        operation_id="people_list",
        parameters=[OpenApiParameter("organization", str, description="Only people of this organization.")],
        responses=PersonSerializer(many=True),
    )
    def get(self, request):
        """List the people of your organizations."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def get_queryset(self):
        found = people.people(self.request.user)
        slug = self.request.query_params.get("organization")
        return found.filter(organization__slug=slug) if slug else found

    def get_serializer_context(self):
        return super().get_serializer_context() | {"open_to": people.organizations_open_to(self.request.user)}
