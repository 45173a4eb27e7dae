"""The list a product owner orders all day, in a browser, on the real server with its live stream."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from backlog.actions import delegations, goals, ordering
from backlog.actions import items as actions
from backlog.models import Dependency, Item, Move
from roadmap.actions import forecasts
from tests import factories, servers
from tests.browser.conftest import WIDTHS, violations
from tests.conftest import WITHOUT_LIMITS
from tests.roadmap import pasts

BACKLOG = "/products/PAY/backlog/"
TITLES = (
    "Idempotency keys on the payout API",
    "Merchant sees a payout arrive within 10 seconds",
    "Rotate the acquirer signing certificate before 31 Jan",
    "Retry a failed payout without paying twice",
    "Show the fee before a merchant confirms a payout",
    "Contract tests between payout API and ledger",
    "Refund part of an order from the order page",
    "Weekend payouts for merchants with instant settlement",
    "Tell the merchant why a payout is on hold",
    "Replace the hand-written ISO 20022 mapper",
    "Run settlement windows seven days a week",
    "Export payouts as CSV with the bank reference",
)
TECHNICAL = {1: "enabler", 3: "security", 6: "test_architecture", 10: "debt", 11: "infrastructure"}

STATES = {
    "at rest": (),
    "current": ("j",) * 8,
    "selected": ("x", "Shift+J"),
    "in the hand": ("Space", "ArrowUp", "ArrowUp"),
    "dialog": ("Escape", "m"),
    "beside": ("Escape", "Enter"),
}


@pytest.fixture(scope="module")
def site(django_db_setup):
    """One server for all tests here, whose rows come and go under it."""
    with servers.granian(DEBUG="1", **WITHOUT_LIMITS) as port, servers.relay():
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def items(transactional_db, payments, ines, payouts, kestrel):
    """Twelve items of Payments by their place; 2 and 4 need 1, and 8 needs 11, which stands below."""
    made = {}
    for place, title in enumerate(TITLES, 1):
        type = TECHNICAL.get(place, "story")
        made[place] = factories.ItemFactory(
            product=payments,
            title=title,
            kind="technical" if place in TECHNICAL else "functional",
            type=type,
            points=(5, 8, 3, 5, 3, 5, 5, 8, 3, 5, 8, 2)[place - 1],
            component=payouts,
            team=kestrel,
            checks_met=4 if place % 3 == 0 else 5,
            checks_total=5,
        )
    for dependent, enabler in ((2, 1), (4, 1), (8, 11)):
        Dependency.objects.create(
            organization=payments.organization, dependent=made[dependent], enabler=made[enabler], created_by=ines
        )
    return made


@pytest.fixture
def state_of(site):
    """What playwright takes as storage state: a person's signed-in session."""

    def state_of(user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        attributes = {"domain": "127.0.0.1", "path": "/", "httpOnly": True, "secure": False, "sameSite": "Lax"}
        return {"cookies": [{"name": cookie.key, "value": cookie.value, "expires": -1} | attributes], "origins": []}

    return state_of


@pytest.fixture
def backlog(browser, site, state_of, items):
    """Opens the backlog as somebody sees it; the list has taken over when it returns."""
    contexts, unanswered = [], set()

    def backlog(user, path=BACKLOG, **options):
        context = browser.new_context(base_url=site, storage_state=state_of(user), **options)
        contexts.append(context)
        context.on("request", lambda request: "/live/" in request.url or unanswered.add(request))
        context.on("requestfinished", lambda request: unanswered.discard(request))
        context.on("requestfailed", lambda request: unanswered.discard(request))
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.goto(path)
        page.wait_for_selector("order-list[data-commands]")
        return page

    yield backlog
    # What the server still does holds the database, and emptying that for the next test would end in a deadlock.
    for _ in range(500):
        if not unanswered:
            break
        contexts[0].pages[0].wait_for_timeout(10)
    for context in contexts:
        context.close()


def numbers(page):
    """The numbers of the items on the screen, top first."""
    return page.evaluate(
        """[...document.querySelectorAll(".order-body > .row:not([hidden])")].sort((a, b) => a.index - b.index)
        .map((row) => Number(row.querySelector(".key").textContent.split("-")[1]))"""
    )


def kept(payments):
    return list(Item.objects.filter(product=payments).ranked().values_list("number", flat=True))


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def row(page, number):
    return page.locator(".order-body > .row:not([hidden])", has=page.get_by_text(f"PAY-{number}", exact=True))


def expect_order(page, payments, expected, *, shown=None):
    """On the screen, where a filter may leave some out, and with the server."""
    wanted = (shown or expected, expected)
    for _ in range(100):
        if (numbers(page), kept(payments)) == wanted:
            return
        page.wait_for_timeout(100)
    assert (numbers(page), kept(payments)) == wanted


def test_keys_move_an_item_and_take_it_back(backlog, ines, payments):
    page = backlog(ines)

    press(page, "j", "j", "Alt+ArrowDown", "Alt+ArrowDown")

    expect(page.locator("#live")).to_have_text("PAY-2 moved from 3 to 4.")
    expect_order(page, payments, [1, 3, 4, 2, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(page.locator(".toast .msg")).to_have_text("PAY-2 moved from 2 to 4.")
    press(page, "z")
    expect(page.locator("#live")).to_have_text("Taken back. PAY-2 is at 2.")
    expect_order(page, payments, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    press(page, "Shift+Z")
    expect(page.locator("#live")).to_have_text("Moved again. PAY-2 is at 4.")
    expect_order(page, payments, [1, 3, 4, 2, 5, 6, 7, 8, 9, 10, 11, 12])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#live")).to_have_text("Taken back. PAY-2 is at 2.")
    expect_order(page, payments, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    # By touch too.
    page.get_by_role("button", name="Redo").click()
    expect_order(page, payments, [1, 3, 4, 2, 5, 6, 7, 8, 9, 10, 11, 12])
    press(page, "Shift+X")
    expect(page.locator(".picked > b")).to_contain_text("12 items")
    assert page.complaints == []


def test_an_item_is_picked_up_put_back_and_dropped(backlog, ines, payments):
    page = backlog(ines)

    press(page, "j", "End", "Space", "Home")

    expect(page.locator("#live")).to_have_text("1 of 12. Needs nothing here, and nothing here needs it.")
    assert numbers(page)[0] == 12
    press(page, "Escape")
    expect(page.locator("#live")).to_have_text("PAY-12 is back at 12.")
    expect_order(page, payments, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    press(page, "Space", "ArrowUp", "ArrowUp", "Space")
    expect_order(page, payments, [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11])
    assert page.complaints == []


def test_a_dialog_moves_to_a_position_and_next_to_a_key(backlog, ines, payments):
    page = backlog(ines)

    press(page, "j", "m")
    page.get_by_label("Position or key").fill("PAY-99")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_have_text("There is no PAY-99 in this list.")
    page.get_by_label("Position or key").fill("5")
    press(page, "Enter")

    expect_order(page, payments, [2, 3, 4, 5, 1, 6, 7, 8, 9, 10, 11, 12])
    press(page, "m")
    page.get_by_label("Position or key").fill("pay-2")
    press(page, "Enter")
    expect_order(page, payments, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    press(page, "m")
    page.get_by_role("button", name="To the bottom").click()
    expect_order(page, payments, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1])
    assert page.complaints == []


def drag(page, number, to):
    """By its grip past the middle of the row that shows another item."""
    grip = row(page, number)
    grip.hover()
    start = grip.locator(".grip").bounding_box()
    page.mouse.move(start["x"] + 8, start["y"] + start["height"] / 2)
    page.mouse.down()
    is_down = row(page, to).bounding_box()["y"] > start["y"]
    if is_down:
        # Where it was lifted a hole stays, and what follows moves on.
        page.mouse.move(start["x"] + 12, start["y"] + 60, steps=8)
        page.wait_for_timeout(400)
    end = row(page, to).bounding_box()
    page.mouse.move(start["x"] + 12, end["y"] + end["height"] * (0.7 if is_down else 0.3), steps=8)
    page.wait_for_timeout(100)


def test_a_row_is_dragged(backlog, ines, payments):
    page = backlog(ines)

    drag(page, 9, 3)

    expect(page.locator(".effect")).to_contain_text("Put PAY-9 at 3")
    page.mouse.up()
    expect_order(page, payments, [1, 2, 9, 3, 4, 5, 6, 7, 8, 10, 11, 12])
    drag(page, 9, 5)
    press(page, "Escape")
    page.mouse.up()
    expect_order(page, payments, [1, 2, 9, 3, 4, 5, 6, 7, 8, 10, 11, 12])
    assert page.complaints == []


def test_selected_rows_are_dragged_as_a_block(backlog, ines, payments):
    page = backlog(ines)
    press(page, "j", "j", "x", "j", "j", "x", "Shift+J")
    expect(page.locator(".picked")).to_contain_text("3 items · 16 pts")

    drag(page, 4, 10)
    page.mouse.up()

    expect_order(page, payments, [1, 3, 6, 7, 8, 9, 10, 2, 4, 5, 11, 12])
    press(page, "Escape")
    expect(page.locator(".picked")).to_be_hidden()
    assert page.complaints == []


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def finger(page):
    """Puts a finger down, moves it or lifts it."""
    touch = page.context.new_cdp_session(page)

    def send(type, y):
        points = [] if type == "touchEnd" else [{"x": 200, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": type, "touchPoints": points})

    return send


def lift(page, send, number):
    """By a long press, and a little downwards."""
    start = row(page, number).bounding_box()
    send("touchStart", start["y"] + 30)
    page.wait_for_timeout(500)
    for step in range(12):
        send("touchMove", start["y"] + 30 + 10 * step)
        page.wait_for_timeout(20)


def test_a_finger_drags_after_a_long_press(backlog, ines, payments):
    page = backlog(ines, **PHONE)
    send = finger(page)

    lift(page, send, 2)
    expect(page.locator(".effect b")).to_have_text("Put PAY-2 at 3")
    # A row is where it is drawn only when it has stopped gliding.
    page.evaluate("() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished))")
    send("touchMove", row(page, 4).bounding_box()["y"] + 40)
    expect(page.locator(".effect b")).to_have_text("Put PAY-2 at 4")
    send("touchEnd", 0)

    expect_order(page, payments, [1, 3, 4, 2, 5, 6, 7, 8, 9, 10, 11, 12])
    assert page.complaints == []


def test_a_phone_orders_by_taps_alone(backlog, ines, payments, items):
    page = backlog(ines, **PHONE)
    send = finger(page)
    toast = page.locator(".toast .msg")
    menu = page.locator(".menu:popover-open")

    def choose(number, text):
        row(page, number).get_by_role("button", name=f"What may be done with PAY-{number}", exact=True).tap()
        menu.get_by_role("button", name=text).tap()

    # To a position, and back.
    choose(1, "Move to…")
    page.get_by_label("Position or key").fill("5")
    page.get_by_role("dialog").get_by_role("button", name="Move there").tap()
    expect_order(page, payments, [2, 3, 4, 5, 1, 6, 7, 8, 9, 10, 11, 12])
    page.get_by_role("button", name="Undo").tap()
    expect_order(page, payments, list(range(1, 13)))

    # A block, by the finger.
    choose(2, "Select")
    choose(4, "Select")
    expect(page.locator(".picked")).to_contain_text("2 items")
    lift(page, send, 2)
    expect(page.locator(".effect b")).to_contain_text("Put PAY-2 and 1 more at")
    send("touchEnd", 0)
    expect(toast).to_contain_text("PAY-2 and 1 more moved")
    block = kept(payments)
    assert block.index(4) == block.index(2) + 1
    page.get_by_role("button", name="Undo").tap()
    expect_order(page, payments, list(range(1, 13)))
    page.get_by_role("button", name="Select nothing").tap()

    # Under a filter, at the true place.
    page.get_by_role("button", name="Filter", exact=True).tap()
    page.locator("#filters").get_by_label("Kind").select_option(label="Technical")
    page.get_by_role("button", name="Show only these").tap()
    expect(page.locator(".fitting")).to_have_text("5 fit")
    choose(11, "Move up")
    mended = [1, 2, 3, 4, 5, 6, 11, 7, 8, 9, 10, 12]
    expect_order(page, payments, mended, shown=[1, 3, 6, 11, 10])
    page.get_by_role("link", name="Clear").tap()
    expect_order(page, payments, mended)

    # Others move meanwhile; what one puts next to may be gone; the connection goes and comes.
    ordering.move(payments, [items[12].pk], ordering.Place.top(), by=ines)
    expect_order(page, payments, [12, *mended[:-1]])
    page.route("**/moves", lambda route: (ordering_leaves(items[3], ines), route.continue_()))
    choose(12, "Move to…")
    page.get_by_label("Position or key").fill("PAY-3")
    page.get_by_text("Below the key").tap()
    page.get_by_role("dialog").get_by_role("button", name="Move there").tap()
    expect(toast).to_contain_text("PAY-12 stays where it was.")
    page.unroute("**/moves")
    left = [number for number in (12, *mended[:-1]) if number != 3]
    expect_order(page, payments, left)
    page.context.set_offline(True)
    choose(12, "Move to the bottom")
    expect(page.get_by_text("The connection is away.")).to_be_visible()
    assert kept(payments) == left
    page.context.set_offline(False)
    expect_order(page, payments, [*left[1:], 12])

    # What the palette finds opens over the list.
    page.get_by_role("button", name="More", exact=True).tap()
    page.get_by_role("link", name="Find or do").tap()
    page.get_by_role("combobox", name="Find or do").fill("pay-7")
    page.get_by_role("option", name=TITLES[6]).tap()
    expect(page.locator("#panel").get_by_role("heading", level=1)).to_have_text(TITLES[6])


def test_picked_rows_are_changed_together_and_back(backlog, ines, payments, items):
    page = backlog(ines)
    press(page, "j", "x", "Shift+J", "j", "j", "x")
    picked = page.get_by_role("region", name="Selected items")

    picked.get_by_role("button", name="Points").click()
    page.get_by_role("button", name="13", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("3 items: Points 13.")
    assert [row(page, number).locator(".pts").inner_text().split()[0] for number in (1, 2, 3, 4)] == [
        "13",
        "13",
        "3",
        "13",
    ]
    picked.get_by_role("button", name="Tag").click()
    page.get_by_role("button", name="New tag…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("pci")
    press(page, "Enter")
    expect(page.locator(".toast")).to_contain_text("3 items: Tag pci.")
    picked.get_by_role("button", name="Tag").click()
    expect(page.get_by_role("button", name="Without pci")).to_be_visible()
    assert set(Item.objects.filter(tag_links__tag__name="pci").values_list("number", flat=True)) == {1, 2, 4}
    press(page, "Escape")

    with page.expect_response("**/feed*"):
        page.locator(".toast").get_by_role("button", name="Undo").click()
    picked.get_by_role("button", name="Tag").click()
    expect(page.get_by_role("button", name="Without pci")).to_be_hidden()
    press(page, "Escape")
    picked.get_by_role("button", name="Drop").click()
    expect(row(page, 2)).to_have_count(0)
    page.locator(".toast", has_text="3 items dropped.").get_by_role("button", name="Undo").click()
    expect_order(page, payments, list(range(1, 13)))
    assert page.complaints == []


def test_fields_are_edited_where_they_stand(backlog, ines, dev, payments, payouts, items):
    """Five points and a title by key; Tab goes on; another's title beside one's own; and what a developer may not."""
    page = backlog(ines)
    told = page.locator(".toast .msg")

    press(page, "j", "e")
    expect(page.get_by_label("Points of PAY-1")).to_be_focused()
    page.keyboard.type("many")
    press(page, "Enter")
    expect(page.locator(".row-edit").get_by_role("alert")).to_have_text("Points: a number from 0 to 9999, or nothing.")
    page.get_by_label("Points of PAY-1").fill("13")
    press(page, "ArrowDown")
    expect(page.get_by_label("Points of PAY-1")).to_be_focused()
    press(page, "Enter")
    expect(row(page, 1).locator(".pts")).to_contain_text("13 points")
    expect(page.locator("#live")).to_have_text("PAY-1: points 13.")
    press(page, "F2")
    page.get_by_label("Title of PAY-1").fill("Pay out once")
    press(page, "Tab")
    page.get_by_label("Tags of PAY-1").fill("pci, Ledger")
    press(page, "Tab")
    page.get_by_role("button", name="Debt").click()
    expect(told).to_have_text("PAY-1: type Debt.")
    press(page, "c")
    page.get_by_role("button", name="No component").click()
    expect(told).to_have_text("PAY-1: component none.")
    press(page, "v")
    page.get_by_label("Business value").fill("40")
    page.get_by_label("Due on").fill("2031-01-31")
    press(page, "Enter")
    expect(told).to_have_text("PAY-1: cost of delay business value 40, due on 2031-01-31.")
    kept = Item.objects.get(pk=items[1].pk)
    assert (kept.title, kept.points, kept.type, kept.component, kept.business_value) == (
        "Pay out once",
        13,
        "debt",
        None,
        40,
    )
    assert set(kept.tag_links.values_list("tag__name", flat=True)) == {"pci", "Ledger"}
    press(page, "z")
    expect(told).to_have_text("PAY-1: cost of delay none.")

    press(page, "F2")
    page.get_by_label("Title of PAY-1").fill("Mine")
    actions.edit(items[1], by=ines, title="Theirs")
    press(page, "Enter")
    alert = page.locator(".row-edit").get_by_role("alert")
    expect(alert).to_have_text("Somebody has changed it meanwhile to Theirs. Yours: Mine.")
    expect(page.get_by_label("Title of PAY-1")).to_have_value("Mine")
    page.get_by_role("button", name="Keep mine").click()
    expect(told).to_have_text("PAY-1: title Mine.")
    assert Item.objects.get(pk=items[1].pk).title == "Mine"
    press(page, "F2")
    expect(page.get_by_label("Title of PAY-1")).to_be_focused()
    press(page, "Escape")
    expect(page.locator(".row-edit")).to_be_hidden()
    assert [text for text in page.complaints if "412" not in text] == []

    hers = backlog(dev, viewport={"width": 390, "height": 844})
    assert hers.locator("order-list").get_attribute("data-edits") == "points"
    row(hers, 3).locator(".pts").click()
    hers.get_by_label("Points of PAY-3").fill("0,5")
    press(hers, "Enter")
    expect(row(hers, 3).locator(".pts")).to_contain_text("0.5 points")
    press(hers, "F2")
    expect(hers.locator(".row-edit")).to_be_hidden()
    assert hers.complaints == []


def test_new_items_are_written_and_pasted_where_they_shall_stand(backlog, ines, dev, payments, items):
    """Two below the second row, a pasted list below those, all of it taken back at once; a developer proposes."""
    page = backlog(ines)
    told = page.locator(".toast .msg")
    title = page.get_by_label("Title of the new item")

    press(page, "j", "j", "n")
    expect(title).to_be_focused()
    page.keyboard.type("Hold a payout")
    press(page, "Enter")
    expect(told).to_have_text("PAY-13 is at 3.")
    page.keyboard.type("Release it")
    page.locator(".entry select").select_option("enabler")
    press(page, "Enter")
    expect(told).to_have_text("PAY-14 is at 4.")
    lines = ["", "- [ ] Ask for a second pair of eyes", "2) Tell the merchant", "* ***", "• " + "x" * 301, "Audit"]
    page.evaluate(
        """(text) => {
        const data = new DataTransfer();
        data.setData("text/plain", text);
        const paste = { clipboardData: data, bubbles: true, cancelable: true };
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", paste));
    }""",
        "\n".join(lines),
    )
    expect(page.locator(".entry [role=status]")).to_have_text(
        "3 items below PAY-14, as one change. "
        "1 line can't be used: a title has at most 300 characters. Shorten it here."
    )
    page.get_by_role("button", name="Add 3 items").click()
    expect(told).to_have_text("3 items are at 5.")
    expect_order(page, payments, [1, 2, 13, 14, 15, 16, 17, *range(3, 13)])
    assert page.get_by_label("One item a line").input_value() == lines[4]
    assert list(Item.objects.filter(number__gt=12).order_by("number").values_list("title", "type")) == [
        ("Hold a payout", "story"),
        ("Release it", "enabler"),
        ("Ask for a second pair of eyes", "enabler"),
        ("Tell the merchant", "enabler"),
        ("Audit", "enabler"),
    ]
    press(page, "Escape", "z")
    expect(told).to_have_text("3 items dropped.")
    expect_order(page, payments, [1, 2, 13, 14, *range(3, 13)])
    assert page.complaints == []

    hers = backlog(dev, viewport={"width": 390, "height": 844})
    hers.get_by_text("Propose an item").first.click()
    hers.get_by_label("Title of the proposed item").fill("Say when it arrives")
    press(hers, "Enter")
    expect(hers.locator(".toast .msg")).to_have_text("1 item is proposed. The product owner decides.")
    expect(hers.locator("#proposed")).to_be_visible()
    assert hers.complaints == []


def test_a_technical_owner_moves_among_the_lent_slots(backlog, ines, marek, payouts, payments, items):
    """1, 3, 6, 10 and 11 are technical items of Payouts; 6 is pinned, so that four slots are left."""
    ordering.pin(items[6], by=ines)
    delegations.grant(payouts, "order", marek, by=ines)
    page = backlog(marek)

    expect(page.locator(".note.tech")).to_contain_text("You can reorder the 4 technical slots of Payouts.")
    assert page.locator(".row.slot:not([hidden]) .key").all_inner_texts() == ["PAY-1", "PAY-3", "PAY-10", "PAY-11"]
    press(page, "j", "j", "Space")
    expect(page.locator("#live")).to_have_text("PAY-2 keeps its place: it is not lent to you.")
    drag(page, 10, 1)
    expect(page.locator("order-list")).to_have_class(re.compile("dragging-slots"))
    page.mouse.up()
    expect_order(page, payments, [10, 2, 1, 4, 5, 6, 7, 8, 9, 3, 11, 12])

    row(page, 11).locator(".row-title").click(position={"x": 5, "y": 5}, modifiers=["Control"])
    press(page, "Space", "ArrowUp", "ArrowUp", "Space")
    expect_order(page, payments, [10, 2, 11, 4, 5, 6, 7, 8, 9, 1, 3, 12])
    press(page, "z")
    expect_order(page, payments, [10, 2, 1, 4, 5, 6, 7, 8, 9, 3, 11, 12])
    assert page.complaints == []

    # By a finger too.
    phone = backlog(marek, **PHONE)
    send = finger(phone)
    lift(phone, send, 10)
    expect(phone.locator("order-list")).to_have_class(re.compile("dragging-slots"))
    send("touchEnd", 0)
    expect_order(phone, payments, [1, 2, 10, 4, 5, 6, 7, 8, 9, 3, 11, 12])


def test_what_is_lent_no_longer_is_refused_to_the_hand_that_holds_it(backlog, ines, marek, payouts, payments, items):
    lent = delegations.grant(payouts, "order", marek, by=ines)
    page = backlog(marek)
    drag(page, 10, 1)

    delegations.revoke(lent, by=ines)
    page.mouse.up()

    expect(page.locator(".toast .msg")).to_be_visible()
    expect_order(page, payments, list(range(1, 13)))
    assert not Move.objects.filter(by=marek).exists()


def test_one_click_mends_an_order_turned_around(backlog, ines, payments):
    page = backlog(ines)

    page.get_by_role("button", name="Above PAY-11, which it needs").click()

    expect_order(page, payments, [1, 2, 3, 4, 5, 6, 7, 11, 8, 9, 10, 12])
    expect(page.locator(".mend")).to_have_count(0)
    assert page.complaints == []


def test_a_refused_move_glides_back_and_says_why(backlog, ines, items, payments):
    page = backlog(ines)
    page.route("**/moves", lambda route: (ordering_leaves(items[3], ines), route.continue_()))

    press(page, "j", "m")
    page.get_by_label("Position or key").fill("PAY-3")
    page.get_by_text("Below the key").click()
    press(page, "Enter")

    expect(page.locator(".toast .msg")).to_contain_text("PAY-1 stays where it was.")
    expect_order(page, payments, [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12])


def ordering_leaves(item, by):
    with transaction.atomic():
        ordering.leave(ordering.lock(item.product_id), [item.pk], by=by)
        Item.objects.filter(pk=item.pk).update(status="dropped")


def test_a_lost_answer_is_asked_for_again_with_the_same_key(backlog, ines, payments):
    page = backlog(ines)
    keys = []

    def lose_the_first(route):
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            return route.abort()
        return route.continue_()

    page.route("**/moves", lose_the_first)

    press(page, "j", "Alt+ArrowDown")

    expect(page.locator(".toast .msg")).to_have_text("PAY-1 moved from 1 to 2.")
    expect_order(page, payments, [2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_a_change_of_somebody_else_comes_by_itself_with_a_tint(backlog, ines, dev, items, payments):
    page, of_dev = backlog(ines), backlog(dev)
    # Who else looks: each sees the other, with words beside the initials.
    expect(page.locator("#present")).to_contain_text(f"Also looking at this list: {dev.name}.")
    expect(of_dev.locator("#present .avatar")).to_have_text([ines.initials])
    of_dev.goto("about:blank")
    expect(page.locator("#present")).to_be_hidden()

    ordering.move(payments, [items[12].pk], ordering.Place.top(), by=ines)

    expect(row(page, 12)).to_have_class("row is-told")
    expect(page.locator("#live")).to_have_text("Somebody changed PAY-12. It is at 1.")
    assert numbers(page) == [12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert page.complaints == []


def test_changes_of_others_wait_while_a_row_is_in_the_hand(backlog, ines, items, payments):
    page = backlog(ines)
    page.wait_for_timeout(500)
    press(page, "j", "Space", "ArrowDown")

    ordering.move(payments, [items[12].pk], ordering.Place.top(), by=ines)

    page.wait_for_timeout(1500)
    assert numbers(page)[:2] == [2, 1]
    press(page, "Space")
    expect(row(page, 12).locator(".rank > b")).to_have_text("1")
    expect_order(page, payments, [12, 2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11])


def wait_until_at_rest(page):
    for _ in range(150):
        if page.evaluate("document.querySelector('order-list').isAtRest"):
            return
        page.wait_for_timeout(100)
    pytest.fail("moves are still on their way")


def test_two_browsers_that_order_at_once_end_equal(backlog, ines, payments):
    pages = [backlog(ines), backlog(ines)]

    for step in range(6):
        for page in pages:
            press(page, *["j"] * (step + 1), "Alt+ArrowDown" if step % 2 else "Alt+ArrowUp")
        press(pages[step % 2], "z")

    for page in pages:
        wait_until_at_rest(page)
    pages[0].wait_for_timeout(2000)
    assert numbers(pages[0]) == numbers(pages[1]) == kept(payments)
    # A refusal is a plain answer here: somebody may have nothing left to take back.
    complaints = {complaint for page in pages for complaint in page.complaints}
    assert {complaint for complaint in complaints if "409 (Conflict)" not in complaint} == set()


def test_rows_of_a_long_list_are_drawn_only_where_one_looks(backlog, ines, payments):
    factories.enter_items(payments, 3000, by=ines)
    page = backlog(ines)

    press(page, "j", "End")

    expect(page.locator(".row[aria-current] .rank > b")).to_have_text("3012")
    assert page.locator(".order-body > .row").count() < 80
    assert page.evaluate("scrollY") > 100_000
    press(page, "m")
    page.get_by_role("button", name="To the top").click()
    expect(page.locator(".row[aria-current] .rank > b")).to_have_text("1")
    assert page.locator(".order-grid").get_attribute("aria-rowcount") == "3012"
    # Ten rows: what is short lies inside, what does not meet shares a lane, what is not shown has none.
    lanes = page.evaluate(
        """async () => {
            const { spansOf } = await import("/static/js/elements/order-list/gutter.js");
            const middles = new Map([...Array(10).keys()].map((id) => [id, 10 * id]));
            const needs = new Map([[3, [0]], [2, [1]], [0, [5]], [9, [4]], [7, [88]]]);
            return spansOf(needs, middles).map(({ from, to, lane }) => [from, to, lane]).sort();
        }"""
    )
    assert lanes == [[0, 3, 1], [1, 2, 0], [4, 9, 0], [5, 0, 2]]
    assert page.complaints == []


def test_a_developer_sees_the_order_but_no_handles(backlog, dev, payments):
    page = backlog(dev)

    press(page, "j", "Alt+ArrowDown", "Space")

    assert numbers(page) == list(range(1, 13))
    assert page.locator(".grip:visible").count() == 0
    page.get_by_role("button", name="What may be done with PAY-1", exact=True).click()
    expect(page.locator(".menu:popover-open")).to_have_text("Open PAY-1OWhy here?WSelectXChange…")


def test_an_item_opens_beside_the_list(backlog, ines, payments):
    page = backlog(ines)
    panel = page.locator("#panel")

    press(page, "j", "j", "Enter")

    expect(panel.get_by_role("heading", level=1)).to_have_text(TITLES[1])
    assert page.url.endswith("?item=PAY-2")
    panel.get_by_role("button", name="Next item").click()
    expect(panel.get_by_role("heading", level=1)).to_have_text(TITLES[2])
    panel.get_by_label("Points", exact=True).fill("13")
    panel.get_by_role("button", name="Close").click()
    expect(page.locator(".toast .msg")).to_contain_text("What you wrote in PAY-3 is not saved.")
    panel.get_by_label("Points", exact=True).press_sequentially("0")
    panel.get_by_role("button", name="Next item").click()
    expect(panel.get_by_role("heading", level=1)).to_have_text(TITLES[2])
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()
    row(page, 3).get_by_role("link").click()
    panel.get_by_label("Points", exact=True).fill("13")
    panel.get_by_role("button", name="Estimate").click()
    expect(row(page, 3).locator(".pts")).to_have_text("13 points")
    expect(panel.locator("[name=points][value='13']")).to_be_visible()
    page.locator(".order-grid").focus()
    press(page, "j", "d")
    expect(panel.get_by_label("Key of the other item")).to_be_focused()
    expect(panel.get_by_role("heading", level=1)).to_have_text(TITLES[3])
    page.locator(".order-grid").focus()
    press(page, "k", "d")
    expect(panel.get_by_label("Key of the other item")).to_be_focused()
    expect(panel.get_by_role("heading", level=1)).to_have_text(TITLES[2])
    panel.get_by_role("button", name="Drop").click()
    expect(page.locator("#count > [aria-hidden]")).to_have_text("11")
    expect(panel.get_by_role("button", name="Bring back")).to_be_visible()
    page.reload()
    expect(panel.get_by_role("heading", level=1)).to_have_text(TITLES[2])
    page.locator(".order-grid").focus()
    press(page, "Escape")
    expect(panel).to_be_hidden()
    assert "item=" not in page.url
    assert page.complaints == []


def test_tab_goes_through_the_page_and_the_list_is_one_stop(backlog, ines, marek, payments, items):
    actions.propose(payments, by=marek, title="Keep the answers of banks", kind="technical", type="enabler")
    page = backlog(ines)
    expect(page.locator(".offered")).to_be_visible()
    said = "(document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()"

    stops = []
    while len(stops) < 100 and (not stops or page.evaluate("document.activeElement !== document.body")):
        press(page, "Tab")
        stops.append(page.evaluate(said))

    assert stops[0] == "Skip to content"
    within = ["Filter the backlog", "Filter", "Views", "New item", "Ordered backlog"]
    at = stops.index("Filter the backlog")
    # No row and nothing in one; what is proposed stands outside the order, and is reached behind it.
    assert stops[at : at + 7] == [*within, "Keep the answers of banks", "Decide about PAY-13"]
    press(page, "Shift+Tab")
    assert page.evaluate(said) == stops[-2]


def test_without_scripts_the_forms_still_move(browser, site, state_of, ines, items, payments):
    context = browser.new_context(base_url=site, storage_state=state_of(ines), java_script_enabled=False)
    page = context.new_page()
    page.goto(BACKLOG)

    page.get_by_role("button", name="What may be done with PAY-3").click()
    page.get_by_role("button", name="Move to the top").click()

    assert page.locator("ol.list .key").all_inner_texts()[0] == "PAY-3"
    assert kept(payments)[0] == 3
    context.close()


@pytest.fixture
def forecast(payments, kestrel, ines, items):
    """Three items a week for twelve weeks; 2 and 4 are all that is left of a goal."""
    goal = goals.create(payments, title="Instant payouts", by=ines)
    Item.objects.filter(pk__in=[items[2].pk, items[4].pk]).update(goal=goal)
    today = payments.organization.today()
    pasts.finish(payments, [3] * 12, on=today, team=kestrel)
    return forecasts.record(payments, on=today, by=ines)


def test_dates_move_with_the_order_and_every_place_has_its_reason(backlog, ines, payments, items, forecast):
    page = backlog(ines, viewport={"width": 1440, "height": 900})
    goal = page.locator(".rule.cast", has_text="Instant payouts")
    curve = forecast.teams[0]["curves"]["85"]
    before, after = (
        date_text(forecast.on + timedelta(weeks=next(week for week, done in enumerate(curve, 1) if done >= place)))
        for place in (4, 8)
    )
    expect(goal).to_have_text(f"Instant payouts done by {before} (85\u00a0%)")
    expect(row(page, 4).locator(".due")).to_have_text(before)

    # The goal's own rule is in the way of the first step, so the hole of a row comes on top only then.
    drag(page, 4, 9)
    expect(page.locator(".effect > b")).to_have_text("Put PAY-4 at 8")
    expect(page.locator(".effect li").first).to_have_text(f"Instant payouts moves from {before} to {after} (85\u00a0%)")
    expect(goal.locator(".delta")).to_contain_text(f"later, was {before}")
    page.mouse.up()
    expect(page.locator("#live")).to_have_text(
        f"PAY-4 moved from 4 to 8. Instant payouts moves from {before} to {after} (85\u00a0%)."
    )
    expect_order(page, payments, [1, 2, 3, 5, 6, 7, 8, 4, 9, 10, 11, 12])
    expect(goal).to_have_text(f"Instant payouts done by {after} (85\u00a0%)")

    press(page, "3")
    expect(page.locator("#confidence :checked")).to_have_value("95")
    expect(page.locator(".due-h")).to_have_text("Done, 95\u00a0%")
    expect(goal).to_contain_text("(95\u00a0%)")
    page.locator("#confidence label", has_text="85").click()

    press(page, "w")
    expect(page.locator(".row-why .why")).to_contain_text("Eighth")
    expect(page).to_have_url(re.compile(r"\?why=PAY-4$"))
    assert violations(page) == []
    page.reload()
    expect(page.locator(".row-why .why")).to_contain_text("Eighth")
    press(page, "Escape")
    expect(page.locator(".row-why")).to_be_hidden()
    assert page.complaints == []


def date_text(day):
    this_year = day.year == timezone.localdate().year
    return f"{day.day}\u00a0{day:%b}" + ("" if this_year else f"\u00a0{day.year}")


def test_the_browser_walks_the_order_as_the_server_does(backlog, ines, forecast):
    """The cases that planning.forecast.walk is held to in tests/planning/test_forecast.py."""
    cases = json.loads((Path(__file__).parents[1] / "planning" / "forecast_vectors.json").read_text())
    page = backlog(ines)

    weeks = page.evaluate(
        """async (cases) => {
            const { walk } = await import("/static/js/elements/order-list/forecast.js");
            const byNumber = (values) => new Map(Object.entries(values).map(([key, value]) => [Number(key), value]));
            return cases.map(({ teams, needs, sequence, curves, finished }) => {
                const needsOf = (item) => needs.filter(([, enabled]) => enabled === item).map(([enabler]) => enabler);
                const weeks = walk(sequence, (item) => teams[item], needsOf, byNumber(curves), byNumber(finished));
                return teams.map((_, item) => (Number.isFinite(weeks.get(item)) ? weeks.get(item) : null));
            });
        }""",
        cases,
    )

    assert weeks == [case["weeks"] for case in cases]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_has_no_barriers(backlog, ines, width):
    page = backlog(ines, viewport={"width": width, "height": 844})
    found = {}

    for state, keys in STATES.items():
        press(page, *keys)
        page.wait_for_timeout(400)
        found[state] = violations(page)

    assert found == {state: [] for state in STATES}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
