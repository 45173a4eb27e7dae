"""A proposed order, reviewed by keyboard, applied and undone."""

from datetime import date

import pytest
from playwright.sync_api import expect

from accounts.models import User
from backlog.actions import ordering
from backlog.models import Item, OrderEntry
from nightly.actions import proposals
from nightly.models import ProposedMove
from tests import factories


@pytest.fixture
def proposal(transactional_db, payments, ines):
    ids = factories.enter_items(payments, 12, by=ines, points=3)
    for place, pk in enumerate(ids):
        Item.objects.filter(pk=pk).update(business_value=1 + 3 * (place % 4))
    return proposals.prepare(payments, on=date(2031, 6, 10), by=User.objects.service("night"))


def order():
    return list(OrderEntry.objects.order_by("rank").values_list("item", flat=True))


def test_a_product_owner_reviews_applies_and_undoes_by_keyboard(page_as, payments, ines, proposal):
    before = order()
    page = page_as(ines)
    moves = list(proposal.moves.order_by("position").select_related("item"))
    page.goto("/products/PAY/proposal/")
    page.wait_for_load_state("networkidle")

    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_role("region", name="Apply")).to_contain_text("1 accepted")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.type("just not this month")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Apply")).to_contain_text("1 rejected")
    # The second move was rejected with its reason, the first recalculated alone.
    expect(page.locator("#effects")).to_contain_text("less")
    page.keyboard.press("Control+Enter")

    toast = page.locator(".toast")
    expect(toast).to_contain_text("1 move is made.")
    assert order() != before
    assert ProposedMove.objects.get(pk=moves[1].pk).verdict_reason == "just not this month"
    expect(page.locator(".pr-applied")).to_contain_text(moves[0].item.key)

    toast.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("region", name="Apply")).to_contain_text("1 accepted")
    assert order() == before

    # What people move meanwhile falls out by itself.
    ordering.move(payments, [moves[0].item_id], ordering.Place.bottom(), by=ines)
    page.reload()
    expect(page.get_by_text("Somebody has moved it since. Their order counts.")).to_be_visible()
