"""The technical flow in a browser: by keyboard through the drawing, and the technical order moved and applied."""

import pytest
from playwright.sync_api import expect

from backlog.actions import dependencies, items
from backlog.models import Item


@pytest.fixture
def work(payments, payouts, ines):
    """An enabler, and one that it enables, which carries an outcome; and debt that nothing waits for."""
    made = {
        name: items.create(payments, title=name.title(), kind=kind, type=type, business_value=value, by=ines)
        for name, kind, type, value in (
            ("keys", "technical", "enabler", None),
            ("events", "technical", "architecture", None),
            ("balance", "functional", "story", 8),
            ("mapper", "technical", "debt", None),
        )
    }
    dependencies.add(made["keys"], made["events"], by=ines)
    dependencies.add(made["events"], made["balance"], by=ines)
    return made


def test_one_walks_the_flow_and_orders_it(page_as, work, payments, ines):
    page = page_as(ines)
    page.goto("/products/PAY/technical/")
    drawing = page.get_by_role("region", name="Technical flow, scrolls sideways")
    key = {name: f"PAY-{item.number}" for name, item in work.items()}

    drawing.get_by_role("link", name=key["keys"]).focus()
    expect(page.locator("#flow-chain")).to_contain_text(f"Balance through {key['events']}")
    page.keyboard.press("]")
    expect(drawing.get_by_role("link", name=key["events"])).to_be_focused()
    expect(page.locator("#flow-chain")).to_contain_text("unlocks Balance. Each sprint it waits costs 16 value points")
    expect(drawing.locator(".tn.on, .tn.focus")).to_have_count(3)

    row = page.locator(f"#rank-{key['mapper']}")
    row.get_by_role("link").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".to-list li").nth(1)).to_contain_text("Mapper")
    page.locator(f"#rank-{key['mapper']}").drag_to(
        page.locator(f"#rank-{key['keys']}"), target_position={"x": 20, "y": 3}
    )
    expect(page.locator(".to-list li").first).to_contain_text("Mapper")
    page.get_by_role("button", name="Apply to Payments").click()
    expect(page.get_by_text("3 technical items of Payments stand in the technical order now.")).to_be_visible()
    assert list(Item.objects.filter(product=payments).ranked().values_list("title", flat=True)) == [
        *("Mapper", "Keys", "Balance", "Events")
    ]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 item of Payments stands in another order there.")).to_be_visible()
