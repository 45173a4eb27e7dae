"""Teams of one's organizations, and who is in them."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actions import teams
from accounts.models import Membership, Organization, TeamMembership
from accounts.queries import people
from core.rest import KeysetPage, SparseFields, idempotent
from core.rest.views import GenericApiView


class TeamMemberSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="user_id", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    initials = serializers.CharField(source="user.initials", read_only=True)
    role = serializers.ChoiceField(TeamMembership.Role, read_only=True)


class TeamSerializer(SparseFields, serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    organization = serializers.SlugField(source="organization.slug", read_only=True)
    name = serializers.CharField(read_only=True)
    archived_at = serializers.DateTimeField(read_only=True, allow_null=True)
    members = TeamMemberSerializer(source="memberships", many=True, read_only=True)


class TeamInput(serializers.Serializer):
    organization = serializers.SlugField()
    name = serializers.CharField(max_length=80)


class TeamEditInput(serializers.Serializer):
    name = serializers.CharField(max_length=80, required=False)
    is_archived = serializers.BooleanField(required=False)


class TeamMemberInput(serializers.Serializer):
    user = serializers.IntegerField(help_text="The id of a person in the team's organization.")
    role = serializers.ChoiceField(TeamMembership.Role, default=TeamMembership.Role.DEVELOPER)


class TeamRoleInput(serializers.Serializer):
    role = serializers.ChoiceField(TeamMembership.Role)


class TeamView(GenericApiView):
    """What the views of teams share: teams are found among those that one may see."""

    serializer_class = TeamSerializer

    def get_queryset(self):
        return people.teams(self.request.user)

    def team(self, team_id):
        return get_object_or_404(self.get_queryset(), pk=team_id)

    def answer(self, team_id, status=200):
        return Response(self.get_serializer(self.team(team_id)).data, status=status)

    def read(self, serializer_class):
        given = serializer_class(data=self.request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data


class Teams(TeamView):
    pagination_class = KeysetPage
    query_parameters = ("organization",)

    @extend_schema(
        operation_id="teams_list",
        parameters=[OpenApiParameter("organization", str, description="Only teams of this organization.")],
        responses=TeamSerializer(many=True),
    )
    def get(self, request):
        """List the teams of your organizations."""
        found, slug = self.get_queryset(), request.query_params.get("organization")
        page = self.paginate_queryset(found.filter(organization__slug=slug) if slug else found)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=TeamInput, responses={201: TeamSerializer})
    @idempotent
    def post(self, request):
        """Make a team."""
        given = self.read(TeamInput)
        organization = get_object_or_404(Organization.objects.visible_to(request.user), slug=given["organization"])
        team = teams.create(organization, name=given["name"], by=request.user)
        return self.answer(team.pk, status=201)


class Team(TeamView):
    def get(self, request, team_id):
        """Show a team and its people."""
        return self.answer(team_id)

    @extend_schema(operation_id="teams_update", request=TeamEditInput)
    def patch(self, request, team_id):
        """Rename a team, archive it, or bring it back."""
        team, given = self.team(team_id), self.read(TeamEditInput)
        teams.edit(team, by=request.user, **given)
        return self.answer(team_id)


class TeamMembers(TeamView):
    @extend_schema(operation_id="teams_add_member", request=TeamMemberInput, responses={201: TeamSerializer})
    @idempotent
    def post(self, request, team_id):
        """Take a person into a team."""
        team, given = self.team(team_id), self.read(TeamMemberInput)
        person = _person(request, given["user"])
        teams.add_member(team, person, role=given["role"], by=request.user)
        return self.answer(team_id, status=201)


class TeamMember(TeamView):
    @extend_schema(operation_id="teams_change_role", request=TeamRoleInput)
    def patch(self, request, team_id, user_id):
        """Change a person's role in a team."""
        team, given = self.team(team_id), self.read(TeamRoleInput)
        teams.change_role(team, _person(request, user_id), role=given["role"], by=request.user)
        return self.answer(team_id)

    @extend_schema(operation_id="teams_remove_member", responses={204: None})
    def delete(self, request, team_id, user_id):
        """Take a person out of a team."""
        teams.remove_member(self.team(team_id), _person(request, user_id), by=request.user)
        return Response(status=204)


def _person(request, user_id):
    memberships = Membership.objects.visible_to(request.user).filter(user_id=user_id).select_related("user")
    membership = memberships.first()
    if membership is None:
        raise teams.NotMember
    return membership.user
