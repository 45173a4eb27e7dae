"""Planning a sprint: its scope, what is recommended, and who of the team is there."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import Team, TeamMembership
from backlog.api.items import read
from backlog.api.lookups import product_of, read_product
from backlog.api.references import LARGEST_ID, Chosen, PersonReference, items_of_organization
from backlog.models import Item
from core.permissions import require_route
from core.rest import idempotent
from core.rest.views import ApiViewSet
from sprints.actions import availability, sprints
from sprints.api.sprints import sprint_in, sprints_of
from sprints.models import Absence, Sprint
from sprints.queries import plan_screen


class ChanceSerializer(serializers.Serializer):
    percent = serializers.IntegerField()
    is_above = serializers.BooleanField(help_text="More than this: nothing is shown above 95 %.")


class PlannedItemSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="candidate.id")
    key = serializers.CharField(source="candidate.key")
    title = serializers.CharField(source="candidate.title")
    kind = serializers.CharField(source="candidate.kind")
    points = serializers.FloatField(source="candidate.points", allow_null=True)
    is_for_goal = serializers.BooleanField(source="candidate.is_for_goal")
    recommended = serializers.CharField(source="line", help_text="commit, stretch, or empty.")
    chance = ChanceSerializer(allow_null=True, help_text="That it is done, with all before it in the sprint.")
    why = serializers.CharField(help_text="Why it is not in the sprint.")
    change = serializers.CharField(help_text="What would make it fit.")


class ScopeSerializer(serializers.Serializer):
    commit_points = serializers.FloatField(source="capacity.commit", allow_null=True, help_text="Reached with 85 %.")
    stretch_points = serializers.FloatField(source="capacity.stretch", allow_null=True, help_text="Reached with 50 %.")
    availability = serializers.FloatField(source="capacity.availability")
    points = serializers.FloatField()
    technical_points = serializers.FloatField()
    chance = ChanceSerializer(allow_null=True, help_text="That all of the sprint is done.")
    goal_points = serializers.FloatField(help_text="Of what the goal needs, and what that needs.")
    goal_chance = ChanceSerializer(allow_null=True)
    items = PlannedItemSerializer(many=True, source="rows")
    left_out = PlannedItemSerializer(many=True, source="candidates")


class LineInput(serializers.Serializer):
    line = serializers.ChoiceField(["commit", "stretch"], default="commit")


class GoalItemsInput(serializers.Serializer):
    items = serializers.ListField(child=Chosen(items_of_organization), max_length=200)


class AbsenceSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    user = PersonReference()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The last day, included.")


class AbsenceInput(serializers.Serializer):
    user = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, help_text="The id of a person of the team.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The last day, included.")


class FocusInput(serializers.Serializer):
    percent = serializers.IntegerField(min_value=0, max_value=100)


class Scope(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="sprints_scope", responses=ScopeSerializer)
    def retrieve(self, request, key, sprint_id):
        """Tell what fits into a sprint, what does not, and why."""
        product = product_of(request, key)
        sprint = get_object_or_404(sprints_of(product), pk=sprint_id)
        return _scope(request, product, sprint)

    @extend_schema(operation_id="sprints_take_recommended", request=LineInput, responses=ScopeSerializer)
    @idempotent
    def take(self, request, key, sprint_id):
        """Take in what is recommended, up to the commit or the stretch line."""
        product, sprint = sprint_in(request, key, sprint_id)
        require_route(request, sprint)
        line = read(self, LineInput, product)["line"]
        screen = plan_screen.plan_screen(product, sprint, request.user, now=timezone.now())
        wanted = set(screen.stretch_ids if line == "stretch" else screen.commit_ids) - screen.in_scope_ids
        if wanted:
            sprints.add(sprint, Item.objects.filter(pk__in=wanted).select_related("product"), by=request.user)
        return _scope(request, product, sprint)

    @extend_schema(operation_id="sprints_goal_items", request=GoalItemsInput, responses=ScopeSerializer)
    def choose_for_goal(self, request, key, sprint_id):
        """Say which items the sprint goal needs: these and no others."""
        product, sprint = sprint_in(request, key, sprint_id)
        sprints.choose_for_goal(sprint, read(self, GoalItemsInput, product)["items"], by=request.user)
        return _scope(request, product, sprint)


class Absences(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="absences_list", responses=AbsenceSerializer(many=True))
    def list(self, request, key, team_id):
        """List when people of a team are away, from today on."""
        team = team_of(product_of(request, key), team_id)
        absences = Absence.objects.filter(team=team, ends_on__gte=team.organization.today())
        found = absences.select_related("user").order_by("starts_on", "pk")[:200]
        return Response(AbsenceSerializer(found, many=True).data)

    @extend_schema(operation_id="absences_add", request=AbsenceInput, responses={201: AbsenceSerializer})
    @idempotent
    def add(self, request, key, team_id):
        """Say on which days a person is away; the running sprint's capacity follows."""
        product = read_product(request, key)
        team = team_of(product, team_id)
        require_route(request, Sprint(team=team))
        values = read(self, AbsenceInput, product)
        user = _person(team, values.pop("user"))
        absence = availability.add_absence(team, user, by=request.user, **values)
        return Response(AbsenceSerializer(absence).data, status=201)

    @extend_schema(operation_id="absences_remove", responses={204: None})
    def remove(self, request, key, team_id, absence_id):
        """Say that the person is there after all."""
        team = team_of(read_product(request, key), team_id)
        absence = get_object_or_404(Absence.objects.select_related("user", "team"), team=team, pk=absence_id)
        availability.remove_absence(absence, by=request.user)
        return Response(status=204)


class Focus(ApiViewSet):
    tag = "sprints"

    @extend_schema(operation_id="focus_set", request=FocusInput, responses={204: None})
    def set(self, request, key, team_id, user_id):
        """Say which share of a person's time the team has."""
        product = read_product(request, key)
        team = team_of(product, team_id)
        require_route(request, Sprint(team=team))
        values = read(self, FocusInput, product)
        availability.set_focus(team, _person(team, user_id), by=request.user, **values)
        return Response(status=204)


def team_of(product, team_id):
    return get_object_or_404(Team.objects.filter(product_links__product=product), pk=team_id)


def _person(team, user_id):
    return get_object_or_404(TeamMembership.objects.select_related("user"), team=team, user=user_id).user


def _scope(request, product, sprint):
    screen = plan_screen.plan_screen(product, sprint, request.user, now=timezone.now())
    return Response(ScopeSerializer(screen).data)
