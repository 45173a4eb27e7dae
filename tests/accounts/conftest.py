"""What the tests of people and their belonging share."""

import re
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress

from accounts.actions import invitations
from accounts.models import Membership
from core.models import Event
from tests import factories


@pytest.fixture
def membership_of(organization):
    def membership_of(user):
        return Membership.objects.get(organization=organization, user=user)

    return membership_of


@pytest.fixture
def recorded(db):
    """The names of the events recorded about a target, oldest first."""

    def recorded(target):
        return list(Event.objects.about(target).order_by("id").values_list("name", flat=True))

    return recorded


@pytest.fixture
def newcomer(db):
    """A person with an account and a verified address, but in no organization yet."""
    user = factories.UserFactory(name="Nora Lind", email="nora@northwind.example")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def token_in(mailoutbox):
    """The token in the link of the newest mail."""

    def token_in(mail=None):
        return re.search(r"/invitations/([\w-]{40,})/", (mail or mailoutbox[-1]).body)[1]

    return token_in


@pytest.fixture
def invited(organization, kestrel, ada, newcomer, token_in):
    """Nora's invitation into team Kestrel, and its token."""
    invitation = invitations.invite(
        organization, by=ada, email="Nora@Northwind.example", team=kestrel, team_role="developer"
    )
    return SimpleNamespace(invitation=invitation, token=token_in())
