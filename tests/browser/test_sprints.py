"""A sprint from its plan to its close, in two browsers on the real server."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from sprints.actions import inspections, sprints
from sprints.models import Sprint
from tests import factories, servers
from tests.conftest import WITHOUT_LIMITS
from tests.sprints.test_velocity import close_sprint

# What publishes changes starts beside the test, and takes its time on a busy machine.
HEARD_MS = 20_000


@pytest.fixture
def address(transactional_db):
    with servers.granian(DEBUG="1", **WITHOUT_LIMITS) as port, servers.relay():
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def open_as(browser, address):
    """A page of a person's own browser: open_as(mia, "/products/PAY/…")."""
    contexts = []

    def open_as(user, path, **options):
        client = Client()
        client.force_login(user)
        context = browser.new_context(base_url=address, **options)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])
        contexts.append(context)
        page = context.new_page()
        # From here on it hears of what others do.
        with page.expect_response("**/live/products/**"):
            page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()


@pytest.fixture
def plan(payments, kestrel, mia, dev, ines):
    """A planned sprint that begins today, four items to take in, and a past of 20 points a sprint."""
    check = {"key": "points", "label": "It has points", "rule": "is_estimated"}
    payments.definition_of_ready = {"functional": [check]}
    payments.technical_share_min, payments.technical_share_max = 0, 100
    payments.save()
    for number in range(1, 9):
        close_sprint(kestrel, mia, number, 20)
    for title, points in (("Pay at once", 8), ("See it arrive", 8), ("Pay on Sunday", 5), ("Tell why not", 3)):
        factories.ItemFactory(product=payments, title=title, points=points, team=kestrel)
    today = timezone.localdate()
    return sprints.plan(kestrel, starts_on=today, ends_on=today + timedelta(days=11), by=mia, goal="Paid at once")


def test_plan_run_and_close_a_sprint(open_as, plan, mia, dev, payments):
    path = f"/products/PAY/sprints/{plan.pk}/"
    page = open_as(mia, path)

    # By the recommendation, and by hand: one out with a key, and in again by drag.
    page.get_by_role("button", name="Take in what is recommended").click()
    inside = page.get_by_role("region", name="In the sprint")
    expect(inside.locator("[data-card]")).to_have_count(3)
    expect(page.get_by_text("19 of 20 points")).to_be_visible()
    page.locator("#card-PAY-4").focus()
    page.keyboard.press("Space")
    expect(inside.locator("[data-card]")).to_have_count(2)
    expect(page.get_by_text("16 of 20 points")).to_be_visible()
    page.locator("#card-PAY-4").drag_to(inside.locator("ul"))
    expect(inside.locator("[data-card]")).to_have_count(3)
    inside.get_by_label("the goal needs it: PAY-1").check()
    expect(page.get_by_text("what the goal needs with")).to_be_visible()
    page.get_by_role("button", name="Start the sprint").click()
    expect(page.locator("b", has_text="Day 1 of")).to_be_visible()

    # Who moves a card by keys is seen in the other browser, on a phone.
    other = open_as(dev, path, viewport={"width": 390, "height": 844})
    expect(other.get_by_role("region", name="To do").locator("[data-card]")).to_have_count(3)
    page.locator("#card-PAY-1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("region", name="In progress").locator("#card-PAY-1")).to_be_visible()
    expect(other.get_by_role("region", name="In progress").locator("#card-PAY-1")).to_have_count(1, timeout=HEARD_MS)
    assert other.evaluate("document.documentElement.scrollWidth") == 390

    # Scope changes while it runs.
    page.get_by_label("Keys of items to take in").fill("PAY-3")
    page.get_by_role("button", name="Pull from the backlog").click()
    expect(page.get_by_role("region", name="Changes of scope").get_by_text("Added", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="To do").locator("[data-card]")).to_have_count(3)

    # An alert, what is suggested, and back.
    sprint = Sprint.objects.get(pk=plan.pk)
    inspection = inspections.inspect(sprint, timezone.localdate(), by=mia)
    inspection.suggestion = {"kind": "drop", "item": payments.items.get(number=3).pk, "into": None, "percent": 95}
    inspection.is_low = inspection.is_alert = True
    inspection.save()
    page.reload()
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Raise in the daily after all").click()
    page.get_by_role("link", name="Daily").click()
    expect(page.get_by_role("heading", name="Raised for today")).to_be_visible()
    page.get_by_role("region", name="Raised for today").get_by_role("button", name="Do it").click()
    expect(page.get_by_text("Taken: Move PAY-3 back to the backlog")).to_be_visible()
    expect(page.locator("#card-PAY-3")).to_have_count(0)
    page.get_by_role("link", name="End the daily").click()
    expect(page.get_by_role("link", name="Daily", exact=True)).to_be_visible()
    inspections.inspect(sprint, timezone.localdate() + timedelta(days=1), by=mia)
    page.reload()
    expect(page.get_by_text(re.compile("It (helped|did not help): [0-9]+ % before, [0-9]+ % after"))).to_be_visible()

    # The end: what is not done goes into the next sprint.
    page.locator("#card-PAY-1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("region", name="Done").locator("#card-PAY-1")).to_be_visible()
    following = sprints.plan(
        plan.team, starts_on=plan.ends_on + timedelta(days=3), ends_on=plan.ends_on + timedelta(days=14), by=mia
    )
    page.reload()
    page.get_by_role("group", name="PAY-2 See it arrive").get_by_text("Carry over").click()
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("The sprint is closed and stays as it was")).to_be_visible()
    assert [entry.item.number for entry in following.entries.select_related("item")] == [2]
    assert Sprint.objects.get(pk=plan.pk).delivered_points == 8

    # The review, and what is agreed in the retrospective.
    for about, text in (("Review", "It was shown to two shops"), ("Action", "Ask the bank on day one")):
        page.get_by_label("About", exact=True).select_option(about)
        page.get_by_label("Note", exact=True).fill(text)
        page.get_by_role("button", name="Write it down").click()
        expect(page.get_by_role("region", name="Review and retrospective").get_by_text(text)).to_be_visible()
    assert payments.items.get(title="Ask the bank on day one").status == "proposed"


def test_three_teams_plan_from_one_backlog_at_once(open_as, plan, payments, ines):
    others = []
    for name in ("Heron", "Plover"):
        team = factories.TeamFactory(organization=payments.organization, name=name)
        factories.ProductTeamFactory(product=payments, team=team)
        days = {"starts_on": plan.starts_on, "ends_on": plan.ends_on, "capacity_points": 20}
        others.append(sprints.plan(team, by=ines, **days))
    payments.items.update(team=None)
    first, second, third = (open_as(ines, f"/products/PAY/sprints/{one.pk}/") for one in (plan, *others))

    for page, key in ((first, "PAY-1"), (second, "PAY-2"), (third, "PAY-3")):
        page.locator(f"#card-{key}").focus()
        page.keyboard.press("Space")
        expect(page.get_by_role("region", name="In the sprint").locator(f"#card-{key}")).to_be_visible()

    # Each sees at once what the others took, and nobody takes it twice.
    expect(first.locator("#card-PAY-2").get_by_text("It is in Sprint 1 of Heron.")).to_be_visible(timeout=HEARD_MS)
    expect(third.locator("#card-PAY-1").get_by_text("It is in Sprint 9 of Kestrel.")).to_be_visible(timeout=HEARD_MS)
    expect(third.locator("#card-PAY-2").get_by_text("It is in Sprint 1 of Heron.")).to_be_visible(timeout=HEARD_MS)
    third.locator("#card-PAY-1").press("Space")
    expect(third.get_by_text("These items are in a sprint already.")).to_be_visible()
    for page in (first, second, third):
        page.get_by_role("button", name="Start the sprint").click()
        expect(page.locator("b", has_text="Day 1 of")).to_be_visible()
    assert Sprint.objects.active().count() == 3
    assert [item.key for item in payments.items.ranked()] == ["PAY-4"]


def test_architectural_work_waits_for_a_technical_owners_word(open_as, plan, payments, payouts, mia, ines, marek):
    item = factories.ItemFactory(
        product=payments, title="One ledger", points=3, team=plan.team, component=payouts, engagement="architectural"
    )
    path = f"/products/PAY/sprints/{plan.pk}/"
    page, his = open_as(mia, path), open_as(marek, path, viewport={"width": 390, "height": 844})
    row = page.locator("#card-PAY-5")
    expect(row).to_contain_text("Needs the word of a technical owner at planning")
    expect(row).to_contain_text("Ask Marek Osei.")
    his.get_by_role("button", name="Give your word for PAY-5").click()
    expect(his.get_by_text("PAY-5 has your word at planning.")).to_be_visible()
    assert his.evaluate("document.documentElement.scrollWidth") == 390

    # The plan follows at once; it goes in by key, and gets done.
    expect(row).not_to_contain_text("Needs the word", timeout=HEARD_MS)
    row.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("region", name="In the sprint").locator("#card-PAY-5")).to_be_visible()
    page.get_by_role("button", name="Start the sprint").click()
    expect(page.locator("b", has_text="Day 1 of")).to_be_visible()
    for column in ("In progress", "Done"):
        page.locator("#card-PAY-5").press("ArrowRight")
        expect(page.get_by_role("region", name=column).locator("#card-PAY-5")).to_be_visible()
        # Once heard of, it is drawn again: the next key waits for that.
        page.reload()
    expect(page.locator("#card-PAY-5")).to_contain_text("No word: review, acceptance")

    # The product owner waits for the word, and accepts.
    hers = open_as(ines, path)
    hers.goto(f"/products/PAY/items/{item.number}/")
    expect(hers.get_by_text("waits for Marek Osei")).to_have_count(2)
    expect(hers.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    his.goto("/for-you/acceptance/")
    for stage in ("review", "acceptance"):
        his.get_by_role("button", name=f"Give your word at {stage}").click()
        expect(his.get_by_text(f"PAY-5 has your word at {stage}.")).to_be_visible()
        # The next button is that of the page as it is now.
        expect(his.get_by_role("button", name=f"Give your word at {stage}")).to_have_count(0)
    hers.reload()
    hers.get_by_role("button", name="Accept", exact=True).click()
    expect(hers.get_by_text("PAY-5 is accepted.")).to_be_visible()
