"""The technical flow: what is drawn where, what waits for what, and what the page costs."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Team
from backlog.actions import components, dependencies, items, technical_order
from backlog.actions.ordering import Place
from backlog.models import ComponentOwner, Item, Product
from roadmap.actions import forecasts
from roadmap.queries.technical_flow import Asked, chain_of, costliest, technical_flow
from roadmap.queries.technical_page import technical_page
from sprints.actions import sprints
from tests import factories
from tests.roadmap.pasts import TODAY, finish


@pytest.fixture
def ledger(organization, ines):
    product = factories.ProductFactory(organization=organization, key="LED", name="Ledger")
    factories.ProductRoleFactory(product=product, user=ines, role="product_owner")
    return product


@pytest.fixture
def flow_of(payments, ledger, kestrel, payouts, ines):
    """An enabler in the running sprint and one in the list carry outcomes; the second stands below its outcome."""
    finish(payments, [4] * 12, team=kestrel)

    def item(product, title, type, **values):
        kind = "functional" if type == "story" else "technical"
        return items.create(product, title=title, kind=kind, type=type, by=ines, **values)

    made = {
        "keys": item(payments, "Idempotency keys", "enabler", points=5, team=kestrel, component=payouts),
        "payout": item(payments, "Payout in 10 seconds", "story", business_value=8, team=kestrel),
        "balance": item(ledger, "Live balance", "story", business_value=5),
        "early": item(payments, "Weekend payouts", "story", business_value=3, team=kestrel),
        "windows": item(payments, "Seven-day windows", "infrastructure", points=3, team=kestrel),
        "events": item(ledger, "Status events", "architecture", points=8),
    }
    for needed, by in (("keys", "payout"), ("keys", "events"), ("events", "balance"), ("windows", "early")):
        dependencies.add(made[needed], made[by], by=ines)
    sprint = sprints.plan(kestrel, starts_on=TODAY, ends_on=TODAY + timedelta(days=11), by=ines)
    sprints.add(sprint, [made["keys"]], by=ines)
    sprints.start(sprint, by=ines)
    forecasts.record(payments, on=TODAY, by=ines)
    return made


def shown(product, user, **asked):
    # A change of anything shown has another version: nothing is stale.
    return technical_flow(Product.objects.get(pk=product.pk), user, Asked(**asked), today=TODAY)


def test_the_flow_shows_what_carries_which_outcome(payments, ines, marek, dev, flow_of):
    flow = shown(payments, ines)

    place = {item.title: (flow.lanes[item.lane], flow.columns[item.column]) for item in flow.items.values()}
    assert place["Idempotency keys"] == ("Application", "In sprint")
    assert place["Payout in 10 seconds"][0] == "Outcomes"
    assert place["Seven-day windows"][0] == "Infrastructure"
    assert place["Status events"] == ("Architecture", "No date yet")
    assert flow.columns[0] == "In sprint"
    bad = {(flow.items[link.enabler].title, flow.items[link.dependent].title) for link in flow.links if link.is_bad}
    assert bad == {("Seven-day windows", "Weekend payouts"), ("Status events", "Live balance")}
    # What is far off is told, and drawn when asked for.
    assert flow.undrawn_count == 2
    assert shown(payments, ines, is_all=True).undrawn_count == 0
    chain = chain_of(flow, costliest(flow), sprint_days=14)
    assert (chain.item.title, [one.title for one in chain.direct]) == ("Idempotency keys", ["Payout in 10 seconds"])
    assert [(one.title, via.title) for one, via in chain.through] == [("Live balance", "Status events")]
    assert (chain.weight, chain.sprint_weight, chain.money) == (13, 26, None)
    # Of another product, whose backlog these may not read, they see nothing.
    for reader in (marek, dev):
        assert {item.product_key for item in shown(payments, reader).items.values()} == {"PAY"}
    assert shown(payments, ines, is_by_type=True).lanes == ["Outcomes", "Architecture", "Infrastructure", "Enabler"]
    assert len(shown(payments, ines, products=("LED",)).technical) == 1
    Item.objects.filter(pk=flow_of["windows"].pk).update(is_restricted=True)
    cache.clear()
    assert "Seven-day windows" not in [item.title for item in shown(payments, dev).items.values()]


def test_the_flow_is_drawn_again_only_when_something_changed(
    payments, kestrel, payouts, ines, flow_of, django_assert_max_num_queries
):
    first = shown(payments, ines)

    with django_assert_max_num_queries(7):
        again = shown(payments, ines)
    assert again.version == first.version

    items.edit(flow_of["windows"], title="Windows all week", by=ines)
    changed = shown(payments, ines)
    assert changed.items[flow_of["windows"].pk].title == "Windows all week"
    dependencies.add(flow_of["windows"], flow_of["balance"], by=ines)
    assert len(shown(payments, ines).links) == len(first.links) + 1
    # What no item tells of is told all the same.
    components.edit(payouts, name="Payins", by=ines)
    assert shown(payments, ines).items[flow_of["keys"].pk].component == "Payins"
    Team.objects.filter(pk=kestrel.pk).update(name="Merlin")
    assert shown(payments, ines).items[flow_of["keys"].pk].team == "Merlin"
    before = shown(payments, ines).version
    sprints.plan(kestrel, starts_on=TODAY + timedelta(days=12), ends_on=TODAY + timedelta(days=25), by=ines)
    planned = shown(payments, ines).version
    forecasts.record(payments, on=TODAY, by=ines)
    assert len({before, planned, shown(payments, ines).version}) == 3
    Product.objects.filter(pk=payments.pk).update(value_point_in_currency=100)
    assert shown(payments, ines).items[flow_of["payout"].pk].money == 800


def test_nobody_gets_what_was_drawn_for_another(payments, payouts, ines, marek, dev, flow_of, client):
    """marek owns the component of the restricted item until he doesn't; dev never sees it."""
    items.edit(flow_of["windows"], title="Secret windows", component=payouts, is_restricted=True, by=ines)
    pages = [reverse(f"roadmap:technical{name}", args=["PAY"]) for name in ("", "-table")]

    def sees(user):
        client.force_login(user)
        found = {"Secret windows" in client.get(url, {"shown": "all"}).content.decode() for url in pages}
        assert len(found) == 1
        return found.pop()

    assert [sees(user) for user in (ines, marek, dev)] == [True, True, False]
    factories.ComponentOwnerFactory(component=factories.ComponentFactory(product=payments), user=marek)
    ComponentOwner.objects.filter(component=payouts, user=marek).delete()
    assert [sees(user) for user in (ines, marek, dev)] == [True, False, False]


def test_the_page_tells_order_load_and_what_is_next(payments, kestrel, ines, flow_of):
    technical_order.move(flow_of["windows"], Place.top(), by=ines)
    another = items.create(payments, title="Old mapper", kind="technical", type="debt", by=ines)
    technical_order.move(another, Place.top(), by=ines)

    page = technical_page(payments, ines, Asked(), today=TODAY)

    assert [row.item.title for row in page.rows[:2]] == ["Old mapper", "Seven-day windows"]
    assert page.out_of_step_count == 1
    assert [(load.team, load.technical, load.points) for load in page.loads] == [("Kestrel", 8, 8)]
    assert page.loads[0].is_over
    assert [(up.team, [item.title for item, _ in up.items]) for up in page.next_up] == [
        ("Kestrel", ["Seven-day windows", "Idempotency keys"])
    ]


def test_statements_are_flat(payments, ines, flow_of, client):
    client.force_login(ines)
    url = reverse("roadmap:technical", args=["PAY"])

    def statements():
        cache.clear()
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    before = statements()
    for number in range(3):
        made = items.create(payments, title=f"More {number}", kind="technical", type="debt", by=ines)
        dependencies.add(made, flow_of["payout"], by=ines)

    assert statements() == before


def test_one_moves_applies_and_takes_back_on_the_page(payments, ines, flow_of, client):
    client.force_login(ines)
    debt = items.create(payments, title="Old mapper", kind="technical", type="debt", by=ines)
    url = reverse("roadmap:technical-move", args=["PAY"])
    keys, windows = (f"PAY-{flow_of[name].number}" for name in ("keys", "windows"))

    answer = client.post(url, {"item": f"PAY-{debt.number}", "before": keys}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    page = client.get(reverse("roadmap:technical", args=["PAY"])).content.decode()
    assert page.index(f'id="rank-PAY-{debt.number}"') < page.index(f'id="rank-{keys}"')
    assert "1 item of Payments stands in another order there" in " ".join(page.split())

    client.post(reverse("roadmap:technical-apply", args=["PAY"]))
    assert Item.objects.filter(product=payments).technical().ranked().first() == debt
    undone = client.post(f"{url}?item=PAY-{debt.number}&after={windows}")
    assert undone.status_code == 303
    assert client.post(url, {"item": "PAY-999"}).status_code == 422
    chain = client.get(reverse("roadmap:technical-chain", args=["PAY"]), {"item": keys}).content.decode()
    assert "<b>Payout in 10 seconds</b> directly, and <b>Live balance</b> in LED" in " ".join(chain.split())
    unseen = client.get(reverse("roadmap:technical-chain", args=["PAY"]), {"item": "PAY-999"}).content.decode()
    assert "not among those shown" in unseen
