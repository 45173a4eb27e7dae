"""What the tests of the API share: clients of people and of tokens, and furnished worlds."""

import pytest
from rest_framework.test import APIClient

from accounts.actions import tokens
from tests.api import worlds

# Far above what a test asks: rates have tests of their own.
UNLIMITED = (1_000_000, 60)


@pytest.fixture(autouse=True)
def unhurried(settings):
    settings.RATES = dict.fromkeys(settings.RATES, UNLIMITED)


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client_of():
    """A client of a person who signed in: client_of(ines)."""

    def client_of(user):
        client = APIClient()
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def bearer():
    """A client that shows a token: bearer(ines, "backlog:read")."""

    def bearer(user, *scopes, products=None):
        made = tokens.create(user, by=user, name="Script", scopes=list(scopes))
        if products is not None:
            made.token.product_ids = [product.pk for product in products]
            made.token.save(update_fields=["product_ids"])
        return APIClient(headers={"Authorization": f"Bearer {made.secret}"})

    return bearer


@pytest.fixture
def world(payments, payouts, kestrel, ines, marek, mia, dev, stan, ada):
    """Payments with one of everything, made by Ines."""
    made = worlds.furnish(payments, component=payouts, team=kestrel, owner=ines, technical_owner=marek)
    made.__dict__.update(ines=ines, marek=marek, mia=mia, dev=dev, stan=stan, ada=ada)
    return made
