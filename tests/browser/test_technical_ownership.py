"""A technical item from its proposal to its acceptance, as everybody who has a part in it sees it."""

from playwright.sync_api import expect

from backlog.actions import dependencies, items, products
from backlog.models import Item
from core.models import Event
from tests import factories

CHECKS = [{"key": "points", "label": "It has points", "rule": "is_estimated"}]


def test_a_technical_owner_takes_an_item_from_proposal_to_acceptance(open_as, payments, payouts, ines, marek, dev):
    products.edit(payments, by=ines, definition_of_ready={"technical": CHECKS, "functional": CHECKS})
    story = items.create(payments, title="See it arrive", kind="functional", type="story", points=3, by=ines)
    other = items.create(payments, title="Mapper", kind="technical", type="debt", component=payouts, points=3, by=ines)

    his = open_as(marek, "/products/PAY/backlog/propose/?type=enabler")
    his.get_by_label("Title").fill("Outbox for payout events")
    his.get_by_label("What comes of it").fill("No payout event gets lost.")
    his.get_by_label("Why now").fill("Events get lost")
    his.get_by_label("Component").select_option("Payouts")
    his.get_by_label("Where it belongs").select_option("before")
    his.get_by_label("Before which item").fill(story.key)
    his.get_by_role("button", name="Propose it").click()
    expect(his.get_by_text("waits for the product owner.")).to_be_visible()

    # It stands where it is proposed to stand, and she takes it there, smaller than proposed.
    hers = open_as(ines, "/products/PAY/backlog/")
    offered = hers.locator(".offered")
    expect(offered).to_contain_text("Outbox for payout events")
    above = hers.locator(".row", has_text="See it arrive").bounding_box()["y"]
    assert offered.bounding_box()["y"] < above
    offered.get_by_role("button", name="Decide").click()
    hers.get_by_role("link", name="Accept with a change").click()
    hers.get_by_label("Title").fill("Outbox for payouts alone")
    hers.get_by_label("What you changed, and why").fill("Payouts first")
    hers.get_by_role("button", name="Accept").click()
    expect(hers.get_by_text("is told what you changed.")).to_be_visible()
    item = Item.objects.get(title="Outbox for payouts alone")
    assert list(Item.objects.filter(product=payments).ranked()) == [item, story, other]

    pages = _refine(open_as, item, ines, marek, dev)
    _estimate(*pages)
    item.refresh_from_db()
    assert (item.points, payments.decisions.get().title) == (5, "One outbox a service")

    for power in ("order", "accept"):
        hers.goto("/products/PAY/components/")
        hers.get_by_text("Lend a power").click()
        hers.get_by_label("Power").select_option(power)
        hers.get_by_label("To", exact=True).select_option(label=str(marek))
        hers.get_by_role("button", name="Lend it").click()
        expect(hers.get_by_role("button", name="End it")).to_have_count(1 if power == "order" else 2)
    his.goto("/products/PAY/backlog/")
    his.locator("order-list[data-commands]").wait_for()
    his.locator(".row", has_text="Mapper").locator(".row-title").click(position={"x": 5, "y": 5}, modifiers=["Control"])
    his.keyboard.press("Alt+ArrowUp")
    expect(his.locator(".row .key").first).to_have_text(other.key)
    expect(his.locator(".toast")).to_be_visible()
    assert list(Item.objects.filter(product=payments).ranked()) == [other, story, item]
    _revoke_while_he_drags(his, hers, item, other)
    assert list(Item.objects.filter(product=payments).ranked()) == [other, story, item]

    team = open_as(dev, f"/products/PAY/items/{item.number}/")
    team.get_by_role("button", name="Begin").click()
    team.get_by_role("button", name="Finish").click()
    expect(team.get_by_role("button", name="Finish")).to_have_count(0)
    his.goto("/for-you/acceptance/")
    his.get_by_role("button", name=f"Accept {item.key}").click()
    expect(his.get_by_text("Nothing waits for acceptance")).to_be_visible()

    # What he did in her name says so.
    hers.goto(f"/products/PAY/items/{item.number}/")
    expect(hers.get_by_text(f"{marek} accepted it for {ines}")).to_be_visible()
    hers.goto("/products/PAY/history/")
    expect(hers.get_by_text(f"{marek}, under delegation from {ines}")).to_be_visible()
    done = Event.objects.filter(on_behalf_of=ines, by=marek).order_by("pk").values_list("name", flat=True)
    assert list(done) == ["item.moved", "item.accepted"]


def _revoke_while_he_drags(his, hers, held, over):
    his.keyboard.press("Escape")
    row, above = (his.locator(".row", has_text=one.title) for one in (held, over))
    row.hover()
    start, end = row.locator(".grip").bounding_box(), above.bounding_box()
    his.mouse.move(start["x"] + 8, start["y"] + start["height"] / 2)
    his.mouse.down()
    his.mouse.move(start["x"] + 12, end["y"] + end["height"] * 0.3, steps=8)
    expect(his.locator("order-list.dragging-slots")).to_be_visible()
    hers.locator("li", has_text="order").get_by_role("button", name="End it").click()
    expect(hers.get_by_role("button", name="End it")).to_have_count(1)
    his.mouse.up()
    expect(his.locator(".toast .msg", has_text="lent")).to_be_visible()
    expect(his.locator(".row .key").first).to_have_text(over.key)


def _refine(open_as, item, ines, marek, dev):
    """A question is asked and answered as a decision, while all three look at the item."""
    hers = open_as(ines, "/products/PAY/refine/")
    hers.get_by_role("button", name="Begin refinement").click()
    others = [open_as(user, "/products/PAY/refine/") for user in (marek, dev)]
    for page in others:
        page.get_by_role("button", name="Take part").click()
        expect(page.get_by_role("heading", name=item.title)).to_be_visible()
    his, team = others
    team.get_by_text("Ask a question").click()
    team.get_by_label("Question", exact=True).fill("One outbox for all?")
    team.get_by_role("button", name="Ask", exact=True).click()
    his.locator("#questions summary", has_text="Answer").first.click()
    his.get_by_label("Your answer").fill("One for each service.")
    his.locator("summary", has_text="Answer as a decision").click()
    his.get_by_label("The decision in one line").fill("One outbox a service")
    his.get_by_role("button", name="Answer and keep it as a decision").click()
    expect(team.get_by_text("1 answered question")).to_be_visible()
    return hers, his, team


def _estimate(hers, his, team):
    hers.get_by_text("Estimate together").click()
    hers.get_by_role("button", name="Open a round").click()
    for page, card in ((hers, "5"), (his, "8"), (team, "5")):
        page.locator(f".poker__cards input[value='{card}']").check(force=True)
        page.get_by_role("button", name="Lay my card").click()
        expect(page.get_by_role("button", name="Change my card")).to_be_visible()
    expect(hers.get_by_text("3 cards face down")).to_be_visible()
    hers.get_by_role("button", name="Show the cards").click()
    expect(team.get_by_text("From 5 to 8, the middle is 5.")).to_be_visible()
    hers.get_by_role("button", name="Agree").click()
    expect(team.get_by_text("5 to 8 on the cards")).to_be_visible()


def test_a_product_owner_without_a_technical_one_does_it_all(page_as, payments, ines):
    story = items.create(payments, title="See it arrive", kind="functional", type="story", points=3, by=ines)
    component = factories.ComponentFactory(product=payments, name="Payouts")
    page = page_as(ines)

    page.goto("/products/PAY/backlog/propose/?type=enabler")
    page.get_by_label("Title").fill("Outbox")
    page.get_by_label("What comes of it").fill("No payout event gets lost.")
    page.get_by_label("Component").select_option("Payouts")
    page.get_by_role("button", name="Propose it").click()
    page.get_by_role("button", name="Accept", exact=False).first.click()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    item = Item.objects.get(title="Outbox")
    page.goto(f"/products/PAY/components/{component.pk}/")
    expect(page.get_by_text(f"Nobody looks after {component}.")).to_be_visible()
    page.goto(f"/products/PAY/items/{item.number}/")
    dependencies.add(item, story, by=ines)
    for name in ("Begin", "Finish", "Accept"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)

    item.refresh_from_db()
    assert item.status == Item.Status.ACCEPTED
    assert not Event.objects.filter(on_behalf_of__isnull=False).exists()
