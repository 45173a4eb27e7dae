"""Measures the list in a real Chromium: first paint, frames while 10,000 rows scroll and are dragged, script size.

The rows are those of a product in use: half as many dependencies as items, a fifth of them inverted, dates from a
forecast, a goal. Each visit starts with an empty cache; the server has just started and answered nobody.
"""

import os
import random
import sys
from collections import defaultdict
from dataclasses import dataclass

import django

# The browser speaks plain HTTP here, which the cookies of production don't travel on; all else is as there.
os.environ.pop("UNDERPIN_PRODUCTION", None)
django.setup()

# ruff: noqa: E402  the imports below need Django to be ready


from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import sync_playwright

from backlog.actions import goals
from backlog.models import Item, ItemCounter
from bench import world as worlds
from bench.backlogs import PORT, _server
from roadmap.actions import forecasts

SIZE = 10_000
RUNS = 3
SECONDS = 4
IN_GOAL = 60
CHROMIUM = os.environ.get("UNDERPIN_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
# The bars of PERFORMANCE.md.
MOST_P95_MS, MOST_SLOW_SHARE, MOST_MS, MOST_SCRIPT_KIB, MOST_PAINT_MS = 17, 0.5, 100, 60, 1000
MOST_REQUEST_MS = 150

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
# What the server took, by address: static files and the stream, which never ends, aside.
_REQUESTS = """() => ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
  .map(({ name, requestStart, responseStart }) => [new URL(name).pathname, responseStart - requestStart])
  .filter(([path]) => !path.startsWith("/static/") && !path.startsWith("/live/"))"""


@dataclass(frozen=True)
class Visit:
    """Milliseconds from the click: rows on the screen, the whole list in the hand; and of each request, by path."""

    paint: float
    list: float
    requests: dict[str, float]


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
    _put_in_use(world.product, admin, team)
    cookie = _cookie(admin)
    address = f"/products/{world.product.key}/backlog/"
    with _server(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        _say_paint([_visit(browser, cookie, address) for _ in range(2 * RUNS)])
        page = _page(browser, cookie)
        _open(page, address)
        print(f"own scripts {page.evaluate(_SCRIPTS) / 1024:.1f} KiB compressed (bar {MOST_SCRIPT_KIB})")
        for name, act in (("at rest", _rest), ("scroll", _scroll), ("drag", _drag)):
            runs = [_frames(page, act) for _ in range(RUNS)]
            best = min(runs, key=lambda frames: (frames.slow, frames.most, frames.p95))
            print(f"{name}: {best} (bar p95 {MOST_P95_MS}, {MOST_SLOW_SHARE} % over 50, none over {MOST_MS})")
        browser.close()


def _put_in_use(product, admin, team):
    rng, today = random.Random(SIZE), timezone.localdate()
    Item.objects.filter(product=product).update(team=team)
    ranked = list(Item.objects.filter(product=product).ranked().values_list("pk", flat=True))
    worlds.depend(product, ranked, admin, rng)
    worlds.finish(product, admin, [team], first=SIZE + 1, before=today, rng=rng)
    ItemCounter.objects.filter(product=product).update(last_number=SIZE + worlds.PAST_WEEKS * worlds.DONE_A_WEEK)
    goal = goals.create(product, title="Payouts in a minute", by=admin)
    Item.objects.filter(pk__in=ranked[:IN_GOAL]).update(goal=goal)
    if not forecasts.record(product, on=today, by=admin).has_dates:
        raise SystemExit("The forecast holds no dates.")


def _visit(browser, cookie, address) -> Visit:
    page = _page(browser, cookie)
    _open(page, address)
    whole = page.evaluate("performance.now()")
    # The fragments of the page; the stream keeps the network from ever being idle.
    page.wait_for_timeout(1000)
    requests = defaultdict(float)
    for path, took in page.evaluate(_REQUESTS):
        requests[path] = max(requests[path], took)
    visit = Visit(paint=page.evaluate(_PAINT), list=whole, requests=requests)
    page.context.close()
    return visit


def _open(page, address):
    page.goto(address)
    page.wait_for_selector("order-list[data-commands]")


def _say_paint(visits):
    """The first visit is told apart: its answers come from processes that have served nobody."""
    first, *later = visits
    paints = " ".join(f"{visit.paint:.0f}" for visit in later)
    best = min(later, key=lambda visit: visit.paint)
    print(f"first paint {best.paint:.0f} ms, the best of {paints} (bar {MOST_PAINT_MS}); first visit {first.paint:.0f}")
    print(f"the whole list {min(visit.list for visit in later):.0f} ms; first visit {first.list:.0f}")
    for path in sorted(set().union(*(visit.requests for visit in later))):
        took = min(visit.requests[path] for visit in later if path in visit.requests)
        print(f"  {path} {took:.0f} ms (bar {MOST_REQUEST_MS})")


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
