"""One's own page: name and looks, sign-in, sessions, tokens."""

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.actions import profile, tokens
from accounts.forms import ProfileForm, TokenForm
from accounts.models import ApiToken, User
from accounts.permissions import token_products
from accounts.queries import profile as queries
from core.answers import changed, refuse
from core.errors import RuleViolation
from core.permissions import require_route

EVENT = "profile-changed"


def page(request):
    require_route(request, request.user)
    form = ProfileForm(request.POST or None, initial=_initial(request.user))
    if request.method == "POST" and form.is_valid():
        profile.edit(request.user, by=request.user, **form.cleaned_data)
        return changed(request, request.path, "Your profile is saved.", event=EVENT)
    values = {"page": queries.page(request.user), "form": form}
    return render(request, "accounts/profile/page.html", values, status=422 if form.errors else 200)


@require_POST
def theme(request):
    """Switch light and dark; the button's script names the theme it has switched to."""
    wanted = request.POST.get("theme", User.Theme.LIGHT if request.user.theme == User.Theme.DARK else User.Theme.DARK)
    if wanted not in User.Theme:
        return HttpResponse(status=422)
    profile.edit(request.user, by=request.user, theme=wanted)
    return _back(request)


@require_POST
def plain(request):
    """Switch between titles and leads in plain language and in the team's."""
    profile.edit(request.user, by=request.user, reads_plain=request.POST.get("plain") == "on")
    return _back(request)


@require_POST
def end_sessions(request):
    person = profile.end_sessions(request.user, by=request.user)
    update_session_auth_hash(request, person)
    return changed(request, reverse("accounts:profile"), "Every other session has ended.", event=EVENT)


@reauthentication_required
@never_cache
def create_token(request):
    """The secret is in this one answer and nowhere else: a redirect would have to keep it somewhere."""
    require_route(request, request.user)
    form = TokenForm(request.POST or None, scopes=queries.scopes(), products=token_products(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            new = tokens.create(request.user, by=request.user, **form.as_arguments())
            names = queries.product_names(new.token, token_products(request.user))
            return render(request, "accounts/profile/token_made.html", {"new": new, "product_names": names})
        except RuleViolation as refusal:
            refuse(form, refusal)
    return render(request, "accounts/profile/token.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def revoke_token(request, token_id):
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=token_id)
    tokens.revoke(token, by=request.user)
    return changed(request, reverse("accounts:profile"), f"The token {token} works no more.", event=EVENT)


def _back(request):
    back = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if is_ours else "/", status=303)


def _initial(person):
    return {"name": person.name, "theme": person.theme, "has_shortcuts": person.has_shortcuts}
