"""The debt register: what it costs, what repaying takes, what was repaid."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlog.actions import debt, decisions, dependencies, items, life_cycle, products
from backlog.models import Item, Product
from backlog.queries.agreed_share import debt_verdict
from backlog.queries.debt_register import debt_register, pay_now_or_later
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event
from tests import factories

NOW = datetime(2031, 3, 3, 12, tzinfo=UTC)


def make(product, **values):
    usual = {
        "kind": "technical",
        "type": "debt",
        "debt_interest_unit": "points",
        "created_at": NOW - timedelta(days=90),
    }
    return factories.ItemFactory(product=product, **usual | values)


@pytest.fixture
def dear(payments, payouts):
    return make(payments, component=payouts, title="Manual bank file", debt_principal=8, debt_interest=2, points=8)


@pytest.mark.parametrize(
    ("principal", "interest", "unit", "hours", "words"),
    [
        (8, 2, "points", None, "Pay now: waiting a quarter costs 26 points, more than the 8 points of repaying it."),
        (40, 1, "points", None, "Repaying takes 40 points and has paid for itself after 20 sprints; waiting a quarter"),
        (40, "0.5", "points", None, "Later is fine: repaying takes 40 points and has paid for itself after 40 sprints"),
        (8, 16, "hours", 8, "Pay now: waiting a quarter costs 26 points"),
        (8, 16, "hours", None, "Its interest is in hours, which add nothing to the order: say in the product settings"),
        (None, 2, "points", None, "Give it a principal, then"),
        (None, None, "", None, "Give it a principal and an interest, then"),
        (8, 0, "points", None, "It costs nothing now. Later is fine."),
    ],
)
def test_pay_now_or_later_comes_from_the_numbers(principal, interest, unit, hours, words):
    product = Product(hours_per_point=hours, sprint_length_days=14)
    principal, interest = (None if figure is None else Decimal(figure) for figure in (principal, interest))

    assert pay_now_or_later(product, principal, interest, unit).startswith(words)


def test_the_register_adds_up(payments, payouts, dear, ines, marek):
    cheap = make(payments, title="Two clocks", debt_principal=4, debt_interest=8, debt_interest_unit="hours", points=2)
    old = {"status": "accepted", "done_at": NOW - timedelta(days=20), "status_at": NOW - timedelta(days=20)}
    repaid = make(payments, title="Old fees", debt_principal=5, debt_interest=1, points=5, **old)
    factories.ItemFactory(product=payments, points=5, status="done", done_at=NOW - timedelta(days=3))
    debt.describe(dear, payer="Support", since=date(2030, 1, 2), incidents=["INC-1", " ", "INC-1"], by=marek)
    decisions.propose(payments, title="Keep it", items=[dear], by=ines)

    found = debt_register(payments, ines, now=NOW)

    assert [(row.title, row.interest, row.payer) for row in found.rows] == [
        ("Manual bank file", 4.0, "Support"),
        ("Two clocks", None, ""),
    ]
    row = found.rows[0]
    assert (row.since, row.incident_count, row.decision_count) == (date(2030, 1, 2), 1, 1)
    assert (row.x, row.y, found.rows[1].x) == (96.0, 8.0, None)
    assert (found.row_count, found.principal, found.interest, found.without_worth) == (2, 12.0, 4.0, 1)
    assert [(row.number, row.principal) for row in found.repaid] == [(repaid.number, 5.0)]
    assert (found.done.debt, found.done.technical) == (50, 50)
    assert [point.interest for point in found.trend][-2:] == [6.0, 4.0]
    assert found.trend[0].interest == 4.0
    assert (found.ahead.debt, found.debt_ahead.word, found.debt_ahead.sentence) == (100, "", "")
    assert [point.repaid for point in found.trend] == [0, 0, 0, 0, 0, 0, 5.0]
    assert found.sentence.startswith("Manual bank file (PAY-")

    Product.objects.filter(pk=payments.pk).update(hours_per_point=4)
    payments.refresh_from_db()
    assert debt_register(payments, ines, now=NOW).interest == 8.0
    assert [row.title for row in debt_register(payments, ines, component=payouts, now=NOW).rows] == [dear.title]
    assert cheap.pk


def test_the_trend_has_the_figures_that_held_on_each_day(payments, ines):
    def ago(days):
        return NOW - timedelta(days=days)

    def entered(days, **values):
        values = {"title": "Debt", "kind": "technical", "type": "debt", "by": ines, "at": ago(days)} | values
        return items.create(payments, **values)

    grown = entered(150, debt_interest=1, debt_interest_unit="points")
    items.edit(grown, debt_interest=3, by=ines, at=ago(45))
    late = entered(100)
    items.edit(late, debt_interest=2, debt_interest_unit="points", by=ines, at=ago(20))
    back = entered(130, debt_interest=5, debt_interest_unit="points")
    life_cycle.drop(back, reason="Gone", by=ines, at=ago(70))
    life_cycle.restore(back, by=ines, at=ago(10))
    entered(140, type="enabler", title="Retyped", debt_interest=9, debt_interest_unit="points")
    items.edit(Item.objects.get(title="Retyped"), type="debt", by=ines, at=ago(35))
    debt.describe(entered(1, debt_interest="0.5", debt_interest_unit="points"), since=ago(160).date(), by=ines)

    found = debt_register(payments, ines, now=NOW)

    # On days 182, 152, 122, 91, 61, 30 and 0 before, points a week; a sprint has two.
    weekly = [0, 0.5, 0.5 + 1 + 5, 0.5 + 1 + 5 + 2, 0.5 + 1 + 2, 0.5 + 3 + 2 + 9, 0.5 + 3 + 2 + 5 + 9]
    assert [point.interest for point in found.trend] == [2 * points for points in weekly]
    assert found.assumed == 2
    assert found.interest == found.trend[-1].interest


@pytest.mark.parametrize(
    ("agreed", "measured", "word"),
    [(None, 9, ""), (15, None, ""), (15, 9, "under"), (15, 10, "kept"), (15, 20, "kept"), (15, 21, "over")],
)
def test_a_share_is_kept_within_five_points(agreed, measured, word):
    assert debt_verdict("The order has", agreed, measured).word == word


def test_the_page_sets_the_share_agreed_beside_the_one_measured(client, payments, dear, ines, dev):
    client.force_login(dev)
    assert "nothing for debt" in client.get("/products/PAY/debt/").content.decode()
    client.force_login(ines)
    assert "Agree on a share" in client.get("/products/PAY/debt/").content.decode()

    products.edit(payments, debt_share=10, by=ines)

    assert "10 % debt, 20 to 40 % technical" in client.get("/products/PAY/debt/").content.decode()


def test_describing_is_recorded_versioned_and_permitted(payments, dear, marek, ines, dev, stan):
    entry = debt.describe(dear, payer="Support", version=0, by=marek)

    assert entry.version == 1
    assert Event.objects.about(dear).newest_first().first().data == {"changes": {"payer": ["", "Support"]}}
    with pytest.raises(PreconditionFailed):
        debt.describe(dear, payer="Nobody", version=0, by=ines)
    with pytest.raises(InvalidInput):
        debt.describe(dear, incidents=[str(n) for n in range(51)], by=ines)
    with pytest.raises(debt.NoDebt):
        debt.describe(factories.ItemFactory(product=payments, kind="technical", type="enabler"), payer="x", by=ines)
    for user in (dev, stan):
        with pytest.raises(PermissionDenied):
            debt.describe(dear, payer="x", by=user)
    dear.created_by = dev
    dear.save(update_fields=["created_by"])
    assert debt.describe(dear, risk="Late payouts", by=dev).risk == "Late payouts"


def test_the_pages_say_it_and_lose_nothing(client, payments, dear, ines, marek):
    client.force_login(ines)
    page = client.get("/products/PAY/debt/").content.decode()
    for words in ('data-do="go-debt"', "Manual bank file", "4 a sprint", "Pay now", "Interest trend", 'role="group"'):
        assert words in page, words
    address = f"/products/PAY/items/{dear.number}/debt/entry/"
    shown = {"debt_principal": "8", "debt_interest": "2", "debt_interest_unit": "points", "component": "1"}
    sent = {f"initial-{name}": value for name, value in shown.items()} | shown
    sent |= {"payer": "Mine", "incidents": "INC-1\nINC-2", "version": "0", "debt_principal": "13"}
    sent |= dict.fromkeys(("component", "initial-component"), str(dear.component_id))
    debt.describe(dear, payer="Theirs", by=marek)

    conflict = client.post(address, sent)
    text = conflict.content.decode()
    assert conflict.status_code == 409 and "Mine" in text and "Theirs" in text and 'name="version" value="1"' in text
    assert client.post(address, sent | {"version": "1"}).status_code == 303
    item = client.get(f"/products/PAY/items/{dear.number}/").content.decode()
    assert "Mine" in item and "INC-2" in item and "Propose one" in item
    dear.refresh_from_db()
    assert (dear.debt_principal, dear.debt_interest, dear.component_id is not None) == (13, 2, True)


def test_the_entry_shows_what_it_is_tied_to_and_writes_only_what_changed(client, payments, dear, ines, marek):
    decision = decisions.propose(payments, title="Repay in spring", items=[dear], by=ines)
    other = factories.ItemFactory(product=payments, title="Fewer files")
    dependencies.add(dear, other, by=ines)
    items.edit(dear, debt_interest=5, by=ines)
    client.force_login(marek)
    address = f"/products/PAY/items/{dear.number}/debt/entry/"

    shown = client.get(address).content.decode()
    # Shown before the interest was changed.
    sent = {"initial-debt_interest": "2", "debt_interest": "2", "initial-debt_principal": "8", "debt_principal": "8"}
    sent |= {"initial-debt_interest_unit": "points", "debt_interest_unit": "points", "risk": "Late files"}
    answer = client.post(address, sent | {"version": "0"})

    assert decision.title in shown and other.title in shown
    assert answer.status_code == 303
    dear.refresh_from_db()
    assert (dear.debt_interest, dear.debt_entry.risk) == (5, "Late files")


def test_the_entry_links_decisions_and_takes_them_away(client, payments, dear, ines, marek, dev):
    about = decisions.propose(payments, title="Repay in spring", items=[dear], by=ines)
    other = decisions.propose(payments, title="Two clocks", by=ines)
    closed = decisions.propose(payments, title="Turned down", by=ines)
    decisions.reject(closed, reason="No", by=ines)
    client.force_login(marek)
    address = f"/products/PAY/items/{dear.number}/debt/entry/"

    form = client.get(address).context["form"]
    shown = {name: list(form.fields[name].queryset) for name in ("unlink", "link")}
    answer = client.post(address, {"version": "0", "unlink": [about.pk], "link": other.pk})

    assert shown == {"unlink": [about], "link": [other]}
    assert answer.status_code == 303
    assert [link.decision for link in dear.decision_links.all()] == [other]
    assert Event.objects.about(other).newest_first().first().data["changes"] == {"items": [[], [dear.pk]]}
    assert client.post(address, {"version": "0", "link": closed.pk}).status_code == 422
    # A developer words his own proposals only: here he links none.
    dear.created_by = dev
    dear.save(update_fields=["created_by"])
    client.force_login(dev)
    assert "link" not in client.get(address).context["form"].fields
    with pytest.raises(PermissionDenied):
        debt.describe(dear, unlink=[other], by=dev)


def test_debts_of_the_same_figures_are_drawn_apart(payments, dear, ines):
    for _ in range(2):
        make(payments, debt_principal=8, debt_interest=2)
        make(payments, debt_principal=4, debt_interest=1)

    places = [(row.x, row.y) for row in debt_register(payments, ines, now=NOW).rows]

    assert len(set(places)) == 5
    assert all(0 < y < 94 for _, y in places)


def test_an_empty_register_teaches(client, payments, ines):
    client.force_login(ines)

    assert b"No debt on the books" in client.get("/products/PAY/debt/").content


def test_statements_stay_the_same_for_more_debt(payments, dear, ines):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            debt_register(payments, ines, now=NOW)
        return len(captured)

    before = statements()
    for n in range(2):
        more = make(payments, debt_principal=n + 1, debt_interest=1)
        debt.describe(more, payer="Support", by=ines)

    assert statements() == before


def test_the_api_sums_up_and_tells_the_shares(client, payments, payouts, dear, ines):
    products.edit(payments, debt_share=15, by=ines)
    client.force_login(ines)

    whole = client.get("/api/v1/products/PAY/debt/register").json()

    assert (whole["count"], whole["principal"], whole["interest"]) == (1, 8.0, 4.0)
    assert whole["debt_share"]["verdict"] == "over" and "more than the 15 %" in whole["debt_share"]["sentence"]
    assert len(whole["trend"]) == 7
    one = client.get("/api/v1/products/PAY/debt/register", {"component": payouts.pk}).json()
    other = client.get("/api/v1/products/PAY/debt/register", {"component": payouts.pk + 1}).json()
    assert (one["count"], other["count"]) == (1, 0)
    assert client.get("/api/v1/products/PAY/debt/register", {"component": "x"}).status_code == 400
    shares = client.get("/api/v1/products/PAY/debt/shares").json()
    assert shares == {
        "debt_share": {"agreed": 15, "measured": None, "verdict": "", "sentence": ""},
        "technical": None,
        "sprints": [],
    }
