"""Every page and every form, by everybody: the table of permissions is what happens."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from core.permissions import table
from tests import factories, states, worlds
from tests.attempts import attempt, content_of
from tests.pages.visits import VISITS, names_in_path
from tests.worlds import ids_of

# Roles in the furnished product; what the table's conditions say stands with each visit.
CAST = {
    "ines": {"product_owner"},
    "marek": {"technical_owner"},
    "mia": {"scrum_master", "team_member"},
    "dev": {"team_member"},
    "stan": {"stakeholder"},
    "ada": {"organization_admin"},
}
# These see the items of no product: what is about one of them isn't there.
SEE_NO_ITEM = {"stan", "ada"}
DONE = (200, 302, 303)
REFUSED = (403, 404)


def pages_of_table():
    """Pages of ours; those of the sign-in library have no namespace."""
    return {
        (method, route)
        for route, methods in table().routes.items()
        if not route.startswith("api:") and (":" in route or route == "metrics")
        for method in methods
    }


def may(visit, who):
    for verb in visit.verbs or (table().routes[visit.route][visit.method],):
        roles = CAST[who] | ({"stakeholder"} if visit.route.startswith("accounts:") else set())
        cells = [table().verbs[verb].cells[role] for role in roles if role in table().verbs[verb].cells]
        if "yes" in cells or (cells and who in visit.granted):
            return True
    return False


def goes_to_sign_in(response):
    return response.status_code == 302 and urlsplit(response["Location"]).path == resolve_url(settings.LOGIN_URL)


def test_every_page_has_a_visit():
    sign_in = {route for route in table().routes if ":" not in route and route != "metrics"}
    ours = {route for route in names_in_path() if not route.startswith("api:")}

    assert {(visit.method, visit.route) for visit in VISITS} == pages_of_table()
    assert ours - sign_in - table().open_routes == {route for _, route in pages_of_table()}


@pytest.mark.parametrize("who", CAST)
def test_people_may_what_the_table_says(who, world, client_of):
    client, ids, wrong = client_of(getattr(world, who)), ids_of(world), []

    for visit in VISITS:
        response, changed = attempt(visit, client, ids, world)
        told = (str(visit), response.status_code, changed)
        if visit.is_own:
            is_right = response.status_code in DONE
        elif visit.is_hers:
            is_right = response.status_code == (303 if who == "ines" else 404)
        elif who == visit.who:
            is_idle = visit.method == "GET" or visit.is_idle
            is_right = response.status_code in DONE and bool(changed) != is_idle
        elif may(visit, who):
            is_right = response.status_code in (*DONE, 409, 422)
        else:
            sees_nothing = who in SEE_NO_ITEM or visit.prepare is states.without_owner
            is_right = response.status_code in (REFUSED if sees_nothing else (403,)) and not changed
        if not is_right or goes_to_sign_in(response):
            wrong.append((*told, content_of(response)[-400:] if response.status_code < 400 else b""))

    assert wrong == []


@pytest.mark.parametrize("who", ["eve", "former", "root"])
def test_outsiders_find_nothing(who, world, eve, root, client_of):
    worlds.leave(world.dev)
    client, ids, wrong = client_of({"eve": eve, "former": world.dev, "root": root}[who]), ids_of(world), []

    for visit in VISITS:
        response, changed = attempt(visit, client, ids, world)
        if visit.who == "root":
            is_right = response.status_code == (200 if who == "root" else 403)
        elif visit.is_own:
            is_right = response.status_code in DONE
        else:
            is_right = response.status_code == 404 and not changed
        if not is_right or (b"Payments" if visit.is_own else b"sepia") in content_of(response):
            wrong.append((str(visit), response.status_code, changed))

    assert wrong == []


def test_nobody_gets_in_without_signing_in(world):
    ids, wrong = ids_of(world), []

    for visit in VISITS:
        response, changed = attempt(visit, Client(), ids, world)
        # Prometheus has no use for a page to sign in at.
        is_right = response.status_code == 403 if visit.route == "metrics" else goes_to_sign_in(response)
        if not is_right or changed:
            wrong.append((str(visit), response.status_code, changed))

    assert wrong == []


@pytest.mark.parametrize("who", ["dev", "stan"])
def test_empty_forms_of_who_may_not_tell_nothing(who, world, client_of):
    client, ids, wrong = client_of(getattr(world, who)), ids_of(world), []

    for visit in VISITS:
        if visit.method == "GET" or visit.is_own or visit.is_hers or may(visit, who):
            continue
        with_nothing = type(visit)(visit.method, visit.route, address=visit.address)
        response, changed = attempt(with_nothing, client, ids, world)
        is_right = response.status_code in (*REFUSED, 409, 422) and not changed
        if not is_right or (who == "stan" and b"sepia" in content_of(response)):
            wrong.append((str(visit), response.status_code, changed))

    assert wrong == []


@pytest.mark.parametrize(
    "route, method",
    [
        (route, method)
        for route, methods in table().routes.items()
        if ":" not in route and route != "metrics"
        for method in methods
    ],
)
def test_pages_of_the_sign_in_library_need_a_person(db, route, method):
    response = getattr(Client(), method.lower())(reverse(route))

    assert goes_to_sign_in(response)


def test_members_without_a_role_in_a_product_do_not_see_it(world, client_of):
    bystander = factories.MemberFactory(name="Bea Stander", organization=world.product.organization)
    client, ids, wrong = client_of(bystander), ids_of(world), []

    for visit in VISITS:
        if visit.route.startswith("accounts:") or visit.is_own or "product_key" not in names_in_path()[visit.route]:
            continue
        response, changed = attempt(visit, client, ids, world)
        if response.status_code != 404 or changed or b"sepia" in content_of(response):
            wrong.append((str(visit), response.status_code, changed))

    assert wrong == []
