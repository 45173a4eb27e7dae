"""No form works without the token of its page."""

import pytest
from django.test import Client
from django.urls import reverse

from core.permissions import table
from tests.attempts import attempt
from tests.pages.visits import VISITS, names_in_path
from tests.worlds import ids_of

OPEN = ("accounts:first-run", "accounts:invitation-accept", "account_login", "account_logout", "account_reset_password")
FORMS = sorted(
    {route for route, methods in table().routes.items() if "POST" in methods and not route.startswith("api:")} | {*OPEN}
)
# Whatever stands in the address: the token is asked for before anything is looked up.
WORDS = {
    "product_key": "PAY",
    "organization_slug": "northwind",
    "check_key": "roll_back",
    "on": "2031-03-01",
    "stage": "review",
}


@pytest.mark.parametrize("route", FORMS)
def test_forms_without_a_token_are_refused(ines, client_of, route):
    client = client_of(ines, enforce_csrf_checks=True)
    address = reverse(route, kwargs={name: WORDS.get(name, 1) for name in names_in_path()[route]})

    response = client.post(address)

    assert response.status_code == 403
    assert b"the form was not sent" in response.content


def test_forms_without_a_token_write_nothing(world, client_of):
    clients = {
        who: client_of(getattr(world, who), enforce_csrf_checks=True)
        for who in {visit.who for visit in VISITS if visit.method == "POST"}
    }
    ids, wrong = ids_of(world), []

    for visit in VISITS:
        if visit.method == "POST":
            response, changed = attempt(visit, clients[visit.who], ids, world)
            if response.status_code != 403 or changed:
                wrong.append((str(visit), response.status_code, changed))

    assert wrong == []


def test_a_form_with_its_token_works(ines):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ines)
    client.get("/profile/")

    response = client.post(
        "/profile/theme/", {"theme": "dark", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    )

    assert response.status_code == 303
