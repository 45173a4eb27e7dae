"""The people of an organization, and who is invited."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import invitations, members
from accounts.forms import InvitationForm, RoleForm
from accounts.models import Invitation, Membership
from accounts.queries import members as queries
from accounts.views.organizations import visible_organization
from core.answers import changed, refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import require, require_route

EVENT = "members-changed"


@require_GET
def page(request, organization_slug):
    organization = visible_organization(request, organization_slug)
    require_route(request, organization)
    return _page(request, organization)


@require_POST
def invite(request, organization_slug):
    organization = visible_organization(request, organization_slug)
    require(request.user, "member.invite", organization)
    shown = queries.page(organization, request.user)
    form = InvitationForm(request.POST, choices=shown.choices)
    if form.is_valid():
        try:
            invitation = invitations.invite(organization, by=request.user, **form.as_arguments())
            return _changed(request, organization, f"The invitation to {invitation.email} is on its way.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, organization, form)


@require_POST
def change_role(request, organization_slug, user_id):
    membership, form = _membership(request, organization_slug, user_id), RoleForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose a role.", field="role")
    members.change_role(membership, role=form.cleaned_data["role"], by=request.user)
    role = "an organization admin" if form.cleaned_data["role"] == Membership.Role.ADMIN else "a member"
    return _changed(request, membership.organization, f"{membership.user} is {role} now.")


@require_POST
def deactivate(request, organization_slug, user_id):
    membership = _membership(request, organization_slug, user_id)
    members.deactivate(membership, by=request.user)
    undo_url = reverse("accounts:member-reactivate", args=[organization_slug, user_id])
    return _changed(request, membership.organization, f"{membership.user} is deactivated.", undo_url)


@require_POST
def reactivate(request, organization_slug, user_id):
    membership = _membership(request, organization_slug, user_id)
    members.reactivate(membership, by=request.user)
    return _changed(request, membership.organization, f"{membership.user} is back.")


@require_POST
def resend(request, organization_slug, invitation_id):
    invitation = _invitation(request, organization_slug, invitation_id)
    invitations.resend(invitation, by=request.user)
    return _changed(request, invitation.organization, f"A new link is on its way to {invitation.email}.")


@require_POST
def revoke(request, organization_slug, invitation_id):
    invitation = _invitation(request, organization_slug, invitation_id)
    invitations.revoke(invitation, by=request.user)
    return _changed(request, invitation.organization, f"The invitation to {invitation.email} is taken back.")


def _membership(request, organization_slug, user_id):
    visible = Membership.objects.visible_to(request.user).select_related("organization", "user")
    return get_object_or_404(visible, organization__slug=organization_slug, user=user_id)


def _invitation(request, organization_slug, invitation_id):
    organization = visible_organization(request, organization_slug)
    return get_object_or_404(
        Invitation.objects.select_related("organization"), organization=organization, pk=invitation_id
    )


def _changed(request, organization, text, undo_url=""):
    url = reverse("accounts:members", args=[organization.slug])
    return changed(request, url, text, event=EVENT, undo_url=undo_url)


def _page(request, organization, form=None):
    page = queries.page(organization, request.user)
    if form is None and page.choices:
        form = InvitationForm(choices=page.choices)
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "accounts/members/page.html", {"page": page, "form": form}, status=status)
