"""A real Chromium on the real pages."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

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
    """Barriers that axe finds on a path in both schemes and widths, and content wider than the screen."""

    def barriers(path, storage_state=None):
        found = []
        for scheme in SCHEMES:
            for width in WIDTHS:
                # axe is injected, which the policy of the page would refuse.
                context = browser.new_context(
                    base_url=base_url,
                    bypass_csp=True,
                    color_scheme=scheme,
                    viewport={"width": width, "height": 844},
                    storage_state=storage_state,
                )
                page = context.new_page()
                page.goto(path)
                page.wait_for_load_state("networkidle")
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append((scheme, width, "wider than the screen"))
                for violation in Axe().run(page).response["violations"]:
                    places = [node["html"][:160] for node in violation["nodes"]]
                    found.append((scheme, width, violation["id"], places))
                context.close()
        return found

    return barriers
