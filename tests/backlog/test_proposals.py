"""A proposal with the case for it: made, taken with a change, declined, brought back."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from backlog.actions import items, life_cycle, proposals
from backlog.models import Dependency, Item, Notification, Proposal
from backlog.queries.activity import activity
from backlog.queries.for_you import for_you
from core.errors import InvalidInput
from core.models import OutgoingMail


@pytest.fixture
def stories(payments, ines):
    return [
        items.create(payments, by=ines, title=title, kind="functional", type="story") for title in ("First", "Second")
    ]


def make(product, by, type="enabler", **case):
    return proposals.propose(product, by=by, case=case, title="Ledger", kind="technical", type=type)


def listed(product):
    return list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))


def test_a_proposal_is_taken_at_its_place_or_with_a_change(payments, stories, marek, ines):
    second = stories[1]
    case = {"why_now": "The audit", "points_low": "3", "points_high": 8, "place": "before", "before": second}
    item = proposals.propose(
        payments, by=marek, case=case, enables=[second], title="Ledger", kind="technical", type="enabler"
    )
    other = make(payments, marek, place="top")

    assert Dependency.objects.get(enabler=item).dependent == second
    assert [row.case.why_now for row in for_you(ines).proposals] == ["The audit", ""]
    life_cycle.accept_proposal(item, by=ines)
    life_cycle.accept_proposal(other, by=ines, title="Half a ledger", points=2, reason="Half of it first")

    assert listed(payments) == ["Half a ledger", "First", "Ledger", "Second"]
    assert [(row.kind, row.item) for row in Notification.objects.filter(user=marek).order_by("pk")] == [
        ("proposal_accepted", item),
        ("proposal_changed", other),
    ]
    assert for_you(marek).told[0].excerpt == "Half of it first"
    assert OutgoingMail.objects.count() == 2
    other.refresh_from_db()
    assert (other.points, other.status) == (2, "open")


def test_a_declined_proposal_comes_back_with_what_changed(payments, marek, dev, ines):
    item = make(payments, marek, why_now="Old")
    life_cycle.decline(item, by=ines, reason="No numbers")

    with pytest.raises(InvalidInput) as refused:
        proposals.revise(item, by=marek, what_changed=" ", case={"why_now": "Costs 3 hours"})
    with pytest.raises(PermissionDenied):
        proposals.revise(item, by=dev, what_changed="Mine", case={})
    proposals.revise(item, by=marek, what_changed="Numbers", case={"why_now": "Costs 3 hours"}, title="Ledger 2")

    item.refresh_from_db()
    assert refused.value.field == "what_changed"
    assert (item.status, item.title, item.proposal.why_now) == ("proposed", "Ledger 2", "Costs 3 hours")
    assert [(deed.words, deed.reason) for deed in activity(item, ines)][:2] == [
        ("proposed the item again", "Numbers"),
        ("declined the proposal", "No numbers"),
    ]
    life_cycle.accept_proposal(item, by=ines)
    with pytest.raises(proposals.NoProposal):
        proposals.revise(item, by=marek, what_changed="More", case={})


@pytest.mark.parametrize(
    ("type", "case", "field"),
    [
        ("spike", {"question": "Can it?"}, "time_box_days"),
        ("security", {"stimulus": "A stolen token", "response": "It is refused"}, "measure"),
        ("enabler", {"points_low": 8, "points_high": 3}, "points_high"),
        ("enabler", {"place": "before"}, "before"),
    ],
)
def test_what_a_case_must_say(type, case, field, payments, marek):
    with pytest.raises(InvalidInput) as refused:
        make(payments, marek, type, **case)

    assert refused.value.field == field
    assert not Proposal.objects.exists()


def test_the_form_asks_what_the_type_needs_and_loses_nothing(payments, stories, marek):
    browser = Client()
    browser.force_login(marek)
    url = reverse("backlog:propose", args=["PAY"]) + "?type=security"
    sent = {"title": "Refuse stolen tokens", "plain_lead": "Nobody pays for others", "place": "bottom"}

    page = browser.get(url).content.decode()
    refused = browser.post(url, sent)
    made = browser.post(
        url,
        sent | {"stimulus": "A stolen token", "response": "Refused", "measure": "in 1 s", "enables": stories[0].key},
    )

    assert "Measured how" in page
    assert "Days after which it ends" not in page
    assert refused.status_code == 422
    assert "Refuse stolen tokens" in refused.content.decode()
    assert made.status_code == 303
    shown = browser.get(made["Location"]).content.decode()
    assert "The case for it" in shown
    assert "A stolen token" in shown
