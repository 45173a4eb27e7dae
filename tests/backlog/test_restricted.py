"""Restricted items: no door tells people outside the circle that they exist."""

import json
import re

from backlog.actions import dependencies, items, life_cycle, ordering
from backlog.actions.places import Place
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


def test_what_moved_and_what_happened_name_none_of_them(payments, payouts, ines, dev, client):
    values = {"kind": "technical", "type": "security", "component": payouts, "by": ines}
    secret, first, second = (items.create(payments, title=title, **values) for title in ("Leak", "One", "Two"))
    secret = items.edit(secret, by=ines, is_restricted=True)
    dependencies.add(secret, first, by=ines)
    ordering.move(payments, [secret.pk, first.pk], Place.bottom(), by=ines, reason="Both")
    ordering.move(payments, [secret.pk], Place.bottom(), by=ines, reason="Before others know")
    ordering.move(payments, [second.pk], Place.after(secret.pk), by=ines)
    life_cycle.drop(first, by=ines)

    def said(user, path):
        client.force_login(user)
        return client.get(f"/api/v1/products/PAY/{path}").json()["results"]

    def ids_in(value):
        return {int(number) for number in re.findall(r"(?<![\w-])\d+(?![\w-])", json.dumps(value))}

    def told(moves):
        return [(move["items"], move["predecessors"], move["former"], move["reason"]) for move in moves]

    hers, his = (told(said(user, "moves"))[-4:-1] for user in (ines, dev))
    assert hers == [
        ([secret.pk, first.pk], [second.pk, secret.pk], [None, secret.pk], "Both"),
        ([secret.pk], [first.pk], [second.pk], "Before others know"),
        ([second.pk], [secret.pk], [None], ""),
    ]
    assert his == [
        ([0, first.pk], [second.pk, 0], [None, 0], "Both"),
        ([0], [first.pk], [second.pk], ""),
        ([second.pk], [0], [None], ""),
    ]
    about = f"items/{first.number}/events"
    assert [secret.pk in ids_in([event["data"] for event in said(user, about)]) for user in (ines, dev)] == [
        True,
        False,
    ]
    client.force_login(dev)
    assert "behind an item you can't see" in client.get("/products/PAY/history/").content.decode().replace(
        "&#x27;", "'"
    )
    # Who suggests a place beside what has left the list learns where things are now, of those they may see.
    answer = client.post(
        f"/api/v1/products/PAY/items/{second.number}/suggestions",
        {"place": {"after": first.pk}},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json().get("neighbours")) == (409, [])
