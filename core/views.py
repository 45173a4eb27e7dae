"""Pages of the mechanics: errors and health."""

import secrets
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from django.views.defaults import server_error as plain_server_error

from core import health, permissions, problems
from core.metrics import exposition
from core.rest.reference import reference


@login_not_required
@require_safe
def healthz(request):
    """Live: this process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request):
    """Ready: what a request needs is there."""
    found = health.readiness()
    return JsonResponse(found, status=200 if set(found.values()) == {health.OK} else 503)


@login_not_required
@require_safe
def metrics(request):
    """For Prometheus with METRICS_TOKEN, or for an admin of the instance who is signed in."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not secrets.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode()):
        if not request.user.is_authenticated:
            raise PermissionDenied("Metrics need METRICS_TOKEN, or an admin of the instance who is signed in.")
        permissions.require_route(request, request.user)
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


@login_not_required
@require_safe
def manifest(request):
    """What a device needs to keep the app among its own; a view, since names of static files change."""
    icons = [
        {"src": static(f"icons/app-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    described = {
        "name": "Underpin",
        "short_name": "Underpin",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#fbfbfc",
        "theme_color": "#fbfbfc",
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")


@login_not_required
@require_safe
def problem_type(request, code):
    """What the `type` of a problem refers to."""
    return render(request, "problem_type.html", {"code": code, "statuses": problems.statuses_of(code)})


@login_not_required
@require_safe
def api_reference(request):
    """Every operation of the API: in the frame for who is signed in, on a page of its own for others."""
    found = reference()
    context = {
        "frame": "base.html" if request.user.is_authenticated else "entrance.html",
        "reference": found,
        "operation_count": sum(len(section.operations) for section in found.sections),
    }
    return render(request, "api_reference.html", context)


def csrf_failure(request, reason=""):
    return _refusal(
        request,
        problems.problem(
            403,
            "For your safety the form was not sent, and nothing was changed. Load the page again and send it once "
            "more. Cookies must be switched on.",
            code="csrf_failed",
        ),
    )


def bad_request(request, exception):
    return _refusal(request, problems.problem(400))


def permission_denied(request, exception):
    return _refusal(request, problems.of_exception(exception))


def not_found(request, exception):
    return _refusal(request, problems.of_exception(Http404()))


def server_error(request):
    """What no view caught: an outage seen by a middleware is 503, a fault of ours 500."""
    # The handler runs inside Django's except block.
    answer = problems.of_exception(sys.exception())
    if answer is not None:
        return _refusal(request, answer)
    if problems.is_api(request):
        return problems.problem(500)
    try:
        return plain_server_error(request)
    except Exception:
        return HttpResponse("Something broke on our side. Try again in a moment.", "text/plain", 500)


def _refusal(request, answer):
    return answer if problems.is_api(request) else problems.page(request, answer)
