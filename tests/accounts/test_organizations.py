"""Making and changing organizations."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.actions import organizations
from accounts.models import Membership, Organization, User
from core.errors import InvalidInput
from tests import factories

FIRST = {
    "name": "Northwind",
    "time_zone": "Europe/Oslo",
    "admin_name": "Ada Byron",
    "email": "Ada@Northwind.example",
    "password": factories.PASSWORD,
}


def test_the_instance_admin_makes_an_organization_with_its_admin(db, recorded):
    root = factories.UserFactory(is_superuser=True)
    ada = factories.UserFactory(name="Ada Byron")

    organization = organizations.create(name="Øst & Vest", admin=ada, by=root, time_zone="Europe/Oslo")

    assert organization.slug == "st-vest"
    assert list(organization.memberships.values_list("user", "role")) == [(ada.pk, "admin")]
    assert recorded(organization) == ["organization.created"]


def test_two_organizations_of_one_name_have_their_own_addresses(db):
    root = factories.UserFactory(is_superuser=True)

    made = [organizations.create(name="Northwind", admin=root, by=root) for _ in range(3)]

    assert [organization.slug for organization in made] == ["northwind", "northwind-2", "northwind-3"]


def test_an_organization_admin_makes_no_further_organization(ada):
    with pytest.raises(PermissionDenied):
        organizations.create(name="Southwind", admin=ada, by=ada)

    assert not Organization.objects.filter(name="Southwind").exists()


def test_the_admin_changes_the_settings(organization, ada, recorded):
    organizations.edit(organization, by=ada, name="Northwind AS", time_zone="Europe/Oslo")

    organization.refresh_from_db()
    assert (organization.name, organization.time_zone) == ("Northwind AS", "Europe/Oslo")
    assert recorded(organization) == ["organization.edited"]


@pytest.mark.parametrize("person", ["ines", "mia", "dev", "stan", "eve"])
def test_nobody_else_changes_the_settings(organization, person, request, recorded):
    with pytest.raises(PermissionDenied):
        organizations.edit(organization, by=request.getfixturevalue(person), name="Mine", time_zone="UTC")

    assert recorded(organization) == []


def test_an_unknown_time_zone_is_refused(organization, ada):
    with pytest.raises(InvalidInput) as refusal:
        organizations.edit(organization, by=ada, name="Northwind", time_zone="Middle/Earth")

    assert refusal.value.field == "time_zone"


def test_the_first_run_makes_the_organization_and_the_admin_of_both(db):
    User.objects.service("night")

    organization, ada = organizations.create_first(**FIRST)

    assert (ada.email, ada.is_superuser, ada.check_password(factories.PASSWORD)) == (
        "ada@northwind.example",
        True,
        True,
    )
    assert ada.emailaddress_set.get().verified
    assert Membership.objects.get().organization == organization


def test_there_is_no_second_first_run(ada):
    with pytest.raises(organizations.NotTheFirst):
        organizations.create_first(**FIRST)


def test_a_password_that_is_easy_to_guess_sets_nothing_up(db):
    with pytest.raises(InvalidInput) as refusal:
        organizations.create_first(**FIRST | {"password": "password"})

    assert refusal.value.field == "password"
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_many_first_runs_at_once_one_wins():
    outcomes, start = [], threading.Barrier(8)

    def set_up(n):
        start.wait()
        try:
            organizations.create_first(**FIRST | {"email": f"ada{n}@northwind.example"})
            outcomes.append("made")
        except organizations.NotTheFirst:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=set_up, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made"] + ["refused"] * 7
    assert Organization.objects.count() == User.objects.count() == 1
