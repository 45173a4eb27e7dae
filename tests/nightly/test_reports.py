"""The health report: each finder speaks where it should, and nobody reads what they may not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from backlog.actions import dependencies, items, life_cycle
from backlog.models import ComponentOwner, Dependency, Item, Product, Question
from nightly.actions import proposals, reports
from nightly.models import HealthReport
from nightly.queries.reports import health_page
from sprints.models import Sprint, SprintItem
from tests import factories

pytestmark = pytest.mark.django_db

NOON = datetime(2031, 6, 10, 12, tzinfo=UTC)
ON = NOON.date()


@pytest.fixture
def night(db):
    return User.objects.service("night")


@pytest.fixture
def closed_sprint(payments, kestrel, ines):
    return Sprint.objects.create(
        organization=payments.organization,
        team=kestrel,
        number=1,
        starts_on=ON - timedelta(days=28),
        ends_on=ON - timedelta(days=15),
        status="closed",
        started_at=timezone.now(),
        started_by=ines,
        closed_at=timezone.now(),
        closed_by=ines,
        committed_points=20,
        delivered_points=20,
    )


def keys(report):
    return {one["key"] for one in report.findings}


def ready_item(product, **fields):
    item = factories.ItemFactory(product=product, points=Decimal(5), checks_met=3, checks_total=3, **fields)
    Item.objects.filter(pk=item.pk).update(updated_at=NOON - timedelta(days=1), created_at=NOON - timedelta(days=2))
    return item


def test_an_empty_backlog_has_a_report_and_no_finding(payments, ines, night):
    report = reports.write(payments, ON, by=night)

    assert report.verdict == {"key": "nothing_listed"}
    assert report.findings == []
    assert health_page(payments, ines).verdict == "The backlog is empty. Nothing needs you now."


def test_only_the_night_writes_reports(payments, ines):
    with pytest.raises(PermissionDenied):
        reports.write(payments, ON, by=ines)


def test_a_report_is_written_once_a_day_and_again_when_it_says_something_else(payments, ines, night):
    first = reports.write(payments, ON, by=night)
    again = reports.write(payments, ON, by=night)
    factories.ItemFactory(product=payments)
    other = reports.write(payments, ON, by=night)

    assert HealthReport.objects.count() == 1
    assert first.pk == again.pk == other.pk
    assert first.written_at == again.written_at < other.written_at


def test_each_finder_speaks(payments, kestrel, payouts, ines, marek, closed_sprint, night):
    upper = ready_item(payments, component=payouts)
    needed = ready_item(payments)
    big = factories.ItemFactory(product=payments, points=Decimal(13))
    factories.ItemFactory(product=payments, points=None)
    Dependency.objects.create(organization=payments.organization, enabler=needed, dependent=upper, created_by=ines)
    Question.objects.create(
        product=payments, item=upper, text="Which?", asked_by=ines, asked_at=NOON - timedelta(days=9)
    )
    Item.objects.filter(pk=needed.pk).update(
        updated_at=NOON - timedelta(days=80),
        kind="technical",
        type="debt",
        debt_interest=4,
        debt_interest_unit="points",
    )
    factories.ItemFactory(product=payments, status="proposed", status_at=NOON - timedelta(days=8))
    factories.ComponentFactory(product=payments, name="Ledger")
    Sprint.objects.create(
        organization=payments.organization,
        team=kestrel,
        number=2,
        starts_on=ON - timedelta(days=14),
        ends_on=ON - timedelta(days=1),
        status="active",
        started_at=timezone.now(),
        started_by=ines,
    )

    Product.objects.filter(pk=payments.pk).update(debt_share=35)
    payments.refresh_from_db()
    report = reports.write(payments, ON, by=night)

    assert keys(report) >= {
        "debt_share_under",
        "inversions",
        "questions_waiting",
        "too_big",
        "unestimated_near_top",
        "criteria_missing_near_top",
        "stale",
        "runway_short",
        "proposals_waiting",
        "components_without_owner",
        "debt_interest",
        "sprint_overdue",
    }
    owners = {one["key"]: one["owner"] for one in report.findings}
    assert owners["questions_waiting"] == marek.pk
    assert owners["inversions"] == ines.pk
    page = health_page(payments, ines)
    assert len(page.first) == 2
    assert all(row.action_url for row in page.findings)
    rows = {row.key: row for row in page.findings}
    assert rows["inversions"].title == f"PAY-{upper.number} stands above something it needs"
    assert rows["too_big"].action_url == f"/products/PAY/items/{big.number}/"
    assert [bar.label for bar in page.mix] == ["+1", "+2"]
    payments.debt_share = 0
    payments.save()
    assert "debt_share_over" in keys(reports.write(payments, ON, by=night))


def test_what_became_of_proposals_and_how_long_it_took(payments, ines, marek, night, client):
    def propose(days_before, **values):
        at = NOON - timedelta(days=days_before)
        return items.propose(payments, title="Outbox", kind="technical", type="enabler", by=marek, at=at, **values)

    said = {"by": ines, "at": NOON}
    life_cycle.accept_proposal(propose(1), **said)
    life_cycle.accept_proposal(propose(4), points=8, **said)
    life_cycle.decline(propose(6), reason="Not now", **said)
    propose(2)
    long_ago = propose(120)
    life_cycle.decline(long_ago, reason="No", by=ines, at=NOON - timedelta(days=100))
    secret = propose(3)
    life_cycle.accept_proposal(secret, **said)
    Item.objects.filter(pk=secret.pk).update(is_restricted=True)

    figures = reports.write(payments, ON, by=night).figures

    assert {name: figures[name] for name in figures if name.startswith("proposal")} == {
        "proposals_waiting": 1,
        "proposals_accepted": 1,
        "proposals_changed": 1,
        "proposals_declined": 1,
        "proposal_days": 4.0,
    }
    client.force_login(ines)
    shown = client.get("/products/PAY/health/").content.decode()
    assert "3 decided in 12 weeks: 1 accepted as proposed, 1 with a change, 1 declined" in shown
    assert client.get(f"/api/v1/products/PAY/health/{ON}").json()["figures"]["proposal_days"] == 4.0


def test_new_items_like_another_are_told_until_they_are_linked(payments, ines, night):
    said = ["Refund", "Invoice", "Currency", "Mandate", "Login", "Export", "Receipt", "Tariff", "Chargeback", "Ledger"]
    for word in said:
        for what in ("is slow", "is wrong"):
            factories.ItemFactory(product=payments, title=f"{word} {word.lower()}s {what}")
    old = Item.objects.get(title__startswith="Refund", title__endswith="slow")
    new = factories.ItemFactory(product=payments, title="Slow refund of refunds")
    Item.objects.update(created_at=NOON - timedelta(days=30))
    assert "alike" not in keys(reports.write(payments, ON, by=night))

    Item.objects.filter(pk=new.pk).update(created_at=NOON - timedelta(days=1))
    [found] = [one for one in reports.write(payments, ON, by=night).findings if one["key"] == "alike"]
    assert found["items"] == [new.number, old.number]
    assert "2 items say much the same" in " ".join(row.title for row in health_page(payments, ines).findings)

    dependencies.link(new, old, "duplicates", by=ines)
    assert "alike" not in keys(reports.write(payments, ON, by=night))


def test_finders_of_shares_owners_and_sprints_speak_too(payments, kestrel, payouts, ines, closed_sprint, night):
    technical = [ready_item(payments, kind="technical", type="enabler", component=payouts) for _ in range(14)]
    running = Sprint.objects.create(
        organization=payments.organization,
        team=kestrel,
        number=2,
        starts_on=ON - timedelta(days=7),
        ends_on=ON + timedelta(days=6),
        status="active",
        started_at=timezone.now(),
        started_by=ines,
    )
    in_sprint = factories.ItemFactory(product=payments, points=Decimal(8))
    SprintItem.objects.create(organization=payments.organization, sprint=running, item=in_sprint, added_by=ines)

    before = reports.write(payments, ON, by=night)

    assert keys(before) >= {"runway_long", "technical_share_high", "needs_technical_owner", "sprint_behind"}
    rows = {row.key: row for row in health_page(payments, ines).findings}
    assert rows["needs_technical_owner"].title == "14 technical items have no technical owner"
    assert rows["sprint_behind"].title == "Sprint 2 of Kestrel has 8 points left and 7 days to go"
    assert rows["runway_long"].title.startswith("Work for 3.9 sprints is ready")

    ComponentOwner.objects.create(organization=payments.organization, product=payments, component=payouts, user=ines)
    Item.objects.filter(pk__in=[item.pk for item in technical[:10]]).update(kind="functional", type="story")
    for item in technical[10:]:
        asked_at = NOON - timedelta(days=9)
        Question.objects.create(product=payments, item=item, text="Which?", asked_by=ines, asked_at=asked_at)

    after = reports.write(payments, ON + timedelta(days=1), by=night)

    assert keys(after) >= {"technical_share_low", "needs_further_technical_owner"}
    assert "needs_technical_owner" not in keys(after)


def test_items_out_of_order_lead_to_the_moves_that_mend_them(payments, ines, night):
    upper, needed = (ready_item(payments, business_value=value) for value in (3, 0))
    Dependency.objects.create(organization=payments.organization, enabler=needed, dependent=upper, created_by=ines)
    reports.write(payments, ON, by=night)

    def action():
        (row,) = [row for row in health_page(payments, ines).findings if row.key == "inversions"]
        return row.action_url

    assert action() == f"/products/PAY/items/{upper.number}/"
    proposals.prepare(payments, on=ON, by=night)
    assert action() == "/products/PAY/proposal/"


def test_the_finders_are_silent_where_all_is_well_or_nothing_is_known(payments, ines, night):
    item = ready_item(payments)
    Item.objects.filter(pk=item.pk).update(updated_at=NOON - timedelta(days=1))

    report = reports.write(payments, ON, by=night)

    assert report.verdict == {"key": "no_velocity"}
    assert keys(report) == set()


def test_restricted_items_are_neither_named_nor_counted(payments, ines, marek, mia, night):
    for _ in range(2):
        secret = factories.ItemFactory(product=payments)
        Item.objects.filter(pk=secret.pk).update(updated_at=NOON - timedelta(days=80))
    hidden = factories.ItemFactory(product=payments, is_restricted=True)
    Item.objects.filter(pk=hidden.pk).update(updated_at=NOON - timedelta(days=80))

    report = reports.write(payments, ON, by=night)
    Item.objects.filter(pk=secret.pk).update(is_restricted=True)

    (stale,) = [one for one in report.findings if one["key"] == "stale"]
    assert stale["count"] == 2
    (row,) = [row for row in health_page(payments, mia).findings if row.key == "stale"]
    assert row.count == 1
    assert str(secret.number) not in [item.key for item in row.items]


def test_what_is_told_of_items_restricted_since_goes_with_them(payments, mia, night):
    asked = [factories.ItemFactory(product=payments) for _ in range(2)]
    for item, days in zip(asked, (40, 9), strict=True):
        asked_at = NOON - timedelta(days=days)
        Question.objects.create(product=payments, item=item, text="Which?", asked_by=mia, asked_at=asked_at)
    reports.write(payments, ON - timedelta(days=7), by=night)
    reports.write(payments, ON, by=night)

    def waiting(page):
        return [row.title for row in page.findings if row.key == "questions_waiting"]

    assert waiting(health_page(payments, mia)) == ["2 items wait for an answer, the oldest for 40 days"]
    Item.objects.filter(pk=asked[0].pk).update(is_restricted=True)
    assert waiting(health_page(payments, mia)) == ["1 item waiting for an answer"]
    Item.objects.filter(pk=asked[1].pk).update(is_restricted=True)
    page = health_page(payments, mia)
    assert (waiting(page), page.new_count, page.gone_count) == ([], 0, 0)


def test_reports_are_compared_and_read_in_fixed_statements(
    payments, ines, night, django_assert_num_queries, django_assert_max_num_queries
):
    reports.write(payments, ON - timedelta(days=7), by=night)
    item = factories.ItemFactory(product=payments)
    Item.objects.filter(pk=item.pk).update(updated_at=NOON - timedelta(days=80))
    reports.write(payments, ON, by=night)

    with django_assert_num_queries(7):
        page = health_page(payments, ines)
    assert (page.against, page.new_count, page.gone_count) == (ON - timedelta(days=7), 1, 0)
    assert [trend.values for trend in page.trends if trend.name == "stale"] == [(0, 1)]
    for _ in range(3):
        factories.ItemFactory(product=payments)
    with django_assert_max_num_queries(30):
        reports.write(payments, ON + timedelta(days=1), by=night)
    reports.write(payments, ON - timedelta(days=100), by=night)
    with django_assert_num_queries(7):
        page = health_page(payments, ines)
    assert page.dates == (ON, ON - timedelta(days=7))
    long_before = ON - timedelta(days=300)
    assert health_page(payments, ines, against=long_before).against == ON - timedelta(days=100)
    assert health_page(payments, ines, on=ON).following == ON + timedelta(days=1)


def test_the_page_teaches_before_the_first_night_and_shows_the_report_after_it(client, payments, ines, night):
    client.force_login(ines)
    assert "No report yet" in client.get("/products/PAY/health/").content.decode()

    factories.ItemFactory(product=payments)
    reports.write(payments, ON, by=night)

    assert client.get("/products/PAY/health/").status_code == 200
    assert client.get(f"/products/PAY/health/{ON}/").status_code == 200
    assert client.get("/products/PAY/health/2031-01-01/").status_code == 404
