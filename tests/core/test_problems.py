"""Whatever goes wrong, programs get problem details and people a sentence."""

import time

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import InvalidInput, RuleViolation

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.test_problems")]


class TooLate(RuleViolation):
    code = "too_late"
    message = "The sprint has ended."


class Input(serializers.Serializer):
    points = serializers.IntegerField(max_value=100)
    title = serializers.CharField()


def late(request):
    raise TooLate(neighbours=[3, 4])


def wrong(request):
    raise InvalidInput("A title is missing.", field="title")


def forbidden(request):
    raise PermissionDenied("Only the product owner moves items.")


def slow(request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'")
        cursor.execute("SELECT pg_sleep(5)")


def broken(request):
    raise ValueError("secret")


def fine(request):
    return HttpResponse("fine")


class Numbers(APIView):
    authentication_classes = [SessionAuthentication]
    permission_classes = [AllowAny]

    def post(self, request):
        parsed = Input(data=request.data)
        parsed.is_valid(raise_exception=True)
        return Response(parsed.data)


VIEWS = [late, wrong, forbidden, slow, broken, fine]
for view in VIEWS:
    view.login_required = False
urlpatterns = [
    *[path(f"{door}{view.__name__}/", view) for view in VIEWS for door in ("", "api/v1/")],
    path("api/v1/numbers/", Numbers.as_view()),
    path("", include("config.urls")),
]
handler400, handler403 = "core.views.bad_request", "core.views.permission_denied"
handler404, handler500 = "core.views.not_found", "core.views.server_error"


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def told(response):
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body.pop("request_id") == response["X-Request-ID"] != ""
    assert body["status"] == response.status_code
    return body


def test_a_broken_rule_tells_its_code_and_what_goes_with_it(client):
    response = client.get("/api/v1/late/")

    assert told(response) == {
        "type": "/problems/too_late",
        "title": "In conflict with the present state",
        "status": 409,
        "detail": "The sprint has ended.",
        "code": "too_late",
        "neighbours": [3, 4],
    }


def test_wrong_input_points_at_its_field(client):
    response = client.get("/api/v1/wrong/")

    assert told(response)["errors"] == [{"pointer": "/title", "code": "invalid_input", "detail": "A title is missing."}]
    assert response.status_code == 422


def test_a_serializer_points_at_every_wrong_field(client):
    response = client.post("/api/v1/numbers/", {"points": 900}, content_type="application/json")

    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in told(response)["errors"]] == [
        ("/points", "max_value"),
        ("/title", "required"),
    ]


@pytest.mark.parametrize(
    ("method", "route", "options", "status", "code"),
    [
        ("get", "/api/v1/nowhere/", {}, 404, "not_found"),
        ("get", "/api/v1/numbers/", {}, 405, "method_not_allowed"),
        ("options", "/api/v1/numbers/", {}, 405, "method_not_allowed"),
        ("post", "/api/v1/numbers/", {"data": "{", "content_type": "application/json"}, 400, "bad_request"),
        ("post", "/api/v1/numbers/", {"data": "a", "content_type": "text/csv"}, 415, "unsupported_media_type"),
        ("get", "/api/v1/forbidden/", {}, 403, "not_allowed"),
        ("get", "/api/v1/broken/", {}, 500, "server_error"),
    ],
)
def test_the_api_answers_every_error_with_a_problem(client, method, route, options, status, code):
    response = getattr(client, method)(route, **options)

    body = told(response)
    assert (response.status_code, body["code"], body["type"]) == (status, code, f"/problems/{code}")
    assert "secret" not in response.content.decode()


def test_a_session_needs_the_csrf_token(ines):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ines)

    response = client.post("/api/v1/numbers/", {"points": 1, "title": "x"}, content_type="application/json")

    assert (response.status_code, told(response)["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("door", ["/", "/api/v1/"])
def test_a_body_beyond_the_limit_is_refused_unread(client, door):
    response = client.post(f"{door}fine/", b"x" * (6 * 1024 * 1024), content_type="application/json")

    assert response.status_code == 413


@pytest.mark.parametrize("door", ["/", "/api/v1/"])
def test_a_slow_statement_ends_in_503_with_a_time_to_retry(client, door):
    began = time.monotonic()

    response = client.get(f"{door}slow/")

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert time.monotonic() - began < 4


def test_a_page_says_the_sentence(client):
    response = client.get("/forbidden/")

    assert response.status_code == 403
    assert "Only the product owner moves items." in response.content.decode()


def test_a_fragment_leaves_the_page_as_it_is_and_toasts_the_sentence(client):
    response = client.get("/late/", headers={"HX-Request": "true"})

    assert response.status_code == 409
    assert response["HX-Reswap"] == "none"
    assert "The sprint has ended." in response["HX-Trigger"]
    assert response.content.decode().startswith("<p")


def test_a_page_without_csrf_token_is_refused(ines):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ines)

    response = client.post("/fine/")

    assert response.status_code == 403
    assert "nothing was changed" in response.content.decode()


@pytest.mark.parametrize("route", ["/fine/", "/late/", "/broken/", "/nowhere/", "/api/v1/late/", "/static/none.css"])
def test_every_answer_has_the_security_headers(client, route):
    headers = client.get(route).headers

    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "object-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Request-ID"]


def test_a_fragment_of_somebody_signed_out_leads_the_whole_page_to_sign_in(client):
    response = client.get("/accounts/2fa/", headers={"HX-Request": "true", "HX-Current-URL": "http://x/products/PAY/"})

    assert response.status_code == 204
    assert response["HX-Redirect"] == "/accounts/login/?next=%2Fproducts%2FPAY%2F"


@pytest.mark.parametrize("route", ["/invitations/{}/", "/accounts/password/reset/key/5-{}/", "/nowhere/?token={}"])
def test_the_log_holds_no_link_that_opens_anything(client, caplog, route):
    secret = "c9wq3v-2f7a0b1e5d6c4a8f9e0d1c2b3a4f5e6d"

    with caplog.at_level("DEBUG"):
        client.get(route.format(secret))

    assert "request_finished" in caplog.text
    assert secret not in caplog.text


@pytest.mark.urls("config.urls")
@pytest.mark.parametrize(
    "address",
    [
        "/products/PAY/backlog/?q=a%00b",
        "/products/PAY/backlog/?kind=%00",
        "/products/P%00Y/backlog/",
        "/products/PAY/items/1%00/",
        "/api/v1/products/P%00Y",
    ],
)
def test_a_nul_character_in_an_address_is_refused(client, ines, address):
    client.force_login(ines)

    assert client.get(address).status_code in (400, 404)
