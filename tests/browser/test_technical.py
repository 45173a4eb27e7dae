"""The technical flow in a browser: by keyboard through the drawing, and the technical order moved and applied."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from backlog.actions import dependencies, items
from backlog.models import Item
from roadmap.actions import forecasts
from tests import factories
from tests.roadmap.pasts import finish

TYPES = ("enabler", "architecture", "infrastructure", "debt", "security")
# What lies over something else, of all cards drawn.
OVERLAPS = """nodes => {
    const boxes = nodes.map(node => node.querySelector("rect").getBoundingClientRect());
    const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => meets(a, b))).length;
}"""


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


@pytest.fixture
def ten_teams(payments, organization, payouts, ines):
    """Two products, five teams on each: an outcome a team, on two technical items of which one is another team's."""
    ledger = factories.ProductFactory(organization=organization, key="LED", name="Ledger")
    factories.ProductRoleFactory(product=ledger, user=ines, role="product_owner")
    teams, enablers, outcomes = [], [], []
    for number in range(10):
        product = (payments, ledger)[number % 2]
        team = factories.TeamFactory(organization=organization, name=f"Team {number}")
        factories.ProductTeamFactory(product=product, team=team)
        finish(product, [2] * 8, on=organization.today(), team=team, by=ines)
        parts = {"component": payouts} if number == 0 else {}
        technical = {"kind": "technical", "team": team, "points": 3, "by": ines} | parts
        enablers.append(items.create(product, title=f"Base {number}", type=TYPES[number % 5], **technical))
        items.create(product, title=f"Debt {number}", type="debt", **technical)
        story = {"kind": "functional", "type": "story", "business_value": 3, "points": 3, "by": ines}
        outcomes.append(items.create(product, title=f"Outcome {number}", team=team, **story))
        teams.append(team)
    for number, outcome in enumerate(outcomes):
        for enabler in (enablers[number], enablers[number - 1]):
            dependencies.add(enabler, outcome, by=ines)
    for product in (payments, ledger):
        forecasts.record(product, on=timezone.localdate(), by=ines)
    return teams


def test_ten_teams_stand_in_one_drawing(page_as, ten_teams, payouts, ines):
    page = page_as(ines)
    page.goto("/products/PAY/technical/")
    expect(page.get_by_text("What 10 teams build underneath")).to_be_visible()
    cards = page.locator(".tg [data-node]")
    assert cards.count() == 30
    assert page.locator(".tg .edge").count() == 20
    assert cards.evaluate_all(OVERLAPS) == 0
    # Every card is reached by arrows alone: along its column, and from each column to the next.
    walked = set()
    for column in sorted(set(cards.evaluate_all("all => all.map(one => one.dataset.column)"))):
        inside = page.locator(f".tg [data-column='{column}']")
        inside.first.focus()
        for _ in range(inside.count()):
            walked.add(page.evaluate("document.activeElement.dataset.key"))
            page.keyboard.press("ArrowDown")
    assert len(walked) == 30
    page.locator(".tg").get_by_role("link", name="Base 0").focus()
    chain = page.locator("#flow-chain")
    expect(chain).to_contain_text("unlocks Outcome 0 and Outcome 1. Each sprint it waits costs 12 value points.")

    # The filters stand in the address, and the table keeps them.
    page.get_by_label("Ledger").uncheck(force=True)
    expect(cards).to_have_count(15)
    assert "product=PAY" in page.url
    page.locator("select[name=team]").select_option("Team 4")
    expect(page.get_by_text("What one team builds underneath")).to_be_visible()
    page.locator("select[name=team]").select_option("All")
    page.locator("select[name=component]").select_option("Payouts")
    expect(page.locator(".to-list li")).to_have_count(2)
    assert f"component={payouts.pk}" in page.url
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="The same as a table").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("tbody tr", has_text="Base 0")).to_contain_text("Team 0")
