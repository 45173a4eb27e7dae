"""The page on which an invited person joins."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from accounts.actions import invitations
from accounts.forms import NewPersonForm
from accounts.models import User
from core.answers import refuse
from core.errors import RuleViolation

_KEPT = "invitation"


@login_not_required
@require_GET
@never_cache
def open_link(request, token):
    """Keep the token in the session, so that no later address or referrer carries it."""
    request.session[_KEPT] = token
    return HttpResponseRedirect(reverse("accounts:invitation-accept"))


@login_not_required
@sensitive_post_parameters("password")
@never_cache
def accept(request):
    token = request.session.get(_KEPT, "")
    try:
        invitation = invitations.find(token)
    except invitations.NotWaiting as refusal:
        return render(request, "accounts/invitations/gone.html", {"refusal": refusal}, status=410)
    if request.user.is_authenticated:
        return _join(request, invitation, token)
    return _make_account(request, invitation, token)


def _join(request, invitation, token):
    refusal = None
    if request.method == "POST":
        try:
            invitations.accept(token, by=request.user)
            return _welcome(request, invitation)
        except RuleViolation as refused:
            refusal = refused
    is_other = request.user.email.lower() != invitation.email
    values = {"invitation": invitation, "is_other": is_other, "refusal": refusal}
    return render(request, "accounts/invitations/join.html", values, status=422 if refusal else 200)


def _make_account(request, invitation, token):
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = invitations.accept_as_new(token, **form.cleaned_data)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            login(request, person)
            return _welcome(request, invitation)
    has_account = User.objects.filter(email__iexact=invitation.email).exists()
    values = {"invitation": invitation, "form": form, "has_account": has_account}
    return render(request, "accounts/invitations/accept.html", values, status=422 if form.errors else 200)


def _welcome(request, invitation):
    request.session.pop(_KEPT, None)
    messages.success(request, f"You are in {invitation.organization} now.")
    return HttpResponseRedirect("/", status=303)
