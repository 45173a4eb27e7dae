"""Who has which role in a product, and which teams work on it."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import Team, User
from backlog.actions import products
from backlog.api.items import read
from backlog.api.lookups import product_of, visible_product
from backlog.api.references import Chosen, PersonReference, TeamReference, people, teams
from backlog.models import HandOver, ProductRole
from core.rest import idempotent
from core.rest.views import ApiViewSet


class PersonInput(serializers.Serializer):
    person = Chosen(people, help_text="The id of a member of the organization.")


class ProductTeamInput(serializers.Serializer):
    team = Chosen(teams, help_text="The id of a team of the organization.")


class HandOverSerializer(serializers.Serializer):
    to = PersonReference()
    offered_by = PersonReference()
    offered_at = serializers.DateTimeField()


class Stakeholders(ApiViewSet):
    tag = "product people"

    @extend_schema(operation_id="stakeholders_list", responses=PersonReference(many=True))
    def list(self, request, key):
        """List the stakeholders of a product."""
        return Response(PersonReference(_stakeholders(product_of(request, key)), many=True).data)

    @extend_schema(operation_id="stakeholders_add", request=PersonInput, responses={201: PersonReference})
    @idempotent
    def create(self, request, key):
        """Make a member of the organization a stakeholder."""
        product = product_of(request, key)
        person = read(self, PersonInput, product)["person"]
        products.add_stakeholder(product, person, by=request.user)
        return Response(PersonReference(person).data, status=201)

    @extend_schema(operation_id="stakeholders_remove", responses={204: None})
    def destroy(self, request, key, person_id):
        """End a person's being a stakeholder."""
        product = product_of(request, key)
        person = _stakeholders(product).filter(pk=person_id).first()
        if person is None:
            raise Http404
        products.remove_stakeholder(product, person, by=request.user)
        return Response(status=204)


class ProductTeams(ApiViewSet):
    tag = "product people"

    @extend_schema(operation_id="product_teams_list", responses=TeamReference(many=True))
    def list(self, request, key):
        """List the teams that work on a product."""
        return Response(TeamReference(_teams(product_of(request, key)), many=True).data)

    @extend_schema(operation_id="product_teams_add", request=ProductTeamInput, responses={201: TeamReference})
    @idempotent
    def create(self, request, key):
        """Let a team work on a product."""
        product = product_of(request, key)
        team = read(self, ProductTeamInput, product)["team"]
        products.link_team(product, team, by=request.user)
        return Response(TeamReference(team).data, status=201)

    @extend_schema(operation_id="product_teams_remove", responses={204: None})
    def destroy(self, request, key, team_id):
        """End a team's work on a product."""
        product = product_of(request, key)
        team = get_object_or_404(_teams(product), pk=team_id)
        products.unlink_team(product, team, by=request.user)
        return Response(status=204)


class Ownership(ApiViewSet):
    tag = "product people"

    @extend_schema(operation_id="product_owner_appoint", request=PersonInput, responses=PersonReference)
    @idempotent
    def appoint(self, request, key):
        """Appoint a product owner where there is none."""
        product = product_of(request, key)
        person = read(self, PersonInput, product)["person"]
        products.appoint_owner(product, person, by=request.user)
        return Response(PersonReference(person).data)

    @extend_schema(operation_id="hand_over_offer", request=PersonInput, responses={201: HandOverSerializer})
    @idempotent
    def offer(self, request, key):
        """Offer the product to another person with a role in it: the first of two steps."""
        product = product_of(request, key)
        hand_over = products.offer(product, read(self, PersonInput, product)["person"], by=request.user)
        return Response(HandOverSerializer(hand_over).data, status=201)

    @extend_schema(operation_id="hand_over_withdraw", responses={204: None})
    def withdraw(self, request, key):
        """Take the offer back."""
        products.withdraw_offer(_hand_over(product_of(request, key)), by=request.user)
        return Response(status=204)

    @extend_schema(operation_id="hand_over_accept", request=None, responses=PersonReference)
    @idempotent
    def accept(self, request, key):
        """Become the product owner: the second step."""
        products.accept_offer(_hand_over(visible_product(request, key)), by=request.user)
        return Response(PersonReference(request.user).data)


def _stakeholders(product):
    roles = ProductRole.objects.filter(product=product, role=ProductRole.Role.STAKEHOLDER)
    return User.objects.filter(pk__in=roles.values("user")).order_by("name", "pk")


def _teams(product):
    return Team.objects.filter(product_links__product=product).order_by("name")


def _hand_over(product):
    return get_object_or_404(HandOver.objects.select_related("product", "to", "offered_by"), product=product)
