"""The teams of an organization."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import teams
from accounts.forms import TeamForm, TeamMemberForm, TeamRoleForm
from accounts.models import Membership, Team
from accounts.queries import teams as queries
from accounts.views.organizations import visible_organization
from core.answers import changed, refuse
from core.errors import RuleViolation
from core.permissions import require, require_route

EVENT = "teams-changed"


@require_GET
def page(request, organization_slug):
    organization = visible_organization(request, organization_slug)
    require_route(request, organization)
    return _page(request, organization)


@require_POST
def create(request, organization_slug):
    organization = visible_organization(request, organization_slug)
    require(request.user, "team.manage", organization)
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            team = teams.create(organization, name=form.cleaned_data["name"], by=request.user)
            return _changed(request, organization, f"Team {team} is made.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, organization, form)


@require_POST
def rename(request, organization_slug, team_id):
    team, form = _team(request, organization_slug, team_id), TeamForm(request.POST)
    if not form.is_valid():
        raise teams.NameMissing
    team = teams.rename(team, name=form.cleaned_data["name"], by=request.user)
    return _changed(request, team.organization, f"The team is called {team} now.")


@require_POST
def archive(request, organization_slug, team_id):
    team = teams.archive(_team(request, organization_slug, team_id), by=request.user)
    undo_url = reverse("accounts:team-restore", args=[organization_slug, team_id])
    return _changed(request, team.organization, f"Team {team} is archived.", undo_url)


@require_POST
def restore(request, organization_slug, team_id):
    team = teams.restore(_team(request, organization_slug, team_id), by=request.user)
    return _changed(request, team.organization, f"Team {team} is back.")


@require_POST
def add_member(request, organization_slug, team_id):
    team, form = _team(request, organization_slug, team_id), TeamMemberForm(request.POST)
    if not form.is_valid():
        raise teams.NotMember
    person = _person(request, team, form.cleaned_data["user"])
    teams.add_member(team, person, role=form.cleaned_data["role"], by=request.user)
    undo_url = reverse("accounts:team-member-remove", args=[organization_slug, team_id, person.pk])
    return _changed(request, team.organization, f"{person} is in team {team}.", undo_url)


@require_POST
def change_role(request, organization_slug, team_id, user_id):
    team, form = _team(request, organization_slug, team_id), TeamRoleForm(request.POST)
    person = _person(request, team, user_id)
    if not form.is_valid():
        raise teams.NotInTeam
    place = teams.change_role(team, person, role=form.cleaned_data["role"], by=request.user)
    text = f"{person} is {place.get_role_display().lower()} of {team} now."
    return _changed(request, team.organization, text)


@require_POST
def remove_member(request, organization_slug, team_id, user_id):
    team = _team(request, organization_slug, team_id)
    person = _person(request, team, user_id)
    teams.remove_member(team, person, by=request.user)
    return _changed(request, team.organization, f"{person} is no longer in team {team}.")


def _team(request, organization_slug, team_id):
    visible = Team.objects.visible_to(request.user).select_related("organization")
    return get_object_or_404(visible, organization__slug=organization_slug, pk=team_id)


def _person(request, team, user_id):
    memberships = Membership.objects.visible_to(request.user).select_related("user")
    return get_object_or_404(memberships, organization=team.organization_id, user=user_id).user


def _changed(request, organization, text, undo_url=""):
    url = reverse("accounts:teams", args=[organization.slug])
    return changed(request, url, text, event=EVENT, undo_url=undo_url)


def _page(request, organization, form=None):
    values = {"page": queries.page(organization, request.user), "form": form or TeamForm()}
    return render(request, "accounts/teams/page.html", values, status=422 if form else 200)
