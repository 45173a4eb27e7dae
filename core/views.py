"""Pages of the mechanics: errors and health."""

import sys

from django.http import Http404, HttpResponse
from django.views.defaults import server_error as plain_server_error

from core import problems


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
