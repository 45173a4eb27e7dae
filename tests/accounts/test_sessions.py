"""How sessions begin and end (S16), and where sign-in may lead (S18)."""

import logging
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client
from django.utils import timezone
from structlog.stdlib import ProcessorFormatter

from tests import factories

LOGIN = "/accounts/login/"
PROFILE = "/profile/"


@pytest.fixture
def dev(dev):
    """Dev, who knows his password."""
    dev.set_password(factories.PASSWORD)
    dev.save(update_fields=["password"])
    EmailAddress.objects.create(user=dev, email=dev.email, primary=True, verified=True)
    return dev


@pytest.fixture
def sign_in(dev):
    def sign_in(client=None, **form):
        client = client or Client()
        client.post(LOGIN, {"login": dev.email, "password": factories.PASSWORD, **form})
        return client

    return sign_in


def is_signed_in(client):
    return client.get(PROFILE).status_code == 200


def test_signing_in_gives_a_new_session(client, sign_in, invited):
    client.get(f"/invitations/{invited.token}/")
    before = client.cookies[settings.SESSION_COOKIE_NAME].value

    sign_in(client)

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_signing_out_ends_the_session_on_the_server(sign_in):
    client = sign_in()
    kept = client.cookies[settings.SESSION_COOKIE_NAME].value

    client.post("/accounts/logout/")

    client.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert not is_signed_in(client)


def test_a_session_left_alone_for_twelve_hours_ends(sign_in):
    client = sign_in()

    with time_machine.travel(timezone.now() + timedelta(hours=12, minutes=1)):
        assert not is_signed_in(client)


def test_a_session_in_use_lasts_fourteen_days_and_no_longer(sign_in):
    client, begin = sign_in(), timezone.now()

    for hours in range(8, 14 * 24, 8):
        with time_machine.travel(begin + timedelta(hours=hours)):
            assert is_signed_in(client), hours
    with time_machine.travel(begin + timedelta(days=14, minutes=1)):
        assert not is_signed_in(client)


def test_a_new_password_ends_every_other_session(sign_in):
    here, elsewhere = sign_in(), sign_in()
    new = "another horse entirely"

    here.post("/accounts/password/change/", {"oldpassword": factories.PASSWORD, "password1": new, "password2": new})

    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


# The library tells of it on commit, which is within the request only when the test holds no transaction.
def test_switching_on_two_steps_ends_every_other_session(transactional_db, sign_in, dev):
    here, elsewhere = sign_in(), sign_in()
    here.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    secret = here.get("/accounts/2fa/totp/activate/").context["form"].secret

    here.post("/accounts/2fa/totp/activate/", {"code": totp.format_hotp_value(_code(secret))})

    assert Authenticator.objects.filter(user=dev, type=Authenticator.Type.TOTP).exists()
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def _code(secret):
    return totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "https:evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://testserver@evil.example/",
        "https://testserver.evil.example/",
        "/%09/evil.example",
        "\t//evil.example",
        "//evil.example\\@testserver/",
    ],
)
def test_sign_in_leads_to_our_own_pages_only(dev, client, target):
    response = client.post(LOGIN, {"login": dev.email, "password": factories.PASSWORD, "next": target})

    assert response.status_code == 302
    assert response["Location"] in ("/", "/%09/evil.example")


def test_the_secret_of_a_link_stays_out_of_the_log(client, invited, caplog):
    with caplog.at_level("INFO"):
        client.get(f"/invitations/{invited.token}/")

    ours = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, ProcessorFormatter))
    lines = [ours.format(record) for record in caplog.records]
    assert any("/invitations/.../" in line for line in lines)
    assert not any(invited.token in line for line in lines)
