"""Mails that one can do without, and the links in them that end them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import preferences
from accounts.models import NotificationPreference
from accounts.queries.preferences import NEVER
from accounts.unsubscribing import opened
from core.answers import changed
from core.permissions import require_route

Kind, USUAL = NotificationPreference.Kind, NotificationPreference.USUAL_RHYTHM.value


@require_POST
def choose(request):
    require_route(request, request.user)
    digest = request.POST.get("digest", USUAL)
    wanted = {kind: kind in request.POST for kind in Kind.values} | {Kind.DIGEST: digest != NEVER}
    preferences.set_mails(request.user, wanted, rhythm="" if digest == NEVER else digest, by=request.user)
    return changed(request, reverse("accounts:profile"), "Your choice of mails is saved.", event="profile-changed")


@csrf_exempt  # A mail program sends it (RFC 8058); the signed link is the permission.
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """To look changes nothing: programs that check links in mails follow them."""
    found = opened(token)
    if found is None or found[1] not in Kind.values:
        raise Http404
    person, kind = found
    if request.method == "POST":
        wanted = request.POST.get("mails") == "again"
        preferences.set_mails(person, {kind: wanted}, by=person)
        state = "again" if wanted else "ended"
    else:
        state = "asking"
    return render(
        request, "accounts/preferences/unsubscribe.html", {"person": person, "label": Kind(kind).label, "state": state}
    )
