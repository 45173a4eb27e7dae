"""The pages without navigation, in a browser."""

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

PATHS = ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/"]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_barriers(barriers, path, ines):
    assert barriers(path) == []


def test_a_page_keeps_to_the_content_security_policy(page, complaints, ines):
    page.goto("/accounts/login/")
    page.wait_for_load_state("networkidle")

    assert complaints == []
    assert page.evaluate("document.fonts.check('16px \"Schibsted Grotesk\"')")
    assert page.evaluate("getComputedStyle(document.querySelector('.mark .disc')).fill") != "rgb(0, 0, 0)"


def test_signing_in_works_by_keyboard(page, ines):
    ines.set_password("a long enough phrase")
    ines.save(update_fields=["password"])
    EmailAddress.objects.create(user=ines, email=ines.email, verified=True, primary=True)
    page.goto("/accounts/login/")

    page.get_by_label("Email").focus()
    page.keyboard.type(ines.email)
    page.keyboard.press("Tab")
    page.keyboard.type("a long enough phrase")
    page.keyboard.press("Enter")

    page.wait_for_url("/")
    page.goto("/accounts/password/change/")
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
