"""Answers that say no: RFC 9457 problem details for programs, a page or a fragment for people."""

import json
from collections.abc import Callable

import orjson
import structlog
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from core import context
from core.errors import RuleViolation
from core.rates import RatesUnavailable

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
TITLES = {
    400: "This request was not understood",
    401: "Sign in first",
    403: "Not allowed",
    404: "Nothing lives here",
    405: "This address does not take that method",
    406: "No such representation",
    409: "In conflict with the present state",
    412: "Changed since you read it",
    413: "Too large",
    415: "This media type is not taken here",
    422: "Some input is not right",
    428: "Say which version you read",
    429: "Too fast",
    500: "Something broke on our side",
    503: "Not available at this moment",
}
CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
    428: "precondition_required",
    429: "too_fast",
    500: "server_error",
    503: "unavailable",
}
UNAVAILABLE = "The server is busy or a part of it is restarting. Nothing was changed. Try again in a few seconds."

_guides: list[Callable[[object], str]] = []
_leads: list[Callable[[object], str]] = []

logger = structlog.get_logger(__name__)


def statuses_of(code: str) -> list[tuple[int, str]]:
    """The statuses, with their titles, that a general code comes with."""
    return [(status, TITLES[status]) for status, known in CODES.items() if known == code]


def is_api(request) -> bool:
    return request.path_info.startswith("/api/")


def problem(status: int, detail: str = "", *, code: str = "", headers=None, **extra) -> HttpResponse:
    """One problem-details answer; `extra` members stand beside the standard ones."""
    code = code or CODES.get(status, "error")
    body = {
        "type": f"/problems/{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail or TITLES.get(status, "Error"),
        "code": code,
        "request_id": context.request_id(),
        **extra,
    }
    return HttpResponse(orjson.dumps(body, default=str), status=status, content_type=MEDIA_TYPE, headers=headers)


def of_violation(violation: RuleViolation) -> HttpResponse:
    """The problem of a broken rule; its field becomes an entry of `errors`."""
    extra = {name: value for name, value in violation.extra.items() if name not in ("headers", "errors")}
    errors = violation.extra.get("errors")
    if errors is None and violation.field:
        pointer = "/" + violation.field.replace(".", "/")
        errors = [{"pointer": pointer, "code": violation.code, "detail": violation.message}]
    if errors:
        extra["errors"] = errors
    return problem(
        violation.status,
        violation.message,
        code=violation.code,
        headers=violation.extra.get("headers"),
        **extra,
    )


def of_exception(exception: Exception) -> HttpResponse | None:
    """The problem that an exception stands for; None where it is a fault of ours."""
    match exception:
        case RuleViolation():
            return of_violation(exception)
        case PermissionDenied():
            return problem(403, str(exception) or "Your role does not allow this.")
        case Http404() | ObjectDoesNotExist():
            return problem(404, "There is no such thing, or you may not see it.")
        case OperationalError() | InterfaceError() | RedisError() | RatesUnavailable():
            return unavailable(exception)
        case SuspiciousOperation():
            return problem(400)
    return None


def unavailable(exception: Exception) -> HttpResponse:
    """503 after a statement or lock timeout, or while the database or the broker is away."""
    logger.warning("unavailable", cause=type(exception).__name__, error=str(exception).strip())
    return problem(503, str(exception) if isinstance(exception, RatesUnavailable) else UNAVAILABLE, headers=_retry())


def register_guide(guide: Callable[[object], str]) -> None:
    """Let `guide(request)` say in a sentence who can help where a role is not enough, or nothing. For `apps.py`."""
    _guides.append(guide)


def register_lead(lead: Callable[[object], str]) -> None:
    """Let `lead(request)` say where a lost address of a signed-in person leads, or nothing. For `apps.py`."""
    _leads.append(lead)


def page(request, answer: HttpResponse) -> HttpResponse:
    """The same answer for people: a fragment with a toast when htmx asks, else a page.

    Who is signed in keeps the navigation, unless the database may be what is missing.
    """
    told = orjson.loads(answer.content)
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
    if getattr(request, "htmx", None) or request.headers.get("HX-Request") == "true":
        headers |= {"HX-Reswap": "none", "HX-Trigger": json.dumps({"toast": {"text": told["detail"]}})}
        return _rendered(request, "components/refusal.html", told, headers)
    if told["status"] < 500 and _is_signed_in(request):
        if told["status"] == 404 and request.method in ("GET", "HEAD") and (url := _led(request)):
            return HttpResponseRedirect(url)
        return _framed(request, told, headers)
    return _rendered(request, _template(told["status"]), told, headers)


def _template(status: int) -> str:
    return f"{status}.html" if status in (400, 404) else "refused.html"


def _framed(request, told: dict, headers: dict) -> HttpResponse:
    try:
        help_text = " ".join(filter(None, (guide(request) for guide in _guides))) if told["status"] == 403 else ""
        values = {"problem": told, "frame": "base.html", "help": help_text}
        html = render_to_string(_template(told["status"]), values, request)
    except DatabaseError:
        return _rendered(request, _template(told["status"]), told, headers)
    return HttpResponse(html, status=told["status"], headers=headers)


def _led(request) -> str:
    return next((url for lead in _leads if (url := lead(request))), "")


def _is_signed_in(request) -> bool:
    try:
        return getattr(request, "user", None) is not None and request.user.is_authenticated
    except DatabaseError:
        return False


def _rendered(request, template: str, told: dict, headers: dict) -> HttpResponse:
    # Without the request: its context processors ask the database, which may be what is missing.
    values = {"problem": told, "text": told["detail"], "frame": "entrance.html"}
    html = render_to_string(template, values)
    return HttpResponse(html, status=told["status"], headers=headers)


def _retry() -> dict:
    return {"Retry-After": str(RETRY_SECONDS)}
