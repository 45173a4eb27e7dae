"""Measures the list in a real Chromium: frames while 10,000 rows scroll and are dragged, first paint, script size."""

import os
import sys
from dataclasses import dataclass

import django

# The browser speaks plain HTTP here, which the cookies of production don't travel on; all else is as there.
os.environ.pop("UNDERPIN_PRODUCTION", None)
django.setup()

# ruff: noqa: E402  the imports below need Django to be ready


from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import sync_playwright

from bench import world as worlds
from bench.backlogs import PORT, _server

SIZE = 10_000
RUNS = 3
SECONDS = 4
CHROMIUM = os.environ.get("UNDERPIN_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
# The bars of PERFORMANCE.md.
MOST_P95_MS, MOST_SLOW_SHARE, MOST_MS, MOST_SCRIPT_KIB, MOST_PAINT_MS = 17, 0.5, 100, 60, 1000

_WATCH = """() => {
  window.frames_ = [];
  let last = performance.now();
  const tick = (now) => {
    window.frames_.push(now - last);
    last = now;
    window.watching = requestAnimationFrame(tick);
  };
  window.watching = requestAnimationFrame(tick);
}"""
_WATCHED = "() => (cancelAnimationFrame(window.watching), window.frames_.slice(1))"
_SCRIPTS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/static/js/")).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
_PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0].startTime"""


@dataclass(frozen=True)
class Frames:
    """p95, most: milliseconds; slow: percent of frames over 50 ms."""

    p95: float
    slow: float
    most: float

    def __str__(self):
        return f"p95 {self.p95:.1f} ms, {self.slow:.2f} % over 50 ms, longest {self.most:.0f} ms"


def measure() -> None:
    """Build 10,000 items, serve them, print what the browser saw: the best of three runs beside each bar."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    organization, admin, team, token = worlds.found()
    print(f"building {SIZE:,} items …", file=sys.stderr)
    world = worlds.build(organization, admin, team, token, SIZE)
    cookie = _cookie(admin)
    with _server(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = _page(browser, cookie)
        page.goto(f"/products/{world.product.key}/backlog/")
        page.wait_for_selector("order-list[data-commands]")
        taken_over = page.evaluate("performance.now()")
        print(f"first paint {page.evaluate(_PAINT):.0f} ms (bar {MOST_PAINT_MS}), the whole list {taken_over:.0f} ms")
        print(f"own scripts {page.evaluate(_SCRIPTS) / 1024:.1f} KiB compressed (bar {MOST_SCRIPT_KIB})")
        for name, act in (("at rest", _rest), ("scroll", _scroll), ("drag", _drag)):
            runs = [_frames(page, act) for _ in range(RUNS)]
            best = min(runs, key=lambda frames: (frames.slow, frames.most, frames.p95))
            print(f"{name}: {best} (bar p95 {MOST_P95_MS}, {MOST_SLOW_SHARE} % over 50, none over {MOST_MS})")
        browser.close()


def _cookie(user):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "domain": "127.0.0.1", "path": "/"}


def _page(browser, cookie):
    context = browser.new_context(base_url=f"http://127.0.0.1:{PORT}", viewport={"width": 1440, "height": 900})
    context.add_cookies([cookie])
    return context.new_page()


def _frames(page, act):
    page.evaluate("() => scrollTo(0, 0)")
    page.wait_for_timeout(500)
    page.evaluate(_WATCH)
    act(page)
    taken = sorted(page.evaluate(_WATCHED))
    return Frames(
        p95=taken[int(0.95 * (len(taken) - 1))],
        slow=100 * sum(frame > 50 for frame in taken) / len(taken),
        most=taken[-1],
    )


def _rest(page):
    """Nothing happens: what the machine itself leaves of the frames."""
    page.wait_for_timeout(1000 * SECONDS)


def _scroll(page):
    page.mouse.move(700, 600)
    for _ in range(SECONDS * 25):
        page.mouse.wheel(0, 240)
        page.wait_for_timeout(40)


def _drag(page):
    """The first row, held near the lower edge, where the page scrolls by itself."""
    row = page.locator(".order-body > .row").first
    row.hover()
    box = row.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, 890, steps=20)
    page.wait_for_timeout(1000 * SECONDS)
    if not page.evaluate("() => scrollY > 1000 && document.querySelector('.row.is-dragging') !== null"):
        raise SystemExit("Nothing was dragged.")
    page.keyboard.press("Escape")
    page.mouse.up()
