"""Every operation of the API, by everybody: the table of permissions is what happens."""

import pytest
from rest_framework.test import APIClient

from core.permissions import table
from tests import factories, worlds
from tests.api.calls import CALLS, names_in_path
from tests.attempts import attempt, content_of
from tests.worlds import ids_of

# Roles in the furnished product; what the table's conditions say stands with each call.
CAST = {
    "ines": {"product_owner"},
    "marek": {"technical_owner"},
    "mia": {"scrum_master"},
    "dev": {"team_member"},
    "stan": {"stakeholder"},
    "ada": {"organization_admin"},
}
# Routes without a product in their address answer these by what they list, not by a role.
LISTS = {"me", "mails", "people", "teams", "product-list", "notification-list", "question-queue"}
# Everybody may, about themselves alone.
OWN = {"calendar", "mails", "notifications-read"}


def needed(call):
    """The verbs that decide; any one of them is enough."""
    return call.verbs or (table().routes[f"api:{call.route}"][call.method],)


def may(call, who):
    for verb in needed(call):
        cells = [table().verbs[verb].cells[role] for role in CAST[who] if role in table().verbs[verb].cells]
        if "yes" in cells or (cells and who in call.granted):
            return True
    return False


def test_every_operation_of_the_api_has_a_call():
    open_routes = {route.removeprefix("api:") for route in table().open_routes if route.startswith("api:")}
    in_table = {
        (method, route.removeprefix("api:"))
        for route, methods in table().routes.items()
        if route.startswith("api:")
        for method in methods
    }

    assert {(call.method, call.route) for call in CALLS} == in_table
    assert {route for _, route in in_table} | open_routes == set(names_in_path())


def test_each_call_works_for_who_may(world, client_of):
    ids, wrong, clients = ids_of(world), [], {who: client_of(getattr(world, who)) for who in CAST}

    for call in CALLS:
        response, changed = attempt(call, clients[call.who], ids, world)
        is_idle = call.method == "GET" or call.is_idle
        if response.status_code not in (200, 201, 204) or bool(changed) == is_idle:
            wrong.append((str(call), response.status_code, changed, content_of(response)[:300]))

    assert wrong == []


@pytest.mark.parametrize("who", CAST)
def test_people_may_what_the_table_says(who, world, client_of):
    client, ids, wrong = client_of(getattr(world, who)), ids_of(world), []

    for call in CALLS:
        response, changed = attempt(call, client, ids, world)
        is_refused = response.status_code in (401, 403, 404)
        may_not = who != "ines" if call.is_hers else not may(call, who)
        if is_refused != may_not or response.status_code >= 500 or (is_refused and changed):
            wrong.append((str(call), needed(call), response.status_code, changed))

    assert wrong == []


@pytest.mark.parametrize("who", ["eve", "former", "root"])
def test_outsiders_find_nothing(who, world, eve, organization, client_of):
    outsiders = {
        "eve": eve,
        "root": factories.UserFactory(name="Rita Root", is_superuser=True),
        "former": world.dev,
    }
    worlds.leave(world.dev)
    client, ids, wrong = client_of(outsiders[who]), ids_of(world), []

    for call in CALLS:
        response, changed = attempt(call, client, ids, world)
        expected = 200 if (call.route in LISTS and call.method == "GET") or call.route in OWN else 404
        is_wrong = changed and call.route not in OWN
        if response.status_code != expected or is_wrong or b"sepia" in content_of(response):
            wrong.append((str(call), response.status_code, changed))

    assert wrong == []


def test_nobody_gets_in_without_signing_in(world):
    ids, wrong = ids_of(world), []

    for call in CALLS:
        response, changed = attempt(call, APIClient(), ids, world)
        if response.status_code != 401 or changed:
            wrong.append((str(call), response.status_code, changed))

    assert wrong == []


def test_tokens_do_what_their_scopes_say(world, bearer):
    every_scope = sorted({verb.scope for verb in table().verbs.values() if verb.scope})
    ids, wrong, clients = ids_of(world), [], {}

    def client(user, scopes):
        key = (user.pk, tuple(scopes))
        if key not in clients:
            clients[key] = bearer(user, *scopes)
        return clients[key]

    for call in CALLS:
        user = getattr(world, call.who)
        route_verb = table().routes[f"api:{call.route}"][call.method]
        scopes = {table().verbs[verb].scope for verb in (route_verb, call.scope_of or needed(call)[0])}
        if "" in scopes:
            tries = [(every_scope, 403)]
        else:
            tries = [(sorted(scopes), None)]
            tries += [([other for other in every_scope if other != scope], 403) for scope in sorted(scopes)]
        for held, expected in tries:
            response, changed = attempt(call, client(user, held), ids, world)
            is_right = response.status_code == expected if expected else response.status_code in (200, 201, 204)
            if not is_right or (expected and changed):
                wrong.append((str(call), held, response.status_code, changed))

    assert wrong == []
