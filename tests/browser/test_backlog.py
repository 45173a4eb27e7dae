"""The pages of a product in a browser: moves, undo, filters, keys; no barriers, nothing kept out. The island of the
list has tests of its own: here it stays away, and the rows of the server do what it would."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from backlog.actions import dependencies, items, ordering, questions
from backlog.models import Item
from tests import factories


@pytest.fixture
def backlog(payments, payouts, ines):
    """Three items and a few marks: the third stands above what it needs."""
    made = [
        items.create(payments, by=ines, title="Retry a failed payout", kind="functional", type="story", points=5),
        items.create(payments, by=ines, title="Idempotency keys", kind="technical", type="enabler", component=payouts),
        items.create(payments, by=ines, title="Weekend payouts", kind="functional", type="bug"),
    ]
    dependencies.add(made[2], made[1], by=ines)
    questions.ask(made[0], "How often?", by=ines)
    ordering.pin(made[0], by=ines)
    items.propose(payments, by=ines, title="Seven-day windows", kind="technical", type="infrastructure")
    return made


@pytest.fixture
def cookies(base_url):
    def cookies(user):
        client = Client()
        client.force_login(user)
        (name, morsel), *_ = client.cookies.items()
        return [{"name": name, "value": morsel.value, "url": base_url}]

    return cookies


@pytest.fixture
def browse(page, context, cookies, complaints):
    """Opens a path as somebody, and fails if the browser complains."""

    def browse(user, path):
        context.add_cookies(cookies(user))
        page.route("**/order-list.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    yield browse
    # A refusal is an answer; browsers put it into their console all the same.
    assert [text for text in complaints if "409" not in text and "422" not in text] == []


def titles(page):
    return page.locator(".list .row .row-title > a").all_inner_texts()


def open_menu(page, key):
    page.get_by_role("button", name=f"What may be done with {key}").click()


def test_a_move_is_shown_at_once_and_undone_from_the_toast(browse, ines, backlog):
    page = browse(ines, "/products/PAY/backlog/")

    open_menu(page, "PAY-3")
    page.get_by_role("button", name="Move to the top").click()

    expect(page.locator(".row-title > a").first).to_have_text("Weekend payouts")
    expect(page.locator(".toast")).to_contain_text("PAY-3 moved to 1.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".row-title > a").first).to_have_text("Retry a failed payout")


def test_an_inversion_is_mended_by_one_click(browse, ines, backlog):
    page = browse(ines, "/products/PAY/backlog/")

    page.get_by_role("button", name="Above PAY-3").click()

    expect(page.locator(".flag.bad")).to_have_count(0)
    assert titles(page) == ["Retry a failed payout", "Weekend payouts", "Idempotency keys"]


def test_a_row_keeps_the_keyboard_after_its_move(browse, ines, backlog):
    page = browse(ines, "/products/PAY/backlog/")
    more = page.get_by_role("button", name="What may be done with PAY-2")

    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open PAY-2")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.locator(".row-title > a").first).to_have_text("Idempotency keys")
    expect(page.get_by_role("button", name="What may be done with PAY-2")).to_be_focused()


def test_n_opens_the_form_for_a_new_item(browse, ines, backlog):
    page = browse(ines, "/products/PAY/backlog/")

    page.keyboard.press("n")
    page.keyboard.type("Tell why a payout waits")
    page.keyboard.press("Enter")

    expect(page.locator(".row-title > a").first).to_have_text("Tell why a payout waits")
    expect(page.get_by_label("Title", exact=True)).to_have_value("")


@pytest.mark.parametrize(
    ("field", "sent"), [("Position for PAY-1", "2"), ("Key of the item to put PAY-1 next to", "3")]
)
def test_enter_in_a_menu_field_presses_its_own_button(browse, ines, backlog, field, sent):
    ordering.unpin(backlog[0], by=ines)
    page = browse(ines, "/products/PAY/backlog/")

    open_menu(page, "PAY-1")
    page.get_by_label(field).fill(sent)
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_contain_text("PAY-1 moved to 2.")


def test_the_filter_works_as_a_form(browse, ines, backlog):
    page = browse(ines, "/products/PAY/backlog/?filter=kind:functional")

    page.get_by_label("Filter the backlog").fill("retry")
    page.keyboard.press("Enter")
    expect(page.locator(".row-title > a")).to_have_text("Retry a failed payout")

    page.get_by_role("link", name="Lift the filter kind:functional").click()
    expect(page).to_have_url(re.compile(r"\?filter=retry$"))
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Kind").select_option("Technical")
    page.get_by_role("button", name="Show only these").click()
    expect(page).to_have_url(re.compile("filter=kind%3Atechnical$"))
    assert titles(page) == ["Idempotency keys"]


def test_show_more_appends_and_a_move_keeps_what_is_shown(browse, ines, payments, backlog):
    factories.enter_items(payments, 110, by=ines)
    page = browse(ines, "/products/PAY/backlog/")
    expect(page.locator(".row")).to_have_count(100)

    page.get_by_role("link", name="Show more").click()
    expect(page.locator(".row")).to_have_count(113)
    open_menu(page, "PAY-114")
    page.get_by_role("button", name="Move up").click()

    expect(page.locator(".toast")).to_contain_text("moved to 112.")
    expect(page.locator(".row")).to_have_count(113)


def test_a_proposed_item_is_accepted_into_the_list(browse, ines, backlog):
    page = browse(ines, "/products/PAY/backlog/")

    page.get_by_role("button", name="Accept at the top").click()

    expect(page.locator(".row-title > a").first).to_have_text("Seven-day windows")


def test_an_item_is_refined_without_leaving_its_page(browse, ines, backlog):
    page = browse(ines, "/products/PAY/items/1/")

    page.get_by_label("A comment").fill("not sent yet")
    page.get_by_label("A new criterion").fill("Never paid twice")
    page.get_by_role("button", name="Add", exact=True).first.click()
    expect(page.locator(".criteria")).to_contain_text("Never paid twice")
    expect(page.get_by_label("A new criterion")).to_have_value("")
    expect(page.get_by_label("A comment")).to_have_value("not sent yet")

    page.get_by_role("button", name="Criterion 1 is met").click()
    expect(page.locator(".criteria")).to_contain_text("met, says Ines Falkner")


def test_a_circle_is_explained(browse, ines, backlog):
    page = browse(ines, "/products/PAY/items/3/")

    page.get_by_label("Key of the other item").fill("PAY-2")
    page.locator(".tie button").click()

    circle = page.get_by_role("alert")
    expect(circle).to_contain_text("That would close a circle.")
    expect(circle.get_by_role("listitem")).to_contain_text(["PAY-2 Idempotency keys", "PAY-3 Weekend payouts", "PAY-2"])


def test_two_who_write_at_once_see_both_texts(browse, ines, backlog):
    page = browse(ines, "/products/PAY/items/1/edit/")
    items.edit(Item.objects.get(pk=backlog[0].pk), by=ines, description="Theirs")

    page.get_by_label("Description").fill("Mine")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Ines Falkner changed PAY-1 while you wrote")).to_be_visible()
    expect(page.locator(".theirs")).to_have_text("Theirs")
    expect(page.get_by_label("Your description")).to_have_value("Mine")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_everything_works_without_scripts(browse, ines, backlog):
    page = browse(ines, "/products/PAY/backlog/")

    open_menu(page, "PAY-2")
    page.get_by_role("button", name="Move up").click()

    assert titles(page)[0] == "Idempotency keys"
    expect(page.locator(".toast")).to_contain_text("PAY-2 moved to 1.")
    expect(page.locator(".menu.is-placed")).to_have_count(0)


@pytest.mark.parametrize(
    "path",
    ["/", "/for-you/", "backlog/", "items/1/", "items/1/edit/", "components/", "history/", "sprints/", "settings/"],
)
def test_a_page_has_no_barriers(barriers, cookies, ines, backlog, path):
    full = path if path.startswith("/") else f"/products/PAY/{path}"
    state = {
        "cookies": [
            {"domain": "localhost", "path": "/", "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
            | {"name": one["name"], "value": one["value"]}
            for one in cookies(ines)
        ],
        "origins": [],
    }

    assert barriers(full, state) == []
