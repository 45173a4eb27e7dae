"""The item page while one writes: a file and a mention in the text, two who write at once, a split."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from backlog.actions import criteria, items, questions
from backlog.models import Item, Notification

pytestmark = pytest.mark.usefixtures("own_media")

PASTE = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/plain" }));
  const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(paste);
}"""


@pytest.fixture
def item(payments, ines, marek):
    item = items.create(
        payments,
        by=ines,
        title="Retry a failed payout",
        kind="functional",
        type="story",
        points=8,
        description="Twice.",
    )
    for text in ("It retries", "It reports"):
        criteria.add(item, text, by=ines)
    return item


@pytest.fixture
def screen(page, context, base_url, ines):
    client = Client()
    client.force_login(ines)
    (name, morsel), *_ = client.cookies.items()
    context.add_cookies([{"name": name, "value": morsel.value, "url": base_url}])
    return page


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("width", ["desk", pytest.param("phone", marks=pytest.mark.browser_context_args(**PHONE))])
def test_a_text_is_written_merged_and_the_item_split(width, screen, complaints, item, ines, marek):
    page = screen
    page.goto("/products/PAY/items/1/edit/")
    area = page.get_by_label("Description optional")
    area.fill("See PAY-1, ")
    area.press_sequentially("@mar")
    expect(page.get_by_role("option", name="Marek Osei")).to_be_visible()
    area.press("Enter")
    page.evaluate(PASTE, ["log.txt", "it failed"])
    expect(area).to_have_value(re.compile(r"^See PAY-1, @Marek Osei \[log\.txt\]\(/attachments/\d+/\)$"))
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".editor-preview a[href='/products/PAY/items/1/']")).to_have_text("PAY-1")
    assert page.locator(".editor-preview a").all_inner_texts() == ["PAY-1", "log.txt"]

    items.edit(item, by=ines, description="Thrice.", title="Retry payouts")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("changed PAY-1 while you wrote")
    expect(page.get_by_label("Description as it is saved")).to_have_text("Thrice.")
    page.locator("input[name=take-title][value=theirs]").check()
    page.get_by_role("button", name="Save this").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Retry payouts")
    item.refresh_from_db()
    assert item.description.startswith("See PAY-1, @Marek Osei [log.txt]")
    assert Notification.objects.get(user=marek).kind == "mentioned"

    page.get_by_role("link", name="Split PAY-1").click()
    page.get_by_label("Title of part 2").fill("Report what failed")
    page.get_by_label("Points of part 1").fill("5")
    page.get_by_label("Points of part 2").fill("3")
    page.get_by_label("“It reports” goes to part 2").check()
    page.get_by_role("button", name="Split into 2", exact=True).last.click()
    expect(page.locator(".facts").get_by_role("link", name="PAY-2")).to_be_visible()
    assert list(Item.objects.ranked().values_list("title", "points")) == [
        ("Retry payouts", 5),
        ("Report what failed", 3),
    ]
    page.get_by_role("button", name="Take the split back").click()
    expect(page.locator(".toast")).to_contain_text("PAY-1 is one item again.")
    expect(page.get_by_text("It reports")).to_be_visible()
    assert Item.objects.ranked().count() == 1
    assert [text for text in complaints if "409" not in text] == []


def test_titles_swap_into_plain_language_and_stay_so(screen, complaints, item, ines):
    items.edit(item, by=ines, plain_title="Money arrives after a hiccup")
    page = screen
    page.goto("/products/PAY/items/1/")
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("Retry a failed payout", use_inner_text=True)

    with page.expect_response("**/profile/plain/"):
        page.keyboard.press("l")
    expect(title).to_have_text("Money arrives after a hiccup", use_inner_text=True)
    page.reload()
    expect(title).to_have_text("Money arrives after a hiccup", use_inner_text=True)
    page.context.set_offline(True)
    expect(page.get_by_text("The connection is away.")).to_be_visible()
    page.get_by_placeholder("A new criterion").fill("Kept")
    page.get_by_placeholder("A new criterion").press("Enter")
    expect(page.locator(".toast")).to_contain_text("What you wrote is kept here")
    expect(page.get_by_placeholder("A new criterion")).to_have_value("Kept")
    page.context.set_offline(False)
    page.get_by_placeholder("A new criterion").press("Enter")
    expect(page.locator(".criteria")).to_contain_text("Kept")


def test_what_is_typed_stays_while_the_page_is_drawn_again(screen, complaints, item, marek):
    questions.ask(item, "Twice?", by=marek)
    page = screen
    page.goto("/products/PAY/items/1/")
    waits = page.locator("#waits")
    expect(waits).to_have_text("1")
    page.get_by_text("Answer", exact=True).first.click()
    answer = page.get_by_role("textbox", name="Your answer", exact=True)
    page.get_by_label("Points", exact=True).fill("5")
    answer.fill("Three tims")
    answer.press("ArrowLeft")
    answer.evaluate("(field) => field.setAttribute('data-before', '')")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('backlog-changed'))")
    expect(page.locator("[data-before]")).to_have_count(0)
    expect(answer).to_be_focused()
    page.keyboard.type("e")
    expect(answer).to_have_value("Three times")
    expect(page.get_by_label("Points", exact=True)).to_have_value("5")

    # Another form of the page is sent, then this one.
    page.get_by_role("button", name="Criterion 1 is met").click()
    expect(page.locator(".criteria")).to_contain_text("met, says")
    expect(answer).to_have_value("Three times")
    page.locator(".reply-box").get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("#questions")).to_contain_text("Three times")
    expect(answer).to_have_count(0)
    expect(waits).to_have_text("")
    assert complaints == []
