"""Signing in, and the mails that help when it fails."""

import re

import pytest
from django.urls import reverse


@pytest.fixture
def reset(client):
    return lambda email: client.post(reverse("account_reset_password"), {"email": email})


def test_the_sign_in_page_has_no_navigation(client, ines):
    page = client.get(reverse("account_login"))

    assert page.status_code == 200
    assert "<nav" not in page.content.decode()


def test_a_wrong_password_is_refused_without_saying_what_was_wrong(client, ines):
    known = client.post(reverse("account_login"), {"login": ines.email, "password": "wrong"})
    unknown = client.post(reverse("account_login"), {"login": "nobody@example.com", "password": "wrong"})

    refusals = [re.search(r'role="alert">.*?</div>', page.content.decode(), re.S).group() for page in (known, unknown)]
    assert refusals[0] == refusals[1]


def test_a_reset_mail_holds_one_link_in_both_forms(reset, ines, mailoutbox):
    reset(ines.email)

    (mail,) = mailoutbox
    (html,) = (part.content for part in mail.alternatives)
    assert mail.subject == "Choose a new password"
    (link,) = re.findall(r"https?://\S+/reset/\S+", mail.body)
    assert f'href="{link}"' in html


def test_a_reset_for_an_unknown_address_answers_the_same(reset, ines, mailoutbox):
    known, unknown = reset(ines.email), reset("nobody@example.com")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [mail.subject for mail in mailoutbox] == ["Choose a new password", "No account with this address"]
    assert "nobody@example.com" in mailoutbox[1].body


def test_nobody_signs_up_without_an_invitation(client):
    assert "by invitation" in client.get(reverse("account_signup")).content.decode()
