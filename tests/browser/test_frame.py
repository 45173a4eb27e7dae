"""The frame around every page: menus, keys, toasts, the theme; on a page made of base.html alone."""

import pytest
from django.template import engines
from django.test import RequestFactory
from playwright.sync_api import expect

from backlog.navigation import navigation

PAGE = """{% extends "base.html" %}{% block title %}Frame{% endblock %}
{% block main %}<div class="page"><h1>Frame</h1><input aria-label="Filter" data-do="filter"></div>{% endblock %}"""


@pytest.fixture
def frame(page, base_url, session_of, ines):
    """Opens the frame as Ines sees it."""
    page.context.add_cookies(session_of(ines)["cookies"])

    def frame():
        request = RequestFactory().get("/frame/")
        request.user, request.resolver_match = ines, None
        html = engines["django"].from_string(PAGE).render(navigation(request), request)
        page.route(f"{base_url}/frame/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto("/frame/")
        page.wait_for_load_state("networkidle")
        return page

    return frame


def send_toast(page, **detail):
    page.evaluate("detail => document.dispatchEvent(new CustomEvent('toast', {detail}))", detail)


def test_a_menu_opens_beside_its_button_and_obeys_the_arrow_keys(frame):
    page = frame()
    button = page.locator(".app .nav-who")

    button.click()

    expect(page.get_by_role("switch", name="Plain language")).to_be_focused()
    menu, place = page.locator("#person").bounding_box(), button.bounding_box()
    assert menu["x"] == place["x"]
    assert menu["y"] + menu["height"] <= place["y"]
    page.get_by_role("link", name="Profile").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#person").get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#person")).to_be_hidden()


def test_the_help_lists_only_the_keys_of_this_page(frame):
    page = frame()

    page.keyboard.press("?")

    rows = page.locator("#keys li span").all_inner_texts()
    assert "Filter" in rows
    assert "New item" not in rows


def test_single_keys_rest_while_somebody_types(frame):
    page = frame()

    page.keyboard.press("/")
    page.keyboard.type("a/b?")

    expect(page.get_by_label("Filter")).to_have_value("a/b?")
    expect(page.locator("#keys")).to_be_hidden()


def test_single_keys_can_be_switched_off(frame, ines):
    ines.has_shortcuts = False
    page = frame()

    page.keyboard.press("?")

    expect(page.locator("#keys")).to_be_hidden()


def test_a_toast_leaves_after_eight_seconds(frame, page):
    page.clock.install()
    frame()

    send_toast(page, text="PAY-131 moved from 11 to 8.")
    # The clock goes on by itself meanwhile.
    page.clock.run_for(7000)
    expect(page.get_by_text("PAY-131 moved")).to_be_visible()
    page.clock.run_for(1100)

    expect(page.get_by_text("PAY-131 moved")).to_have_count(0)


def test_a_toast_stays_under_the_pointer(frame, page):
    page.clock.install()
    frame()

    send_toast(page, text="PAY-131 moved from 11 to 8.")
    page.get_by_text("PAY-131 moved").hover()
    page.clock.run_for(20_000)
    expect(page.get_by_text("PAY-131 moved")).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(8100)

    expect(page.get_by_text("PAY-131 moved")).to_have_count(0)


def test_undo_posts_where_the_toast_says_with_the_token(frame, page):
    frame()
    page.route("**/undo/", lambda route: route.fulfill(status=204))

    send_toast(page, text="PAY-131 moved from 11 to 8.", undo_url="/undo/")
    with page.expect_request("**/undo/") as sent:
        page.get_by_role("button", name="Undo").click()

    assert sent.value.method == "POST"
    assert len(sent.value.headers["x-csrftoken"]) == 64


def test_the_theme_switches_at_once_and_is_sent_to_the_profile(frame, page):
    page.emulate_media(color_scheme="light")
    frame()

    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator(".app").get_by_role("button", name="Switch light and dark").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert 'name="theme"\r\n\r\ndark' in sent.value.post_data


def test_a_region_that_htmx_takes_away_stops_listening(frame, page):
    frame()
    page.evaluate("""() => {
        const box = document.createElement("div");
        box.innerHTML = '<p id="echo" data-behaviour="announcer"></p>';
        document.querySelector("main").append(box);
        htmx.process(box);
        document.dispatchEvent(new CustomEvent("htmx:load", {detail: {elt: box}}));
        window.echo = document.getElementById("echo");
        htmx.swap(box, "<p>gone</p>", {swapStyle: "innerHTML"});
    }""")
    page.wait_for_function("!window.echo.isConnected")

    page.evaluate("document.dispatchEvent(new CustomEvent('announce', {detail: 'moved'}))")

    assert page.evaluate("window.echo.textContent") == ""
    expect(page.locator("#live")).to_have_text("moved")
