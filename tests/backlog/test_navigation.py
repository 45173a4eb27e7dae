"""The ways around, for each of the cast."""

import pytest
from django.test import RequestFactory
from django.urls import ResolverMatch, reverse

from backlog.navigation import PLACES, navigation
from tests import factories


@pytest.fixture
def nav_of():
    def nav_of(user, **arguments):
        request = RequestFactory().get("/")
        request.user = user
        request.resolver_match = ResolverMatch(lambda: None, (), arguments)
        return navigation(request)["nav"]

    return nav_of


def test_the_product_of_the_page_is_the_current_one(nav_of, ines, payments):
    ledger = factories.ProductFactory(organization=payments.organization, key="LED", name="Ledger")
    factories.ProductRoleFactory(product=ledger, user=ines, role="stakeholder")

    nav = nav_of(ines, product_key="PAY")

    assert [(p.key, p.is_current) for p in nav.products] == [("LED", False), ("PAY", True)]
    assert nav_of(ines, item_key="LED-3").product.key == "LED"


def test_a_person_sees_the_role_held_in_the_product(nav_of, ines, marek, payments):
    assert nav_of(ines).role_label == "Product owner"
    assert nav_of(marek).role_label == "Technical product owner"


def test_team_names_read_as_a_phrase(nav_of, ines, payments):
    for name in ("Heron", "Wren"):
        team = factories.TeamFactory(organization=payments.organization, name=name)
        factories.ProductTeamFactory(product=payments, team=team)

    assert nav_of(ines).team_names == "Heron, Kestrel and Wren"


def test_an_outsider_sees_only_her_own(nav_of, eve, payments):
    nav = nav_of(eve, product_key="PAY")

    assert [product.key for product in nav.products] == ["EVE"]
    assert nav.product.key == "EVE"


def test_who_has_no_product_still_finds_the_organization(nav_of, organization):
    nav = nav_of(factories.MemberFactory(organization=organization))

    assert (nav.product, nav.organization_name) == (None, organization.name)


def test_fragments_that_draw_no_navigation_ask_nothing(nav_of, ines, django_assert_num_queries):
    with django_assert_num_queries(0):
        nav_of(ines)


def test_the_cost_does_not_grow_with_products(nav_of, ines, payments, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert len(nav_of(ines).products) == 1
    for _ in range(2):
        product = factories.ProductFactory(organization=payments.organization)
        factories.ProductRoleFactory(product=product, user=ines, role="stakeholder")

    with django_assert_max_num_queries(6):
        assert len(nav_of(ines).products) == 3


@pytest.mark.parametrize(
    "place", [place for places in PLACES.values() for place in places], ids=lambda place: place.route
)
def test_every_entry_has_its_page(place):
    assert reverse(place.route, kwargs={place.takes: "PAY"} if place.takes else {})


@pytest.mark.parametrize("person", ["ines", "marek", "mia", "dev", "stan", "ada"])
def test_every_entry_opens_for_whom_it_is_shown(nav_of, client, payments, person, request):
    user = request.getfixturevalue(person)
    client.force_login(user)

    for group in nav_of(user).groups:
        for entry in group.entries:
            assert client.get(entry.url).status_code == 200, entry.label
