"""Tokens at the door of the API, people and teams behind it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import teams, tokens
from accounts.models import ApiToken, TeamMembership
from tests import factories

PEOPLE = "/api/v1/people"
TEAMS = "/api/v1/teams"


@pytest.fixture
def bearer(db):
    """A client that shows a new token of that person: bearer(ada, "organization:read")."""

    def bearer(user, *scopes):
        secret = tokens.create(user, by=user, name="CI", scopes=list(scopes)).secret
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        client.token = ApiToken.objects.get(token_hash=ApiToken.hash(secret))
        return client

    return bearer


@pytest.fixture
def as_user(db):
    def as_user(user):
        client = Client()
        client.force_login(user)
        return client

    return as_user


def test_a_token_signs_its_owner_in_and_remembers_it_to_the_minute(bearer, dev):
    client = bearer(dev, "organization:read")

    first = client.get(PEOPLE)

    client.token.refresh_from_db()
    used_at = client.token.last_used_at
    assert (first.status_code, timezone.now() - used_at < timedelta(seconds=30)) == (200, True)
    client.get(PEOPLE)
    client.token.refresh_from_db()
    assert client.token.last_used_at == used_at
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        client.get(PEOPLE)
    client.token.refresh_from_db()
    assert client.token.last_used_at > used_at


@pytest.mark.parametrize("change", ["revoked", "expired", "inactive", "unknown"])
def test_a_token_that_counts_no_more_is_refused(bearer, dev, change):
    client = bearer(dev, "organization:read")
    match change:
        case "revoked":
            tokens.revoke(client.token, by=dev)
        case "expired":
            ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "inactive":
            type(dev).objects.filter(pk=dev.pk).update(is_active=False)
        case "unknown":
            ApiToken.objects.update(token_hash="0" * 64)

    response = client.get(PEOPLE)

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_authenticated"


def test_a_token_does_only_what_its_scopes_say(bearer, ada):
    reader = bearer(ada, "organization:read")

    response = reader.post(TEAMS, {"organization": "northwind", "name": "Heron"}, content_type="application/json")

    assert (response.status_code, response.json()["detail"]) == (403, "This token lacks the scope settings:write.")
    assert bearer(ada, "item:write").get(PEOPLE).status_code == 403


def test_a_token_gives_nobody_more_than_they_may(bearer, dev):
    client = bearer(dev, "settings:write")

    response = client.post(TEAMS, {"organization": "northwind", "name": "Heron"}, content_type="application/json")

    assert response.status_code == 403


def test_nobody_reads_people_without_signing_in(client, db):
    assert client.get(PEOPLE).status_code == 401


def test_people_of_my_organizations(as_user, kestrel, ada, mia, stan, eve):
    answer = as_user(mia).get(PEOPLE).json()

    assert answer == {
        "results": [
            {
                "id": person.pk,
                "organization": "northwind",
                "name": person.name,
                "initials": person.initials,
                "email": person.email,
                "role": role,
                "teams": places,
            }
            for person, role, places in [
                (ada, "admin", []),
                (mia, "member", [{"team": kestrel.pk, "name": "Kestrel", "role": "scrum_master"}]),
                (stan, "member", []),
            ]
        ],
        "next": None,
    }


def test_a_stakeholder_sees_names_but_no_addresses(as_user, stan, dev):
    answer = as_user(stan).get(PEOPLE).json()

    assert {(person["name"], person["email"]) for person in answer["results"]} == {
        ("Stan Berg", None),
        ("Dev Patel", None),
    }


def test_people_come_page_by_page(as_user, ada, mia, dev):
    client = as_user(ada)

    first = client.get(PEOPLE, {"limit": 2, "fields": "id"}).json()
    second = client.get(PEOPLE, {"limit": 2, "fields": "id", "cursor": first["next"]}).json()

    assert [row["id"] for row in first["results"] + second["results"]] == [ada.pk, mia.pk, dev.pk]
    assert second["next"] is None


def test_an_admin_makes_changes_and_fills_a_team(as_user, organization, ada, dev):
    client = as_user(ada)

    made = client.post(TEAMS, {"organization": "northwind", "name": "Heron"}, content_type="application/json")
    team = f"{TEAMS}/{made.json()['id']}"
    joined = client.post(f"{team}/members", {"user": dev.pk}, content_type="application/json")
    promoted = client.patch(f"{team}/members/{dev.pk}", {"role": "scrum_master"}, content_type="application/json")
    edited = client.patch(team, {"name": "Wren", "is_archived": True}, content_type="application/json")
    left = client.delete(f"{team}/members/{dev.pk}")

    assert [r.status_code for r in (made, joined, promoted, edited, left)] == [201, 201, 200, 200, 204]
    assert promoted.json()["members"] == [{"id": dev.pk, "name": "Dev Patel", "initials": "DP", "role": "scrum_master"}]
    now = client.get(team).json()
    assert (now["name"], now["archived_at"] is not None, now["members"]) == ("Wren", True, [])


def test_a_refusal_of_one_step_undoes_the_others(as_user, kestrel, ada, organization):
    teams.create(organization, name="Heron", by=ada)

    response = as_user(ada).patch(
        f"{TEAMS}/{kestrel.pk}", {"is_archived": True, "name": "Heron"}, content_type="application/json"
    )

    kestrel.refresh_from_db()
    assert (response.status_code, response.json()["code"]) == (409, "team_name_taken")
    assert (kestrel.name, kestrel.archived_at) == ("Kestrel", None)


def test_others_may_look_but_not_touch(as_user, kestrel, stan, dev, eve):
    team = f"{TEAMS}/{kestrel.pk}"

    assert as_user(stan).get(team).status_code == 200
    assert as_user(stan).patch(team, {"name": "Mine"}, content_type="application/json").status_code == 403
    assert as_user(stan).delete(f"{team}/members/{dev.pk}").status_code == 403
    assert as_user(eve).get(team).status_code == 404
    assert as_user(eve).patch(team, {"name": "Mine"}, content_type="application/json").status_code == 404
    assert as_user(eve).delete(f"{team}/members/{dev.pk}").status_code == 404


def test_a_person_of_another_organization_is_nobody_here(as_user, kestrel, ada, eve):
    response = as_user(ada).post(f"{TEAMS}/{kestrel.pk}/members", {"user": eve.pk}, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (409, "not_member")


@pytest.mark.parametrize("path", [PEOPLE, TEAMS])
def test_lists_cost_the_same_for_one_and_three(as_user, organization, ada, path):
    client = as_user(ada)
    _grow(organization)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    _grow(organization)
    _grow(organization)

    with CaptureQueriesContext(connection) as many:
        client.get(path)

    assert len(many) == len(few)


def _grow(organization):
    person = factories.MemberFactory(organization=organization)
    TeamMembership.objects.create(
        organization=organization, team=factories.TeamFactory(organization=organization), user=person
    )
