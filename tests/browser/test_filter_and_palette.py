"""The filter box and the palette in a browser, on the real server."""

import re

from playwright.sync_api import expect

from backlog.actions import ordering
from backlog.models import Item, ItemTag, Tag
from tests.browser.test_order_list import (  # noqa: F401  fixtures
    BACKLOG,
    backlog,
    expect_order,
    items,
    numbers,
    press,
    site,
    state_of,
)


def expect_numbers(page, expected):
    for _ in range(50):
        if numbers(page) == expected:
            return
        page.wait_for_timeout(100)
    assert numbers(page) == expected


def test_a_filter_narrows_the_list_in_place_and_the_order_goes_on(backlog, ines, payments, items):  # noqa: F811
    ItemTag.objects.create(product=payments, item=items[2], tag=Tag.objects.create(product=payments, name="payday"))
    page = backlog(ines)
    box = page.get_by_role("combobox", name="Filter the backlog")

    # Words are completed: a field, then its value.
    press(page, "/")
    expect(box).to_be_focused()
    box.press_sequentially("ki")
    expect(page.get_by_role("option", name="kind")).to_be_visible()
    press(page, "ArrowDown", "Enter", "ArrowDown", "ArrowDown", "Enter")
    expect(box).to_have_value("kind:technical ")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"\?filter=kind%3Atechnical$"))
    expect_numbers(page, [1, 3, 6, 10, 11])
    expect(page.locator(".fitting")).to_have_text("5 fit")
    printing = page.locator("[data-with-filter]")
    expect(printing).to_have_attribute("href", re.compile(r"/print/\?filter=kind%3Atechnical$"))

    # A mistake is marked at its place; what stood in force stays.
    box.press_sequentially("contract ready:maybe")
    press(page, "Enter")
    expect(page.locator("#mistake mark")).to_have_text("maybe")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == "maybe"
    assert numbers(page) == [1, 3, 6, 10, 11]
    box.fill("contract OR debt OR type:debt")
    press(page, "Enter")
    expect_numbers(page, [6, 10])
    expect(page.locator(".chip")).to_have_count(2)

    # Moving under a filter moves in the whole order, and says the place there.
    press(page, "Escape")
    page.locator(".order-grid").focus()
    press(page, "End", "Alt+ArrowUp")
    moved = [1, 2, 3, 4, 5, 10, 6, 7, 8, 9, 11, 12]
    for _ in range(50):
        if list(Item.objects.filter(product=payments).ranked().values_list("number", flat=True)) == moved:
            break
        page.wait_for_timeout(100)
    expect_numbers(page, [10, 6])
    assert page.locator(".order-body > .row:not([hidden]) .rank").all_inner_texts()[0].strip().endswith("6")

    # Conditions lift one by one, and the browser's way back brings them again.
    page.get_by_role("link", name="Lift the filter kind:technical").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.go_back()
    expect(page.locator(".chip")).to_have_count(2)
    expect_numbers(page, [10, 6])
    page.get_by_role("link", name="Clear").click()
    expect_numbers(page, moved)

    # A view keeps it.
    box.fill("tag:payday")
    press(page, "Enter")
    expect_numbers(page, [2])
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name", exact=True).fill("Payday")
    page.get_by_role("button", name="Keep this filter").click()
    expect(page.locator(".toast")).to_contain_text("Payday is kept.")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Clear").click()
    expect(page.locator("#views .kept a")).not_to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Views").click()
    page.locator("#views .kept a").click()
    expect_numbers(page, [2])
    assert [said for said in page.complaints if "422" not in said] == []


def test_a_late_answer_brings_no_filter_back(backlog, ines, payments, items):  # noqa: F811
    page = backlog(ines, f"{BACKLOG}?filter=kind:technical")
    held = []
    page.route("**/filter?filter=kind*", lambda route: held.append(route))
    ordering.move(payments, [items[12].pk], ordering.Place.top(), by=ines)
    for _ in range(200):
        if held:
            break
        page.wait_for_timeout(100)
    page.get_by_role("link", name="Clear").click()
    expect_numbers(page, list(range(1, 13)))

    for route in held:
        route.continue_()

    expect_numbers(page, [12, *range(1, 12)])


def test_the_palette_finds_goes_and_does(backlog, ines, payments, items):  # noqa: F811
    page = backlog(ines)
    palette = page.get_by_role("dialog", name="Find or do")
    box = page.get_by_role("combobox", name="Find or do")

    # With an item current, it acts on that.
    press(page, "j", "j", "Control+k")
    expect(palette.get_by_role("group", name="Do with PAY-2")).to_be_visible()
    box.press_sequentially(">move down")
    press(page, "Enter")
    expect(palette).to_be_hidden()
    expect_order(page, payments, [1, 3, 2, *range(4, 13)])

    # It knows what the menu of the list knows; the list itself is nothing for paper and says what is.
    press(page, "Control+k")
    box.press_sequentially("print")
    expect(palette.get_by_role("option", name="Print the order")).to_be_visible()
    press(page, "Escape")
    page.emulate_media(media="print")
    expect(page.get_by_text("The whole order for paper: http")).to_be_visible()
    expect(page.locator("order-list")).to_be_hidden()
    page.emulate_media(media="screen")

    # It finds by nearly the right word, and by key; Ctrl+Enter opens the page.
    press(page, "Control+k")
    box.press_sequentially("certifcate")
    expect(palette.get_by_role("option", name="Rotate the acquirer signing certificate")).to_be_visible()
    box.fill("pay-12")
    expect(palette.get_by_role("option", selected=True)).to_contain_text("Export payouts as CSV")
    press(page, "Control+Enter")
    expect(page).to_have_url(re.compile("/items/12/$"))

    # On every page, also with single keys off; its state has an address.
    ines.has_shortcuts = False
    ines.save(update_fields=["has_shortcuts"])
    page.goto("/products/PAY/components/?palette")
    expect(palette).to_be_visible()
    box.press_sequentially("backl")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/backlog/$"))
    assert page.complaints == []


def test_go_to_keys_are_no_commands_of_the_list(backlog, ines, payments, items):  # noqa: F811
    page = backlog(ines)

    press(page, "j", "g", "c")

    expect(page).to_have_url(re.compile("/components/$"))
    page.goto(BACKLOG)
    page.wait_for_selector("order-list[data-commands]")
    press(page, "?")
    rows = page.locator("#keys li span").all_inner_texts()
    assert {"Find or do", "Components"} <= set(rows)
    # Of another page.
    assert "Accept, again: decide later" not in rows
