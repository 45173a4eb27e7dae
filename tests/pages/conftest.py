"""What the tests over every page share."""

import time

import pytest
from django.test import Client

from tests import factories


@pytest.fixture(autouse=True)
def quiet(unhurried, own_media):
    """Rates don't count here and files go into a folder of the test."""


@pytest.fixture
def client_of():
    """A browser in which somebody has given their password a moment ago."""

    def client_of(user, **options):
        client = Client(**options)
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session.save()
        return client

    return client_of


@pytest.fixture
def root(db):
    """Admin of the instance, in no organization."""
    return factories.UserFactory(name="Rita Root", is_superuser=True)
