"""Mechanics of the API: the door, pages by key, versions, and requests that come twice."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import Organization
from core import permissions
from core.errors import RuleViolation
from core.models import IdempotentRequest
from core.rest import KeysetPage, SparseFields, idempotent, require_version, with_version
from core.rest.views import ApiView, GenericApiView
from core.tasks import purge
from tests import factories

pytestmark = pytest.mark.urls("tests.core.test_rest")


class OrganizationSerializer(SparseFields, serializers.ModelSerializer):
    class Meta:
        model = Organization
        fields = ["id", "name", "slug"]


class Organizations(GenericApiView):
    serializer_class = OrganizationSerializer
    pagination_class = KeysetPage
    page_order = ("-name", "id")
    query_parameters = ("q",)

    def get(self, request):
        page = self.paginate_queryset(Organization.objects.all())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @idempotent
    def post(self, request):
        if request.data["name"] == "refused":
            raise RuleViolation("Not this name.")
        if request.data["name"] == "slow":
            STARTED.set()
            GO_ON.wait(5)
        made = Organization.objects.create(name=request.data["name"], slug=f"s{Organization.objects.count()}")
        return Response({"id": made.pk}, status=201, headers={"Location": f"/{made.pk}"})


class Versioned(ApiView):
    def get(self, request):
        return with_version(Response({}), SimpleNamespace(version=3))

    def patch(self, request):
        return Response({"version": require_version(request, SimpleNamespace(version=3))})

    def delete(self, request):
        raise AssertionError("the table does not name it")


STARTED, GO_ON = threading.Event(), threading.Event()
urlpatterns = [
    path("api/v1/organizations/", Organizations.as_view(), name="things"),
    path("api/v1/versioned/", Versioned.as_view(), name="versioned"),
    path("", include("config.urls")),
]
handler400, handler403 = "core.views.bad_request", "core.views.permission_denied"
handler404, handler500 = "core.views.not_found", "core.views.server_error"


@pytest.fixture(autouse=True)
def table(monkeypatch):
    table = permissions.table()
    routes = {
        "things": {"GET": "organization.read", "POST": "product.archive"},
        "versioned": {"GET": "product.list", "PATCH": "product.edit"},
    }
    more = permissions.Table(table.verbs, table.routes | routes, table.open_routes)
    monkeypatch.setattr(permissions, "table", lambda: more)


@pytest.fixture
def client(ines):
    client = APIClient(raise_request_exception=False)
    client.force_login(ines)
    return client


@pytest.fixture
def seven(db):
    for name in ("b", "a", "c", "b", "b", "e", "d"):
        factories.OrganizationFactory(name=name)


def names(client, **query):
    answer = client.get("/api/v1/organizations/", query).json()
    return [row["name"] for row in answer["results"]], answer["next"]


def token_client(user, *scopes):
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user, SimpleNamespace(pk=1, scopes=list(scopes), product_ids=None))
    return client


@pytest.mark.django_db
def test_pages_by_key_show_each_row_once(client, seven):
    seen, cursor = names(client, limit=3)
    while cursor:
        more, cursor = names(client, limit=3, cursor=cursor)
        seen += more

    assert seen == ["e", "d", "c", "b", "b", "b", "a", "Northwind"]


@pytest.mark.django_db
def test_a_row_that_comes_meanwhile_moves_no_page(client, seven):
    first, cursor = names(client, limit=3)
    factories.OrganizationFactory(name="z")

    assert first + names(client, limit=3, cursor=cursor)[0] == ["e", "d", "c", "b", "b", "b"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "1000000"},
        {"limit": "x"},
        {"cursor": "forged"},
        {"ordering": "name"},
        {"owner__password": "x"},
        {"__class__": "x"},
        {"fields": "id,password"},
        {"q": "a\x00b"},
    ],
)
def test_a_query_that_nobody_reads_is_refused(client, seven, query):
    response = client.get("/api/v1/organizations/", query)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.django_db
def test_the_refusal_names_what_is_allowed(client, seven):
    response = client.get("/api/v1/organizations/", {"sort": "x"})

    assert response.json()["allowed"] == ["cursor", "fields", "limit", "q"]


@pytest.mark.django_db
def test_fields_may_be_chosen(client, seven):
    answer = client.get("/api/v1/organizations/", {"fields": "name", "limit": 1}).json()

    assert answer["results"] == [{"name": "e"}]


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to(db):
    response = APIClient().get("/api/v1/versioned/")

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["code"] == "not_authenticated"


@pytest.mark.django_db
def test_a_method_that_the_table_does_not_name_is_refused(client):
    assert client.delete("/api/v1/versioned/").status_code == 403
    assert client.put("/api/v1/versioned/").status_code == 405


@pytest.mark.django_db
def test_a_token_needs_the_scope_of_the_verb(ines):
    assert token_client(ines, "product:read").get("/api/v1/versioned/").status_code == 200
    assert token_client(ines, "backlog:read").get("/api/v1/versioned/").status_code == 403
    assert token_client(ines, "product:read").patch("/api/v1/versioned/").status_code == 403


@pytest.mark.django_db
def test_a_verb_without_scope_is_closed_to_tokens(ines):
    response = token_client(ines, "product.archive", "").post("/api/v1/organizations/", {"name": "x"}, format="json")

    assert response.status_code == 403
    assert response.json()["detail"] == "No token may do this: sign in instead."


@pytest.mark.django_db
def test_requests_beyond_the_rate_are_refused(client, settings, own_valkey):
    settings.RATES = settings.RATES | {"api.user": (2, 60)}

    statuses = [client.get("/api/v1/versioned/").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 428), ({"If-Match": '"2"'}, 412), ({"If-Match": '"3"'}, 200), ({"If-Match": 'W/"3"'}, 200)],
)
def test_an_edit_says_which_version_it_read(client, headers, status):
    response = client.patch("/api/v1/versioned/", {}, format="json", headers=headers)

    assert response.status_code == status
    if status == 412:
        assert (response["ETag"], response.json()["version"]) == ('"3"', 3)


@pytest.mark.django_db
def test_an_answer_shows_its_version(client):
    assert client.get("/api/v1/versioned/")["ETag"] == '"3"'


def post(client, key, name):
    return client.post("/api/v1/organizations/", {"name": name}, format="json", headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_the_same_request_twice_has_one_effect_and_one_answer(client):
    first, second = post(client, "k1", "Acme"), post(client, "k1", "Acme")

    assert (second.status_code, second.content, second["Location"]) == (201, first.content, first["Location"])
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Organization.objects.filter(name="Acme").count() == 1


@pytest.mark.django_db
def test_a_key_is_for_one_body(client):
    post(client, "k1", "Acme")

    response = post(client, "k1", "Other")

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert not Organization.objects.filter(name="Other").exists()


@pytest.mark.django_db
def test_a_key_of_one_person_says_nothing_to_another(client, mia):
    post(client, "k1", "Acme")
    other = APIClient()
    other.force_login(mia)

    response = post(other, "k1", "Acme")

    assert (response.status_code, "Idempotent-Replayed" in response) == (201, False)


@pytest.mark.django_db
def test_a_refused_request_may_be_sent_again(client):
    assert [post(client, "k1", "refused").status_code, post(client, "k1", "refused").status_code] == [409, 409]
    assert not IdempotentRequest.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_at_once_have_one_effect(client, ines):
    STARTED.clear(), GO_ON.clear()
    answers = []

    def first():
        own = APIClient()
        own.force_login(ines)
        answers.append(post(own, "k1", "slow").status_code)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert STARTED.wait(5)
    second = post(client, "k1", "slow")
    GO_ON.set()
    thread.join(10)

    assert (second.status_code, second.json()["code"], answers) == (409, "still_running", [201])
    assert post(client, "k1", "slow")["Idempotent-Replayed"] == "true"
    Session.objects.all().delete()


@pytest.mark.django_db
def test_kept_answers_go_after_a_day(client):
    post(client, "old", "Acme")
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    post(client, "new", "Other")

    purge(slot="2026-03-01T00:00Z")

    assert list(IdempotentRequest.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.urls("config.urls")
@pytest.mark.parametrize("body", ["[" * 100_000 + "]" * 100_000, '{"a":' * 40 + "1" + "}" * 40])
def test_json_without_a_bottom_is_refused(client, ines, body):
    client.force_login(ines)

    assert client.post("/api/v1/products/PAY/items", body, content_type="application/json").status_code == 400
