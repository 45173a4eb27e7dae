"""Dependencies and links."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from backlog.actions import dependencies, items
from backlog.models import Dependency, ItemLink, Product
from core.errors import InvalidInput
from core.models import Event
from tests import factories


@pytest.fixture
def three(payments, ines):
    rows = [{"title": title, "kind": "technical", "type": "enabler"} for title in ("Vault", "Tokens", "Refunds")]
    return items.create_many(payments, rows, by=ines)


@pytest.fixture
def ledger_item(payments, ines):
    """An item of another product of the organization that Ines sees too."""
    ledger = factories.ProductFactory(organization=payments.organization, key="LED", name="Ledger")
    factories.ComponentOwnerFactory(component=factories.ComponentFactory(product=ledger), user=ines)
    return factories.ItemFactory(product=ledger, title="Book a fee")


def test_a_dependency_is_recorded_at_both_items(three, dev):
    vault, tokens, _ = three

    dependency = dependencies.add(vault, tokens, by=dev)

    assert (dependency.enabler, dependency.dependent, dependency.created_by) == (vault, tokens, dev)
    for item in (vault, tokens):
        event = Event.objects.about(item).newest_first().first()
        assert (event.name, event.data) == ("dependency.added", {"enabler": vault.pk, "dependent": tokens.pk})
    vault.refresh_from_db()
    assert vault.checks_met == 2
    assert set(vault.product.order.entries.exclude(changed_version=1).values_list("item", flat=True)) == {
        vault.pk,
        tokens.pk,
    }


def test_removing_undoes_it(three, dev):
    vault, tokens, _ = three
    dependency = dependencies.add(vault, tokens, by=dev)

    dependencies.remove(dependency, by=dev)

    assert not Dependency.objects.exists()
    assert Event.objects.about(tokens).newest_first().first().name == "dependency.removed"
    vault.refresh_from_db()
    assert vault.checks_met == 1


def test_a_cycle_is_refused_and_shown(three, ines):
    vault, tokens, refunds = three
    dependencies.add(vault, tokens, by=ines)
    dependencies.add(tokens, refunds, by=ines)

    with pytest.raises(dependencies.DependencyCycle) as refusal:
        dependencies.add(refunds, vault, by=ines)

    assert refusal.value.extra == {"cycle": ["PAY-3", "PAY-1", "PAY-2", "PAY-3"]}
    assert refusal.value.message == ("That would close a circle: PAY-3 enables PAY-1 enables PAY-2 enables PAY-3.")
    assert Dependency.objects.count() == 2


def test_a_cycle_names_no_item_that_the_person_cannot_see(three, ledger_item, ines, dev):
    vault, tokens, _ = three
    dependencies.add(vault, ledger_item, by=ines)
    dependencies.add(ledger_item, tokens, by=ines)

    with pytest.raises(dependencies.DependencyCycle) as refusal:
        dependencies.add(tokens, vault, by=dev)

    assert refusal.value.extra["cycle"] == ["PAY-2", "PAY-1", "an item you can't see", "PAY-2"]


def test_a_dependency_crosses_products_that_the_person_sees(three, ledger_item, ines, dev):
    dependencies.add(ledger_item, three[0], by=ines)

    with pytest.raises(InvalidInput):
        dependencies.add(ledger_item, three[1], by=dev)
    assert Dependency.objects.count() == 1
    ledger_item.product.order.refresh_from_db()
    assert ledger_item.product.order.feed_version == 1


def test_stakeholders_of_another_product_learn_nothing_of_its_items(three, ines, stan, client):
    """A developer of one product who only follows the other one."""
    ledger = factories.ProductFactory(organization=stan.memberships.get().organization, key="LED")
    team = factories.TeamFactory(organization=ledger.organization)
    factories.ProductTeamFactory(product=ledger, team=team)
    factories.TeamMembershipFactory(team=team, user=stan, role="developer")
    fee = factories.ItemFactory(product=ledger, title="Book a fee")
    vault = three[0]
    client.force_login(stan)
    api, page = f"/api/v1/products/LED/items/{fee.number}", f"/products/LED/items/{fee.number}/"

    answers = [
        client.post(f"{api}/dependencies", {"needs": vault.pk}, "application/json"),
        client.post(f"{api}/links", {"kind": "relates", "target": vault.pk}, "application/json"),
    ]
    factories.ComponentOwnerFactory(component=factories.ComponentFactory(product=ledger), user=ines)
    dependencies.add(vault, fee, by=ines)
    dependencies.link(fee, vault, "relates", by=ines)
    told = [client.get(address) for address in (f"{api}/dependencies", f"{api}/links", page)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert [answer.status_code for answer in told] == [200, 200, 200]
    assert [answer.request["PATH_INFO"] for answer in told if b"Vault" in answer.content] == []
    with pytest.raises(InvalidInput):
        dependencies.add(vault, fee, by=stan)


def test_no_dependency_leaves_the_organization(three, ines, eve):
    foreign = factories.ItemFactory(product=Product.objects.get(key="EVE"))

    for user in (ines, eve):
        with pytest.raises(InvalidInput, match="There is no such item"):
            dependencies.add(foreign, three[0], by=user)


def test_no_item_needs_itself_or_another_twice(three, ines):
    vault, tokens, _ = three
    dependencies.add(vault, tokens, by=ines)

    with pytest.raises(InvalidInput):
        dependencies.add(vault, vault, by=ines)
    with pytest.raises(dependencies.AlreadyDependent):
        dependencies.add(vault, tokens, by=ines)


@pytest.mark.parametrize("who", ["stan", "ada", "eve"])
def test_outside_the_teams_nobody_ties_items(who, three, ines, request):
    user = request.getfixturevalue(who)
    vault, tokens, refunds = three
    dependency = dependencies.add(vault, tokens, by=ines)
    link = dependencies.link(vault, tokens, "relates", by=ines)

    for attempt in (
        lambda: dependencies.add(tokens, refunds, by=user),
        lambda: dependencies.remove(dependency, by=user),
        lambda: dependencies.link(tokens, refunds, "relates", by=user),
        lambda: dependencies.unlink(link, by=user),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_items_are_linked_and_unlinked(three, dev):
    vault, tokens, _ = three

    link = dependencies.link(vault, tokens, "duplicates", by=dev)
    with pytest.raises(dependencies.AlreadyLinked):
        dependencies.link(vault, tokens, "duplicates", by=dev)
    with pytest.raises(InvalidInput):
        dependencies.link(vault, tokens, "hates", by=dev)
    dependencies.unlink(link, by=dev)

    assert not ItemLink.objects.exists()
    names = [event.name for event in Event.objects.about(tokens).newest_first()[:2]]
    assert names == ["link.removed", "link.added"]


def test_relating_works_both_ways(three, dev):
    vault, tokens, _ = three
    dependencies.link(vault, tokens, "relates", by=dev)

    with pytest.raises(dependencies.AlreadyLinked):
        dependencies.link(tokens, vault, "relates", by=dev)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_at_once_close_no_circle(payments, ines):
    rows = [{"title": f"Row {n}", "kind": "technical", "type": "enabler"} for n in range(40)]
    made = items.create_many(payments, rows, by=ines)
    outcomes = []

    def add(enabler, dependent, barrier):
        barrier.wait()
        try:
            dependencies.add(enabler, dependent, by=ines)
            outcomes.append("added")
        except dependencies.DependencyCycle:
            outcomes.append("refused")
        finally:
            connection.close()

    # a enables b and c enables d: then b enables c and d enables a share no item, and close a circle together.
    for a, b, c, d in zip(*[iter(made)] * 4, strict=True):
        dependencies.add(a, b, by=ines)
        dependencies.add(c, d, by=ines)
        barrier = threading.Barrier(2)
        threads = [threading.Thread(target=add, args=(*ends, barrier)) for ends in ((b, c), (d, a))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(outcomes) == ["added"] * 10 + ["refused"] * 10
