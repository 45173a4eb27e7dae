"""The page that describes the API, in a browser."""

from playwright.sync_api import expect

PAGE = "/api/v1/docs/"


def test_the_page_shows_the_operations_and_asks_nobody_else(page, complaints, base_url, db):
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))

    page.goto(PAGE)
    page.wait_for_load_state("networkidle")

    expect(page.get_by_role("heading", name="Order", exact=True, level=2)).to_be_visible()
    assert complaints == []
    assert [address for address in addresses if not address.startswith((base_url, "data:"))] == []


def test_an_operation_opens_by_keyboard_and_by_its_address(page, db):
    page.goto(PAGE)
    operation = page.locator("summary", has_text="Move items to a place")

    operation.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#moves_create")).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{PAGE}#items_retrieve")

    expect(page.locator("#items_retrieve")).to_be_in_viewport()
    expect(page.locator("#moves_create")).to_be_hidden()


def test_the_page_has_no_barriers(barriers, session_of, ines):
    """With an operation and a shape open."""

    def open_a_shape(page):
        page.evaluate("location.hash = 'shape-Item'")
        expect(page.locator("#shape-Item")).to_be_in_viewport()
        expect(page.locator("#items_create")).to_be_visible()

    assert barriers(f"{PAGE}#items_create", session_of(ines), open_a_shape) == []
