"""Guessing is counted; when it can't be counted, nobody signs in, and the rest goes on."""

import signal
import time

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from core import middleware, rates
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.test_rates")]

RIGHT = factories.PASSWORD


def fine(request):
    return HttpResponse("fine")


class Numbers(APIView):
    permission_classes = [AllowAny]

    def get(self, request):
        return Response([])


urlpatterns = [path("fine/", fine), path("api/v1/numbers/", Numbers.as_view()), path("", include("config.urls"))]
handler400, handler403 = "core.views.bad_request", "core.views.permission_denied"
handler404, handler500 = "core.views.not_found", "core.views.server_error"


@pytest.fixture(autouse=True)
def valkey(own_valkey):
    return own_valkey


@pytest.fixture
def ines_with_password(ines):
    from allauth.account.models import EmailAddress

    ines.set_password(RIGHT)
    ines.save()
    EmailAddress.objects.create(user=ines, email=ines.email, verified=True, primary=True)
    return ines


def sign_in(client, email, password, **options):
    return client.post("/accounts/login/", {"login": email, "password": password}, **options)


def test_the_eleventh_guess_at_an_account_is_refused_wherever_it_comes_from(ines_with_password):
    statuses = [
        sign_in(
            Client(REMOTE_ADDR=f"10.0.0.{number}"),
            ines_with_password.email.upper() if number % 2 else ines_with_password.email,
            "wrong",
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(11)
    ]

    assert statuses == [200] * 10 + [429]


def test_even_the_right_password_waits_then(ines_with_password):
    for _ in range(10):
        sign_in(Client(), ines_with_password.email, "wrong")

    response = sign_in(Client(), ines_with_password.email, RIGHT)

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 600
    assert "too often" in response.content.decode()


def test_the_owner_gets_in_from_a_browser_that_was_here_before(ines_with_password, settings):
    known = Client()
    assert sign_in(known, ines_with_password.email, RIGHT).status_code == 302
    for _ in range(12):
        sign_in(Client(), ines_with_password.email, "wrong")

    known.cookies.pop(settings.SESSION_COOKIE_NAME)
    response = sign_in(known, ines_with_password.email, RIGHT)

    assert response.status_code == 302


def test_a_good_sign_in_costs_no_try(ines_with_password):
    statuses = {sign_in(Client(), ines_with_password.email, RIGHT).status_code for _ in range(15)}

    assert statuses == {302}


def test_an_address_that_tries_many_accounts_is_refused(settings):
    settings.RATE_LIMITS = [rule | {"address": (3, 600)} for rule in settings.RATE_LIMITS]

    statuses = [sign_in(Client(), f"p{number}@x.example", "wrong").status_code for number in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_a_forged_header_is_no_address(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.9"}, REMOTE_ADDR="127.0.0.1")

    assert middleware.client_address(request) == "127.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert middleware.client_address(request) == "10.0.0.9"


def test_reset_is_limited_too(ines_with_password):
    statuses = [
        Client().post("/accounts/password/reset/", {"email": ines_with_password.email}).status_code for _ in range(11)
    ]

    assert statuses == [302] * 10 + [429]


def test_without_valkey_nobody_signs_in_and_reading_goes_on(valkey, ines_with_password):
    reader = Client()
    reader.force_login(ines_with_password)
    valkey.stop()
    began = time.monotonic()

    refused = sign_in(Client(), ines_with_password.email, RIGHT)
    read = [reader.get("/fine/").status_code for _ in range(5)]

    assert (refused.status_code, refused["Retry-After"]) == (503, "30")
    assert "nobody can sign in" in refused.content.decode()
    assert read == [200] * 5
    assert time.monotonic() - began < 3


def test_a_valkey_that_hangs_costs_no_reader_more_than_a_moment(valkey, ines_with_password):
    reader = Client()
    reader.force_login(ines_with_password)
    valkey.process.send_signal(signal.SIGSTOP)
    try:
        refused = sign_in(Client(), ines_with_password.email, RIGHT)
        began = time.monotonic()
        read = [reader.get(address).status_code for address in ["/fine/", "/api/v1/numbers/"] * 5]
        seconds = time.monotonic() - began
    finally:
        valkey.process.send_signal(signal.SIGCONT)

    assert refused.status_code == 503
    assert read == [200] * 10
    assert seconds < 2


def test_bad_tokens_are_counted_by_address(settings):
    settings.BAD_TOKENS_PER_ADDRESS = (3, 600)

    statuses = [
        Client().get("/api/v1/numbers/", headers={"Authorization": f"Bearer upn_{number}"}).status_code
        for number in range(5)
    ]

    assert statuses == [401, 401, 401, 429, 429]


def test_a_rate_by_name_says_when_to_come_back(settings):
    settings.RATES = {"dance": (2, 60)}
    rates.allow("dance", 1)
    rates.allow("dance", 1)
    rates.allow("dance", 2)

    with pytest.raises(rates.TooFast) as refusal:
        rates.allow("dance", 1)

    assert 0 < refusal.value.retry_after <= 60


def test_a_rate_by_name_holds_nobody_up_without_valkey(valkey, settings):
    settings.RATES = {"dance": (1, 60)}
    valkey.stop()

    for _ in range(3):
        rates.allow("dance", 1)
