from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from backlog.actions import importing, items, ordering
from backlog.actions.ordering import Place
from backlog.models import (
    Component,
    Dependency,
    Goal,
    Item,
    ItemComponent,
    ItemLink,
    OrderEntry,
    Product,
    SourceKey,
)
from backlog.queries import export
from tests import factories


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def backlog(payments, ines, dev, payouts, kestrel):
    """A backlog in which every exported field is used."""
    ledger = factories.ComponentFactory(product=payments, name="Ledger; core")
    goal = Goal.objects.create(product=payments, title="Pay out daily")
    made = [
        items.create(
            payments,
            by=ines,
            title=title,
            kind="functional",
            type="story",
            description='=1+1\n\nmore, “and” "more"',
            plain_title="+ plain",
            plain_lead="-lead",
            points=Decimal("2.5"),
            business_value=13,
            time_criticality=8,
            risk_reduction=3,
            due_on=date(2026, 12, 24),
            penalty_per_week=Decimal("1.25"),
            tags=["@home", "Zeta", "alpha"],
            criteria=["It works", "[x] is kept\nas text"],
        )
        for title in ("=cmd()", "Second", "Third  with blanks", "'quoted")
    ]
    debt = items.create(
        payments,
        by=ines,
        title="Debt",
        kind="technical",
        type="debt",
        discipline="architecture",
        engagement="architectural",
        component=payouts,
        assignee=dev,
        team=kestrel,
        goal=goal,
        parent=made[1],
        debt_principal=Decimal(5),
        debt_interest=Decimal("0.5"),
        debt_interest_unit="hours",
    )
    ItemComponent.objects.create(product=payments, item=debt, component=ledger)
    Item.objects.filter(pk=debt.pk).update(is_restricted=True, source_fix_versions=["1.0", "-2"])
    done = items.create(payments, by=ines, title="Done", kind="functional", type="bug")
    Item.objects.filter(pk=done.pk).update(status="done", done_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
    OrderEntry.objects.filter(item=done).update(is_listed=False)
    items.propose(payments, by=dev, title="Proposed", kind="functional", type="story")
    done.criteria.create(position=1, text="met", met_at=datetime(2026, 1, 1, tzinfo=UTC), met_by=ines)
    Dependency.objects.create(organization=payments.organization, enabler=debt, dependent=made[0], created_by=ines)
    for kind in ItemLink.Kind:
        ItemLink.objects.create(
            organization=payments.organization, kind=kind, source=made[2], target=done, created_by=ines
        )
    ordering.move(payments, [debt.pk, made[3].pk], Place.top(), by=ines)
    ordering.pin(made[1], by=ines)
    return payments


def exported(product, by):
    return "".join(export.lines(product, by=by))


def imported(product, text, by):
    file = ContentFile(text.encode(), name="PAY.csv")
    run = importing.upload(file, source="csv", organization=product.organization, product=product, by=by)
    return importing.apply(run, by=by)


def test_an_export_imports_to_the_same_backlog_byte_for_byte(backlog, ines, dev, kestrel):
    before = exported(backlog, ines)
    order = list(Item.objects.filter(product=backlog).ranked().values_list("title", flat=True))
    Product.objects.filter(pk=backlog.pk).update(key="OLD")
    fresh = factories.ProductFactory(organization=backlog.organization, key="PAY", name="Payments")
    factories.ProductTeamFactory(product=fresh, team=kestrel)
    Goal.objects.create(product=fresh, title="Pay out daily")
    backlog.roles.all().delete()
    factories.ProductRoleFactory(product=fresh, user=ines, role="product_owner")

    run = imported(fresh, before, ines)

    assert run.report["left_out"] == []
    assert exported(fresh, ines) == before
    assert list(Item.objects.filter(product=fresh).ranked().values_list("title", flat=True)) == order
    assert Dependency.objects.filter(dependent__product=fresh).count() == 1
    assert sorted(Component.objects.filter(product=fresh).values_list("name", flat=True)) == ["Ledger; core", "Payouts"]


def test_an_export_imported_at_home_adds_nothing(backlog, ines):
    text = exported(backlog, ines)
    count = Item.objects.count()

    run = imported(backlog, text, ines)

    assert Item.objects.count() == count
    assert run.report["left_out_count"] == count
    assert not SourceKey.objects.exists()


def test_an_export_holds_only_what_its_reader_may_see(backlog, mia):
    text = exported(backlog, mia)

    assert "Debt" not in [line.split(",")[1] for line in text.splitlines() if line.startswith("PAY-")]
    assert "PAY-5" not in text


def test_an_export_takes_the_same_number_of_statements_for_any_number_of_items(
    payments, ines, django_assert_max_num_queries
):
    for number in range(3):
        items.create(payments, by=ines, title=f"Item {number}", kind="functional", type="story", tags=["a"])

    with django_assert_max_num_queries(7):
        exported(payments, ines)
