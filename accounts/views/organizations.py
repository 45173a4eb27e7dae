"""The organization's settings, and the page that makes the first one."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import organizations
from accounts.forms import FirstRunForm, OrganizationForm
from accounts.models import Organization, User
from core.answers import changed, refuse
from core.errors import RuleViolation
from core.permissions import require_route


def visible_organization(request, organization_slug):
    return get_object_or_404(Organization.objects.visible_to(request.user), slug=organization_slug)


def settings(request, organization_slug):
    organization = visible_organization(request, organization_slug)
    require_route(request, organization)
    form = OrganizationForm(
        request.POST or None, initial={"name": organization.name, "time_zone": organization.time_zone}
    )
    if request.method == "POST" and form.is_valid():
        try:
            organizations.edit(organization, by=request.user, **form.cleaned_data)
            return changed(request, request.path, "The settings are saved.", event="organization-changed")
        except RuleViolation as refusal:
            refuse(form, refusal)
    values = {"organization": organization, "form": form, "may_edit": True}
    return render(request, "accounts/organizations/settings.html", values, status=422 if form.errors else 200)


@login_not_required
@sensitive_post_parameters("password")
def first_run(request):
    if User.objects.filter(is_service=False).exists():
        return HttpResponseRedirect("/")
    form = FirstRunForm(request.POST or None, initial={"time_zone": "UTC"})
    if request.method == "POST" and form.is_valid():
        try:
            organization, admin = organizations.create_first(**form.cleaned_data)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            return _welcome(request, organization, admin)
    return render(request, "accounts/organizations/first_run.html", {"form": form}, status=422 if form.errors else 200)


def _welcome(request, organization, admin):
    login(request, admin)
    messages.success(request, f"{organization} is set up. Invite the people you work with.")
    return HttpResponseRedirect(reverse("accounts:members", args=[organization.slug]), status=303)
