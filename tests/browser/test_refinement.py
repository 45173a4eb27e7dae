"""Three people refine an item and estimate it, each in their own browser, on the real server."""

import pytest
from playwright.sync_api import expect

from backlog.actions import items, products, questions, refinements
from backlog.models import Item


def test_three_people_refine_and_estimate(open_as, payments, ines, marek, dev):
    checks = [
        {"key": "points", "label": "It has points", "rule": "is_estimated"},
        {"key": "questions", "label": "No open question", "rule": "no_open_blocking_question"},
    ]
    products.edit(payments, by=ines, definition_of_ready={"functional": checks})
    first, _ = (
        items.create(payments, by=ines, title=title, kind="functional", type="story")
        for title in ("Pay at once", "See it arrive")
    )
    questions.ask(first, "Which bank?", by=dev, addressee=marek)

    hers = open_as(ines, "/products/PAY/refine/")
    hers.get_by_role("button", name="Begin refinement").click()
    expect(hers.get_by_role("heading", name="Pay at once")).to_be_visible()
    others = [open_as(user, "/products/PAY/refine/") for user in (marek, dev)]
    for page in others:
        page.get_by_role("button", name="Take part").click()
        expect(page.get_by_role("heading", name="Pay at once")).to_be_visible()
    expect(hers.get_by_role("list", name="Who takes part").get_by_role("listitem")).to_have_count(3, timeout=30_000)
    marek_page, dev_page = others

    # The answer becomes a decision, and reaches who asked while they write: theirs is not lost.
    dev_page.get_by_text("Ask a question").click()
    writing = dev_page.get_by_label("Question", exact=True)
    writing.fill("How fast?")
    dev_page.get_by_label("The item is not ready while it is open").uncheck()
    marek_page.locator("#questions summary", has_text="Answer").first.click()
    marek_page.get_by_label("Your answer").fill("All of them.")
    marek_page.locator("summary", has_text="Answer as a decision").click()
    marek_page.get_by_label("The decision in one line").fill("Pay from every bank")
    marek_page.get_by_role("button", name="Answer and keep it as a decision").click()
    expect(marek_page.get_by_text("1 answered question")).to_be_visible()
    expect(dev_page.get_by_text("Others have changed something.")).to_be_visible()
    expect(writing).to_have_value("How fast?")
    dev_page.get_by_role("button", name="Ask", exact=True).click()
    expect(dev_page.get_by_text("1 answered question")).to_be_visible()
    expect(hers.get_by_text("How fast?")).to_be_visible()

    hers.get_by_text("Estimate together").click()
    hers.get_by_role("button", name="Open a round").click()
    for page, card, words in ((hers, "5", ""), (marek_page, "13", "No test system"), (dev_page, "5", "")):
        page.locator(f".poker__cards input[value='{card}']").check(force=True)
        page.get_by_placeholder("why (read").fill(words)
        page.get_by_role("button", name="Lay my card").click()
        expect(page.get_by_role("button", name="Change my card")).to_be_visible()
    expect(hers.get_by_text("3 cards face down")).to_be_visible()
    assert hers.get_by_text("No test system").count() == 0
    hers.get_by_role("button", name="Show the cards").click()
    expect(dev_page.get_by_text("From 5 to 13, the middle is 5.")).to_be_visible()
    expect(dev_page.get_by_text("No test system")).to_be_visible()
    hers.get_by_role("button", name="Agree").click()
    expect(marek_page.get_by_text("5 to 13 on the cards")).to_be_visible()

    hers.locator("body").press("j")
    for page in (hers, *others):
        expect(page.get_by_role("heading", name="See it arrive")).to_be_visible()
    hers.get_by_role("button", name="End for all").click()
    expect(hers.get_by_text("1 of 2 items became ready, 1 was estimated")).to_be_visible()
    assert Item.objects.get(pk=first.pk).points == 5
    assert payments.decisions.get().status == "accepted"


@pytest.mark.usefixtures("own_media")
def test_refinement_keeps_nobody_out(barriers, session_of, world):
    state = session_of(world.ines)

    refinements.look(world.refinement, world.first, by=world.ines)
    running = barriers("/products/PAY/refine/", state)
    refinements.end(world.refinement, by=world.ines)

    assert (running, barriers(f"/products/PAY/refine/{world.refinement.pk}/", state)) == ([], [])
