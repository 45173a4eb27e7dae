"""How the nights and the jobs go."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.views.organizations import visible_organization
from core import clock
from core.permissions import require_route
from nightly.queries import operations


@require_GET
def organization(request, organization_slug):
    organization = visible_organization(request, organization_slug)
    require_route(request, organization)
    found = operations.of_organization(organization, now=clock.now())
    return render(request, "nightly/operations/organization.html", {"organization": organization, "found": found})


@require_GET
def instance(request):
    require_route(request, request.user)
    return render(request, "nightly/operations/instance.html", {"found": operations.of_instance(now=clock.now())})
