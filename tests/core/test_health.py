"""What the operators' tools ask."""

import pytest
from django.test import Client

from core import metrics
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_a_process_that_answers_is_live(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_a_server_with_everything_is_ready(client, own_valkey):
    response = client.get("/readyz")

    assert response.json() == {"database": "ok", "broker": "ok", "migrations": "ok"}
    assert response.status_code == 200


def test_a_server_without_broker_is_not_ready(client, own_valkey):
    own_valkey.stop()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": "ok", "broker": "The broker does not answer.", "migrations": "ok"}


def test_metrics_need_the_token_or_an_admin_of_the_instance(client, settings, ines):
    settings.METRICS_TOKEN = "scrape"
    admin = factories.UserFactory(is_superuser=True)

    def status(**headers):
        return client.get("/metrics", headers=headers).status_code

    assert status() == 403
    assert status(Authorization="Bearer wrong") == 403
    assert status(Authorization="Bearer scrape") == 200
    client.force_login(ines)
    assert status() == 403
    client.force_login(admin)
    assert status() == 200


def test_an_empty_metrics_token_opens_nothing(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_metrics_show_what_apps_register(monkeypatch):
    monkeypatch.setitem(metrics._gauges, "order_problems", ("Problems of an order", lambda: 3))

    text = metrics.exposition().decode()

    assert "underpin_order_problems 3.0" in text
    assert "underpin_outbox_backlog 0.0" in text
