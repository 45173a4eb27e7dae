"""Two people, or one person twice: If-Match against lost edits, Idempotency-Key against double effects."""

import hashlib
import json
from functools import wraps

from django.db import connection, transaction
from django.http import HttpResponse
from rest_framework.response import Response

from core.errors import InvalidInput, PreconditionFailed, RuleViolation
from core.models import IdempotentRequest
from core.rest.errors import BadQuery
from core.rest.renderers import OrjsonRenderer

IDEMPOTENCY_HEADER = "Idempotency-Key"
_KEPT_HEADERS = ("ETag", "Location")


class PreconditionRequired(RuleViolation):
    code = "precondition_required"
    message = "Send If-Match with the ETag that you read, so that nobody's work is overwritten."
    status = 428


class StillRunning(RuleViolation):
    code = "still_running"
    message = "The first request with this Idempotency-Key is still running. Ask again in a moment."


class KeyReused(InvalidInput):
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used for another request. Make a new one for each intent."


def etag(thing) -> str:
    """The ETag of a versioned row."""
    return f'"{thing.version}"'


def with_version(response: Response, thing) -> Response:
    """The response with the ETag of the row it shows."""
    response["ETag"] = etag(thing)
    return response


def require_version(request, thing) -> int:
    """The version that the request was made for: pass it to the action, which checks it again under its lock.

    Raises PreconditionRequired, PreconditionFailed.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        raise PreconditionRequired
    tags = {tag.strip().removeprefix("W/") for tag in sent.split(",")}
    if "*" not in tags and etag(thing) not in tags:
        raise PreconditionFailed(headers={"ETag": etag(thing)}, version=thing.version)
    return thing.version


def idempotent(handler=None, *, required: bool = False):
    """For handlers of POST: the same Idempotency-Key and body have one effect and one answer, for 24 hours.

    The answer is kept in the transaction of the effect: one is never there without the other.
    """
    if handler is None:
        return lambda handler: idempotent(handler, required=required)

    @wraps(handler)
    def once(view, request, *args, **kwargs):
        key = request.headers.get(IDEMPOTENCY_HEADER, "")
        if not key:
            if required:
                raise BadQuery(f"Send an {IDEMPOTENCY_HEADER} header: a new one for each intent.")
            return handler(view, request, *args, **kwargs)
        if len(key) > 100 or not key.isprintable():
            raise BadQuery(f"An {IDEMPOTENCY_HEADER} has at most 100 printable characters.")
        with transaction.atomic():
            _claim(request.user, key)
            kept = IdempotentRequest.objects.filter(user=request.user, key=key).first()
            if kept is not None:
                return _replay(kept, _fingerprint(request))
            fingerprint = _fingerprint(request)
            response = handler(view, request, *args, **kwargs)
            _keep(response, request.user, key, fingerprint)
            return response

    # What the schema tells of it.
    once.idempotency_key = "required" if required else "optional"
    return once


def _claim(user, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"idempotent:{user.pk}:{key}"])
        if not cursor.fetchone()[0]:
            raise StillRunning


def _fingerprint(request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    files = getattr(request, "FILES", {})
    if not files:
        data = request.data.dict() if hasattr(request.data, "dict") else request.data
        # The standard library's: a body may hold numbers and half characters that orjson does not write.
        digest.update(json.dumps(data, sort_keys=True, default=str).encode())
        return digest.hexdigest()
    for name in sorted(request.POST):
        digest.update(f"{name}={request.POST.getlist(name)}\n".encode())
    for name in sorted(files):
        for file in files.getlist(name):
            digest.update(f"{name} {file.name} {file.size}\n".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _keep(response, user, key: str, fingerprint: str) -> None:
    if response.status_code >= 400:
        # Nothing happened: the same request may succeed later.
        return
    IdempotentRequest.objects.create(
        user=user,
        key=key,
        fingerprint=fingerprint,
        status_code=response.status_code,
        headers={name: response[name] for name in _KEPT_HEADERS if response.has_header(name)},
        body=OrjsonRenderer().render(response.data) if isinstance(response, Response) else response.content,
    )


def _replay(kept: IdempotentRequest, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise KeyReused
    response = HttpResponse(bytes(kept.body), status=kept.status_code, headers=kept.headers)
    response["Content-Type"] = OrjsonRenderer.media_type
    response["Idempotent-Replayed"] = "true"
    return response
