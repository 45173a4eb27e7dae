"""The page of a component: what it carries, whom it matters to, and what was done with what is lent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import NotificationPreference, User
from backlog.actions import components, decisions, delegations, dependencies, items, ordering, questions
from backlog.actions.ordering import Place
from backlog.models import Delegation, Item
from backlog.queries.component_detail import component_detail
from core.models import OutgoingMail
from tests import factories


@pytest.fixture
def work(payments, payouts, ines):
    def item(title, **values):
        values = {"kind": "technical", "type": "debt", "component": payouts} | values
        return items.create(payments, title=title, by=ines, **values)

    made = [
        item("Mapper", points=5, debt_interest=2, debt_interest_unit="points"),
        item("Rounding", points=3, debt_interest=4, debt_interest_unit="hours"),
        item("Events", type="architecture"),
        item("Elsewhere", component=None),
    ]
    dependencies.add(made[2], made[0], by=ines)
    questions.ask(made[1], "Which rounding do banks expect?", by=ines)
    return made


def test_what_a_component_carries(payments, payouts, ines, marek, dev, work):
    factories.ItemFactory(product=payments, component=payouts, is_restricted=True, points=8)

    page = component_detail(payments, dev, payouts)

    carried = page.carried
    assert (carried.items, carried.technical, carried.points, carried.unestimated) == (3, 3, 8, 1)
    assert (carried.questions, carried.inverted, carried.debts) == (1, 1, 2)
    assert (carried.interest_points, carried.interest_hours) == (Decimal(2), Decimal(4))
    assert {item.title for item in page.items} == {"Mapper", "Rounding", "Events"}
    assert [question.text for question in page.questions] == ["Which rounding do banks expect?"]
    assert (page.owners, page.matters_to) == ([marek], None)
    assert component_detail(payments, ines, payouts).carried.items == 4
    spare = components.create(payments, name="Spare", by=ines)
    assert component_detail(payments, dev, spare).matters_to == ines


def test_its_decisions_stand_there_and_lead_back(payments, payouts, ines, client):
    made = decisions.propose(payments, title="One outbox", components=[payouts], by=ines)
    client.force_login(ines)
    address = reverse("backlog:component", args=["PAY", payouts.pk])

    shown = client.get(address).content.decode()
    its_page = client.get(reverse("backlog:decision", args=["PAY", made.number])).content.decode()

    assert "One outbox" in shown and f"decisions/new/?component={payouts.pk}" in shown
    assert f'href="{address}"' in its_page


def test_what_was_done_with_a_loan_is_taken_back_there(payments, payouts, ines, marek, work, client):
    until = timezone.now() + timedelta(days=30)
    lent = delegations.grant(payouts, Delegation.Power.ORDER, marek, until=until, intent="Debt first", by=ines)
    before = list(Item.objects.filter(product=payments).ranked())
    ordering.move(payments, [before[-1].pk if before[-1].component_id else before[-2].pk], Place.top(), by=marek)
    (loan,) = component_detail(payments, ines, payouts).loans
    assert (loan.state, loan.use_count, loan.uses[0].by, loan.uses[0].is_taken_back) == ("live", 1, str(marek), False)

    client.force_login(ines)
    shown = client.get(reverse("backlog:component", args=["PAY", payouts.pk])).content.decode()
    assert "Debt first" in shown
    assert "Take all of them back" in shown
    client.post(reverse("backlog:move-undo", args=["PAY", loan.uses[0].version]))

    assert list(Item.objects.filter(product=payments).ranked()) == before
    (loan,) = component_detail(payments, ines, payouts).loans
    assert loan.uses[0].is_taken_back
    ordering.move(payments, [work[1].pk], Place.top(), by=marek)
    client.post(reverse("backlog:delegation-revert", args=["PAY", lent.pk]))
    assert list(Item.objects.filter(product=payments).ranked()) == before
    client.force_login(marek)
    shown = client.get(reverse("backlog:component", args=["PAY", payouts.pk])).content.decode()
    assert "Take all of them back" not in shown


def test_both_sides_hear_once_that_a_loan_ends(payments, payouts, ines, marek, client):
    now = timezone.now()
    lent = delegations.grant(payouts, Delegation.Power.REFINE, marek, until=now + timedelta(days=5), by=ines)
    service = User.objects.service("delegations")
    assert delegations.remind(payments, now=now, by=service) == 0
    later = now + timedelta(days=2, hours=1)

    assert delegations.remind(payments, now=later, by=service) == 1
    assert delegations.remind(payments, now=later, by=service) == 0

    mails = OutgoingMail.objects.order_by("to")
    assert [mail.to for mail in mails] == [ines.email, marek.email]
    assert f"You lent {marek}" in mails[0].text
    assert f"{ines} lent you a power over Payouts of Payments: refine items" in mails[1].text
    # Longer, and told again before its new end; who wants no such mail gets none.
    client.force_login(ines)
    client.post(reverse("backlog:delegation-extend", args=["PAY", lent.pk]))
    lent.refresh_from_db()
    assert lent.until == now + timedelta(days=95)
    NotificationPreference.objects.create(user=marek, kind="loan", is_mailed=False)
    assert delegations.remind(payments, now=lent.until - timedelta(days=1), by=service) == 1
    assert OutgoingMail.objects.filter(to=marek.email).count() == 1
    with pytest.raises(PermissionDenied):
        delegations.remind(payments, now=later, by=ines)


def test_statements_are_flat(payments, payouts, ines, client):
    client.force_login(ines)

    def statements():
        with CaptureQueriesContext(connection) as counted:
            for name, args in (("component", ["PAY", payouts.pk]), ("components", ["PAY"])):
                assert client.get(reverse(f"backlog:{name}", args=args)).status_code == 200
        return len(counted)

    factories.ItemFactory(product=payments, component=payouts, kind="technical")
    decisions.propose(payments, title="How", deciders=[ines], components=[payouts], by=ines)
    statements()
    before = statements()
    for number in range(3):
        item = items.create(payments, title=f"More {number}", kind="technical", type="debt", component=payouts, by=ines)
        questions.ask(item, "Why?", by=ines)
        decisions.propose(payments, title=f"How {number}", components=[payouts], by=ines)

    assert statements() == before
