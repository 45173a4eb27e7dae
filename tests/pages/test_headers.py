"""Every kind of answer carries the headers that protect who reads it."""

import pytest
from django.test import Client

from tests.attempts import content_of

ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains; preload"
HTMX = {"HX-Request": "true"}
ITEM = "/products/PAY/items/{number}/"

# kind: (method, address, headers of the request, status)
ANSWERS = {
    "a page": ("get", "/products/PAY/backlog/", {}, 200),
    "a fragment": ("get", "/products/PAY/backlog/?after=", HTMX, 200),
    "a change over htmx": ("post", ITEM + "begin/", HTMX, 204),
    "a change and a redirect": ("post", ITEM + "stop/", {}, 303),
    "a refusal as fragment": ("post", ITEM + "comments/", HTMX, 422),
    "a refusal as page": ("post", ITEM + "comments/", {}, 422),
    "forbidden": ("post", "/products/PAY/settings/archive/", {}, 403),
    "nothing there": ("get", "/products/NONE/backlog/", {}, 404),
    "a wrong method": ("get", ITEM + "begin/", {}, 405),
    "an address of nothing": ("get", "/nowhere", {}, 404),
    "an attachment": ("get", "/attachments/{attachment}/", {}, 200),
    "an export": ("get", "/products/PAY/export/", {}, 200),
    "the API": ("get", "/api/v1/products/PAY", {}, 200),
    "a problem of the API": ("get", "/api/v1/products/NONE", {}, 404),
    "a bad token": ("get", "/api/v1/products", {"Authorization": "Bearer upn_wrong"}, 401),
    "the documentation of the API": ("get", "/api/v1/docs/", {}, 200),
    "a static file": ("get", "/static/css/tokens.css", {}, 200),
    "health": ("get", "/healthz", {}, 200),
}


@pytest.fixture
def secure(settings, world):
    """A browser of Ines over TLS, with the server's strict transport on."""
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    client = Client()
    client.force_login(world.ines)
    return client


def test_every_kind_of_answer_is_protected(world, secure):
    wrong = []

    for kind, (method, address, sent, status) in ANSWERS.items():
        where = address.format(number=world.first.number, attachment=world.attachment.pk)
        response = getattr(secure, method)(where, headers=sent, secure=True)
        found = {name: response.headers.get(name) for name in ALL}
        policy = response.headers.get("Content-Security-Policy", "")
        is_closed = "unsafe" not in policy and "default-src 'none'" in policy
        is_static = where.startswith("/static/")
        kept = response.headers.get("Cache-Control", "")
        is_kept_private = is_static or "private" in kept or "no-store" in kept
        is_right = (
            response.status_code == status
            and found == ALL
            and response.headers.get("Strict-Transport-Security") == HSTS
            and "camera=()" in response.headers.get("Permissions-Policy", "")
            and is_closed
            and is_kept_private
            and (is_static or response.headers.get("X-Frame-Options") == "DENY")
            and "X-Request-ID" in response.headers
            and "Server" not in response.headers
        )
        if not is_right:
            wrong.append((kind, response.status_code, dict(response.headers), content_of(response)[:200]))

    assert wrong == []
