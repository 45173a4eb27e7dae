"""The sign-in page offers the people of the demo where it is loaded, and nowhere else."""

import pytest
from django.test import Client

from accounts.models import User
from demo import world
from demo.replay import email_of

PAGE = "/accounts/login/"


@pytest.fixture
def loaded(db):
    """The people of the demo, without its half year."""
    for key in world.SIGN_INS:
        User.objects.create_user(email=email_of(key), name=world.PEOPLE[key], password=world.PASSWORD)


def test_the_demo_offers_its_people(loaded):
    response = Client().get(PAGE)

    assert [person.name for person in response.context["demo_people"]] == [world.PEOPLE[key] for key in world.SIGN_INS]
    assert "Product owner of Payments" in response.content.decode()


def test_without_the_demo_nobody_is_offered(ines):
    response = Client().get(PAGE)

    assert "demo_people" not in response.context
    assert world.PASSWORD not in response.content.decode()


def test_a_server_that_others_can_reach_offers_nobody(loaded, settings):
    settings.PRODUCTION = True

    assert world.PASSWORD not in Client().get(PAGE).content.decode()


def test_who_has_left_takes_the_offer_along(loaded):
    User.objects.filter(email=email_of("stan")).update(is_active=False)

    assert world.PASSWORD not in Client().get(PAGE).content.decode()
