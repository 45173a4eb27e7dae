"""What the tests of the API share: clients of people and of tokens."""

import pytest
from rest_framework.test import APIClient

from accounts.actions import tokens


@pytest.fixture(autouse=True)
def quiet(unhurried, own_media):
    """Rates don't count here, and files go into a folder of the test."""


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
        made = tokens.create(
            user,
            by=user,
            name="Script",
            scopes=list(scopes),
            product_ids=products and [product.pk for product in products],
        )
        return APIClient(headers={"Authorization": f"Bearer {made.secret}"})

    return bearer
