"""Restricted items: no door tells people outside the circle that they exist."""

from backlog.actions import items
from backlog.queries.component_page import component_page
from backlog.queries.products import product_list
from tests import factories


def test_the_audit_of_an_admin_leaves_restricted_items_out(payments, ines, ada, client):
    secret = items.create(payments, title="Leak", kind="technical", type="security", is_restricted=True, by=ines)
    items.create(payments, title="Known", kind="technical", type="debt", by=ines)
    client.force_login(ada)

    told = client.get("/api/v1/products/PAY/events").json()["results"]
    client.force_login(ines)
    all_told = client.get("/api/v1/products/PAY/events").json()["results"]

    assert [event["data"]["title"] for event in told if event["name"] == "item.created"] == ["Known"]
    assert secret.pk in [event["target_id"] for event in all_told]


def test_counts_leave_out_what_is_restricted(payments, payouts, ines, marek, dev, kestrel):
    factories.ComponentFactory(product=payments, name="Web")
    values = {"kind": "technical", "type": "security", "is_restricted": True, "by": ines}
    items.create(payments, title="Leak", component=payouts, **values)
    items.create(payments, title="Hole", assignee=marek, **values)

    for user, of_product, of_payouts in ((ines, 2, 1), (marek, 2, 1), (dev, 0, 0)):
        (card,) = product_list(user).cards
        counts = {row.component.name: row.carried.items for row in component_page(payments, user).rows}
        assert (card.item_count, counts) == (of_product, {"Payouts": of_payouts, "Web": 0}), user


def test_counts_of_tags_leave_them_out(payments, ines, dev, client):
    items.create(payments, title="Leak", kind="technical", type="security", tags=["cve"], is_restricted=True, by=ines)

    def counted(user):
        client.force_login(user)
        return [tag["item_count"] for tag in client.get("/api/v1/products/PAY/tags").json()["results"]]

    assert (counted(ines), counted(dev)) == ([1], [0])
