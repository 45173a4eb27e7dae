"""A real Chromium on the real pages."""

import os
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from tests import factories, servers
from tests.conftest import WITHOUT_LIMITS

# Playwright's synchronous interface runs a loop of its own in this thread; the tests' database calls are safe.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

WIDTHS = (1280, 390)
EVERYTHING = {"resultTypes": ["violations"]}
# What the dark scheme can change of all that: it has the same elements in the same places.
COLOURS = EVERYTHING | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# No colour is on its way to another.
AT_REST = "document.getAnimations().filter((one) => one.transitionProperty).forEach((one) => one.finish())"


_under_way = []


@pytest.fixture(scope="session")
def base_url(live_server):
    answer = live_server.thread.httpd.get_app()

    def noted(environ, start_response):
        _under_way.append(environ)
        try:
            return answer(environ, start_response)
        finally:
            _under_way.remove(environ)

    live_server.thread.httpd.set_app(noted)
    return live_server.url


@pytest.fixture(autouse=True)
def all_answered(transactional_db):
    """The pages of a test are closed by then. What they asked for last holds the database, and emptying that for the
    next test would end in a deadlock."""
    yield
    for _ in range(1000):
        if not _under_way:
            return
        time.sleep(0.01)


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

    def barriers(path, storage_state=None, steps=None):
        found = []
        for width in WIDTHS:
            view = {"viewport": {"width": width, "height": 844}}
            page = browser.new_context(base_url=base_url, storage_state=storage_state, **view).new_page()
            said = []
            page.on("pageerror", lambda error, said=said: said.append(("a script", str(error))))
            page.on(
                "console",
                lambda told, said=said: told.type == "error" and said.append((told.location["url"], told.text)),
            )
            page.goto(path)
            page.wait_for_load_state("networkidle")
            if steps:
                steps(page)
                page.wait_for_load_state("networkidle")
            # A refusal is an answer; browsers put its status into their console all the same. The live stream is
            # served beside Django, which this server isn't: test_order_list.py runs the whole one.
            found += [
                (width, where, text)
                for where, text in said
                if "the server responded" not in text or (where != page.url and "/live/" not in where)
            ]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((width, "wider than the screen"))
            found += [(width, *violation) for violation in violations(page)]
            page.context.close()
        return found

    return barriers


def violations(page):
    """What axe finds on a page as it stands, in the light scheme and then in the dark one."""
    found = []
    for scheme, options in (("light", EVERYTHING), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AT_REST)
        found += [
            (scheme, violation["id"], [node["html"][:160] for node in violation["nodes"]])
            for violation in Axe().run(page, options=options).response["violations"]
        ]
    return found


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
    """Opens a page as somebody."""
    contexts = []

    def page_as(user):
        contexts.append(browser.new_context(base_url=base_url, storage_state=session_of(user)))
        return contexts[-1].new_page()

    yield page_as
    for context in contexts:
        context.close()


@pytest.fixture
def open_as(browser, transactional_db):
    """Opens pages as somebody, each in a browser of its own, on the real server with its live streams."""
    contexts = []
    with servers.granian(DEBUG="1", **WITHOUT_LIMITS) as port, servers.relay():

        def open_as(user, path):
            client = Client()
            client.force_login(user)
            address = f"http://127.0.0.1:{port}"
            contexts.append(browser.new_context(base_url=address))
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            contexts[-1].add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])
            page = contexts[-1].new_page()
            page.goto(path)
            return page

        yield open_as
        for context in contexts:
            context.close()
