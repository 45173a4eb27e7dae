"""Wrong addresses lead on where it is clear what was meant, and never to a dead end."""

import pytest
from django.test import Client

from backlog.actions import items
from backlog.models import RetiredProductKey


@pytest.fixture
def as_dev(dev):
    client = Client()
    client.force_login(dev)
    return client


def test_keys_in_small_letters_and_former_ones_lead_on(as_dev, payments):
    RetiredProductKey.objects.create(product=payments, key="OLD")

    found = {path: as_dev.get(path) for path in ("/products/", "/products/pay/backlog/?q=x", "/products/OLD/sprints/")}

    assert [response["Location"] for response in found.values()] == [
        "/",
        "/products/PAY/backlog/?q=x",
        "/products/PAY/sprints/",
    ]
    assert as_dev.get("/products/eve/backlog/").status_code == 404
    assert Client().get("/products/pay/nothing/").status_code == 404


def test_a_page_that_says_no_keeps_the_navigation_and_names_who_can_help(as_dev, payments, ines, ada):
    lost = as_dev.get("/products/PAY/items/99/")
    refused = as_dev.get("/organizations/northwind/")
    of_product = as_dev.get("/products/PAY/import/")

    assert [lost.status_code, refused.status_code, of_product.status_code] == [404, 403, 403]
    for response in (lost, refused, of_product):
        assert 'href="/products/PAY/backlog/"' in response.content.decode()
    text = of_product.content.decode()
    assert "You can ask Ines Falkner, the product owner of Payments; or Ada Byron" in text


def test_dates_out_of_this_world_are_refused(payments, ines):
    item = items.create(payments, by=ines, title="One", kind="functional", type="story")
    client = Client()
    client.force_login(ines)

    for day in ("0001-01-01", "9999-12-31"):
        response = client.post("/products/PAY/items/1/value/", {"due_on": day}, headers={"HX-Request": "true"})
        assert response.status_code == 422
        assert "A date from 1970 to 2100" in response["HX-Trigger"]
    item.refresh_from_db()
    assert item.due_on is None


def test_a_position_that_is_not_said_is_asked_for(payments, ines):
    client = Client()
    client.force_login(ines)
    sent = {"title": "One", "type": "story", "place": "position", "position": ""}

    response = client.post("/products/PAY/backlog/new/", sent)

    assert response.status_code == 422
    assert "Say which position." in response.content.decode()


def test_the_app_can_be_kept_on_a_device(db):
    manifest = Client().get("/manifest.webmanifest")

    assert manifest["Content-Type"] == "application/manifest+json"
    assert [icon["sizes"] for icon in manifest.json()["icons"]] == ["192x192", "512x512", "512x512"]
