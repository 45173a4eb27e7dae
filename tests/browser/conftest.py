"""A real Chromium on the real pages."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from tests import factories

# Playwright's synchronous interface runs a loop of its own in this thread; the tests' database calls are safe.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="session")
def base_url(live_server):
    return live_server.url


@pytest.fixture
def complaints(page):
    """What the browser has to say: errors of scripts, and what the content security policy kept out."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: message.type == "error" and found.append(message.text))
    return found


@pytest.fixture
def barriers(browser, base_url):
    """What keeps people out of a path, reached by `steps` on the page if given: what axe finds in both schemes and
    widths, content wider than the screen, and what the browser says while the page's own policy is in force."""

    def opened(path, steps, storage_state, **options):
        page = browser.new_context(base_url=base_url, storage_state=storage_state, **options).new_page()
        said = []
        page.on("pageerror", lambda error: said.append(("a script", str(error))))
        page.on("console", lambda told: told.type == "error" and said.append((told.location["url"], told.text)))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        if steps:
            steps(page)
            page.wait_for_load_state("networkidle")
        return page, said

    def barriers(path, storage_state=None, steps=None):
        page, said = opened(path, steps, storage_state)
        # A refusal is an answer; browsers put its status into their console all the same. The live stream is served
        # beside Django, which this server isn't: test_order_list.py runs the whole one.
        found = [
            (where, text)
            for where, text in said
            if "the server responded" not in text or (where != page.url and "/live/" not in where)
        ]
        page.context.close()
        for scheme in SCHEMES:
            for width in WIDTHS:
                # axe is injected, which the policy of the page would refuse.
                view = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}}
                page, _ = opened(path, steps, storage_state, bypass_csp=True, **view)
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append((scheme, width, "wider than the screen"))
                for violation in Axe().run(page).response["violations"]:
                    places = [node["html"][:160] for node in violation["nodes"]]
                    found.append((scheme, width, violation["id"], places))
                page.context.close()
        return found

    return barriers


@pytest.fixture
def session_of(base_url):
    """What playwright takes as storage state: a person's signed-in session, just shown to be theirs."""

    def session_of(user):
        client = Client()
        client.force_login(user)
        client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        address = {"domain": base_url.split("/")[2].split(":")[0], "path": "/"}
        attributes = {"httpOnly": True, "secure": False, "sameSite": "Lax", "expires": -1}
        return {"cookies": [{"name": cookie.key, "value": cookie.value} | address | attributes], "origins": []}

    return session_of


@pytest.fixture
def page_as(browser, base_url, session_of):
    """Opens a page as somebody. A page that is left open, or in the middle of loading, holds the server's threads,
    they hold the database, and emptying that for the next test ends in a deadlock."""
    contexts = []

    def page_as(user):
        contexts.append(browser.new_context(base_url=base_url, storage_state=session_of(user)))
        return contexts[-1].new_page()

    yield page_as
    for context in contexts:
        for page in context.pages:
            page.wait_for_load_state("networkidle")
        context.close()
