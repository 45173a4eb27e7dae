"""What holds for every route, whatever its view class."""

import hashlib
import re
import secrets
from urllib.parse import urlencode, urlsplit

import structlog
from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django_structlog.middlewares import RequestMiddleware

from core import context, problems, rates

logger = structlog.get_logger(__name__)

DEVICE_COOKIE = "__Host-device" if settings.PRODUCTION else "device"
_DEVICE_SALT = "core.known-device"
_DEVICE_SECONDS = 180 * 24 * 3600
# Tokens of invitations and resets; keys and numbers are shorter.
_LONG_SEGMENT = re.compile(r"[^/]{25,}")
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_POLICY = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"


class RequestLogMiddleware(RequestMiddleware):
    """One line a request with its id; without query strings and without the secrets that links carry."""

    @staticmethod
    def format_request(request):
        return f"{request.method} {_LONG_SEGMENT.sub('…', request.path)}"


class SecurityHeadersMiddleware:
    """Headers that Django has no setting for, on pages, errors and static files alike."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Taken before: the log's middleware clears its context when the answer leaves.
        request_id = context.request_id()
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", _POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if not request.path_info.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers["X-Request-ID"] = request_id
        return response


class ProblemsMiddleware:
    """Refusals and timeouts become answers: problem details under /api/, else a fragment or a page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        door = context.via.set("api" if problems.is_api(request) else "ui")
        try:
            return self._answer(request)
        finally:
            context.via.reset(door)

    def _answer(self, request):
        if _is_too_large(request):
            return _in_kind(request, problems.problem(413, "The request is larger than this address takes."))
        if _holds_nul(request):
            return _in_kind(request, problems.problem(400, "An address can't hold a NUL character."))
        response = self.get_response(request)
        is_foreign = response.status_code >= 400 and response.headers.get("Content-Type") != problems.MEDIA_TYPE
        if problems.is_api(request) and is_foreign:
            return problems.problem(response.status_code, headers=_kept(response))
        if response.status_code == 302 and _is_sign_in(request, response):
            return _whole_page_sign_in(request)
        return response

    def process_exception(self, request, exception):
        answer = problems.of_exception(exception)
        return None if answer is None else _in_kind(request, answer)


class RateLimitMiddleware:
    """Counts tries at the routes of settings.RATE_LIMITS by account and by address; lets nobody through uncounted."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.charged = []
        response = self.get_response(request)
        if response.status_code in (302, 303):
            self._welcome(request, response)
        if response.status_code == 401 and request.headers.get("Authorization"):
            return self._count_bad_token(request) or response
        return response

    def process_view(self, request, view, args, kwargs):
        route = request.resolver_match.view_name
        for rule in settings.RATE_LIMITS:
            if route in rule["routes"] and request.method in rule.get("methods", _UNSAFE):
                return self._charge(request, rule)
        return None

    def _charge(self, request, rule):
        buckets = [("address", client_address(request))]
        if account := _account(request, rule):
            buckets.append(("account", account))
        try:
            waits = [rates.spend(f"{rule['name']}:{per}:{who}", *rule[per]) for per, who in buckets]
        except rates.RatesUnavailable:
            return _in_kind(request, _uncounted())
        if rule.get("refunds"):
            request.charged = [f"{rule['name']}:{per}:{who}" for per, who in buckets]
        return _limited(request, rule["name"], max(waits)) if any(waits) else None

    def _welcome(self, request, response):
        if not request.charged:
            return
        try:
            for bucket in request.charged:
                rates.refund(bucket)
        except rates.RatesUnavailable:
            logger.warning("rate_not_refunded")
        if request.user.is_authenticated:
            _remember_device(request, response)

    def _count_bad_token(self, request):
        try:
            wait = rates.spend(f"token:address:{client_address(request)}", *settings.BAD_TOKENS_PER_ADDRESS)
        except rates.RatesUnavailable:
            return _in_kind(request, _uncounted())
        return _limited(request, "token", wait) if wait else None


def client_address(request) -> str:
    """Whom the request came from. What a client writes into X-Forwarded-For counts for nothing:
    only the entries that our own proxies have added do.
    """
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= settings.TRUSTED_PROXIES:
            return hops[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR", "")


def _account(request, rule) -> str:
    if request.user.is_authenticated:
        return str(request.user.pk)
    if half_signed_in := request.session.get("account_login"):
        return f"half:{half_signed_in.get('user_pk')}"
    for field in rule.get("fields", ()):
        if named := request.POST.get(field, "").strip().lower():
            account = _digest(named)
            # Strangers can't lock out an owner whose browser has signed in here before.
            return f"{account}:{device}" if (device := _known_device(request, account)) else account
    return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _known_device(request, account: str) -> str:
    try:
        known = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=_DEVICE_SALT, max_age=_DEVICE_SECONDS)
    except signing.BadSignature:
        return ""
    return known["device"] if known["account"] == account else ""


def _remember_device(request, response) -> None:
    account = _digest(request.user.email.lower())
    if _known_device(request, account):
        return
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps({"account": account, "device": secrets.token_urlsafe(12)}, salt=_DEVICE_SALT),
        max_age=_DEVICE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _limited(request, name: str, wait: int):
    logger.warning("rate_limited", rule=name)
    return _in_kind(request, problems.of_violation(rates.TooFast(wait)))


def _uncounted():
    return problems.problem(
        503,
        "For your safety nobody can sign in at this moment: a part of the server that counts tries is away. "
        "What is open in other windows keeps working. Try again in a minute.",
        headers={"Retry-After": "30"},
    )


def _in_kind(request, answer):
    return answer if problems.is_api(request) else problems.page(request, answer)


def _kept(response) -> dict:
    return {
        name: value for name, value in response.headers.items() if name in ("Allow", "Retry-After", "WWW-Authenticate")
    }


def _is_sign_in(request, response) -> bool:
    is_fragment = request.headers.get("HX-Request") == "true"
    return is_fragment and urlsplit(response["Location"]).path == resolve_url(settings.LOGIN_URL)


def _whole_page_sign_in(request):
    # Else the sign-in page would be swapped into the fragment's place.
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here})}"
    return HttpResponse(status=204, headers={"HX-Redirect": address})


def _holds_nul(request) -> bool:
    # PostgreSQL takes none: whatever an address names, it is nothing of ours.
    sent = (value for _, values in request.GET.lists() for value in values)
    return "\x00" in request.path_info or any("\x00" in value for value in sent)


def _is_too_large(request) -> bool:
    sent = request.META.get("CONTENT_LENGTH") or ""
    length = int(sent) if sent.isascii() and sent.isdigit() else 0
    is_upload = request.content_type == "multipart/form-data"
    return length > (settings.UPLOAD_MAX_BYTES if is_upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
