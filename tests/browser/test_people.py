"""Inviting, joining and letting go, in a browser."""

import re

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from accounts.actions import invitations, members, teams, tokens
from accounts.models import Membership
from tests import factories

MEMBERS = "/organizations/northwind/members/"


@pytest.fixture
def ada(ada):
    """Ada, who knows her password."""
    ada.set_password(factories.PASSWORD)
    ada.save(update_fields=["password"])
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    return ada


@pytest.fixture
def signed_in(page, session_of):
    """The page, signed in as that person."""

    def signed_in(user):
        page.context.add_cookies(session_of(user)["cookies"])
        return page

    return signed_in


def send_menu(page, name, entry):
    row = page.get_by_role("row", name=re.compile(name))
    row.get_by_role("button", name=f"What may be done with {name}").click()
    row.get_by_role("button", name=entry).click()


def test_a_person_is_invited_joins_and_signs_in_again(signed_in, browser, base_url, kestrel, ada, mailoutbox):
    page = signed_in(ada)
    page.goto(MEMBERS)
    page.get_by_label("E-mail", exact=True).fill("nora@northwind.example")
    page.get_by_label("Team", exact=False).first.select_option("Kestrel")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("row", name=re.compile("nora@northwind.example"))).to_contain_text("Developer of Kestrel")
    expect(page.locator(".toast")).to_contain_text("The invitation to nora@northwind.example is on its way.")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("")

    nora = browser.new_context(base_url=base_url).new_page()
    nora.goto(re.search(r"/invitations/[\w-]+/", mailoutbox[-1].body)[0])
    nora.get_by_label("Your name").fill("Nora Lind")
    nora.get_by_label("A password").fill(factories.PASSWORD)
    nora.get_by_role("button", name="Join").click()
    nora.wait_for_url(f"{base_url}/")
    nora.context.clear_cookies()
    nora.goto(MEMBERS)
    nora.get_by_label("Email").fill("nora@northwind.example")
    nora.get_by_label("Password").fill(factories.PASSWORD)
    nora.get_by_role("button", name="Sign in").click()

    nora.wait_for_url(f"{base_url}{MEMBERS}")
    expect(nora.get_by_role("row", name=re.compile("Nora Lind"))).to_contain_text("Kestrel")
    nora.context.close()


def test_deactivating_is_undone_from_the_toast(signed_in, complaints, ada, dev):
    page = signed_in(ada)
    page.goto(MEMBERS)

    send_menu(page, "Dev Patel", "Deactivate")
    expect(page.get_by_role("button", name="Reactivate Dev Patel")).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Undo").click()

    expect(page.locator(".toast")).to_contain_text("Dev Patel is back.")
    expect(page.get_by_role("button", name="Reactivate Dev Patel")).to_have_count(0)
    assert Membership.objects.get(user=dev).deactivated_at is None
    assert complaints == []


def test_a_refusal_says_why(signed_in, ada):
    page = signed_in(ada)
    page.goto(MEMBERS)

    send_menu(page, "Ada Byron", "Deactivate")

    expect(page.locator(".toast")).to_contain_text("The organization needs an admin.")


def test_a_wrong_address_is_said_at_its_field(signed_in, ada, dev):
    page = signed_in(ada)
    page.goto(MEMBERS)

    page.get_by_label("E-mail", exact=True).fill(dev.email)
    page.get_by_role("button", name="Send the invitation").click()

    expect(page.locator("#invite-form")).to_contain_text("This person is in the organization already.")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value(dev.email)


def test_it_works_without_scripts(browser, base_url, session_of, ada, dev):
    context = browser.new_context(base_url=base_url, java_script_enabled=False, storage_state=session_of(ada))
    page = context.new_page()
    page.goto(MEMBERS)

    send_menu(page, "Dev Patel", "Deactivate")
    expect(page.locator(".toast")).to_contain_text("Dev Patel is deactivated.")
    page.get_by_role("button", name="Reactivate Dev Patel").click()

    expect(page.locator(".toast")).to_contain_text("Dev Patel is back.")
    context.close()


@pytest.mark.parametrize(
    "path",
    [MEMBERS, "/organizations/northwind/teams/", "/organizations/northwind/", "/profile/", "/profile/tokens/create/"],
)
def test_a_page_of_people_has_no_barriers(barriers, session_of, kestrel, ada, mia, dev, path):
    invitations.invite(
        kestrel.organization, by=ada, email="a.very.long.address.of.somebody@subsidiary.northwind.example"
    )
    teams.archive(teams.create(kestrel.organization, name="Heron", by=ada), by=ada)
    former = factories.MemberFactory(name="Otto Krag", organization=kestrel.organization)
    members.deactivate(Membership.objects.get(user=former), by=ada)
    tokens.create(ada, by=ada, name="Build server", scopes=["item:write", "backlog:read"])

    assert barriers(path, session_of(ada)) == []


def test_the_first_run_has_no_barriers(barriers, transactional_db):
    assert barriers("/welcome/") == []
