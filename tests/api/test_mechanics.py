"""Versions, keys against double effects, pages, sparse fields, problem details."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from backlog.actions import items
from backlog.models import Item, Move, OrderedList
from tests import worlds

ITEMS = "/api/v1/products/PAY/items"
MOVES = "/api/v1/products/PAY/moves"
NEW = {"title": "Refund twice", "kind": "functional", "type": "bug"}


@pytest.fixture
def item(payments, ines):
    return items.create(payments, title="Refund", kind="functional", type="story", by=ines)


def test_an_item_is_created_read_and_changed(payments, ines, client_of):
    client = client_of(ines)

    made = client.post(ITEMS, NEW | {"points": 2.5, "tags": ["risk"]})
    address = f"{ITEMS}/{made.json()['number']}"
    changed = client.patch(address, {"points": 3}, headers={"If-Match": made["ETag"]})
    read = client.get(address)

    assert [r.status_code for r in (made, changed, read)] == [201, 200, 200]
    assert (made["ETag"], changed["ETag"], read["ETag"]) == ('"1"', '"2"', '"2"')
    assert read.json() == changed.json()
    shown = read.json()
    assert (shown["key"], shown["points"], shown["tags"], shown["is_listed"]) == ("PAY-1", 3.0, ["risk"], True)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({}, 428, "precondition_required"), ({"If-Match": '"7"'}, 412, "precondition_failed")],
)
def test_a_change_needs_the_version_that_was_read(item, ines, client_of, headers, status, code):
    response = client_of(ines).patch(f"{ITEMS}/{item.number}", {"title": "Other"}, headers=headers)

    item.refresh_from_db()
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert item.title == "Refund"


def test_a_repeated_post_has_one_effect_and_one_answer(payments, ines, client_of):
    client = client_of(ines)

    first, second = (client.post(ITEMS, NEW, headers={"Idempotency-Key": "one"}) for _ in range(2))
    other = client.post(ITEMS, NEW | {"title": "Other"}, headers={"Idempotency-Key": "one"})

    assert (first.status_code, second.status_code, first.content) == (201, 201, second.content)
    assert second["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Item.objects.count() == 1


def test_somebody_elses_key_is_of_no_use(payments, ines, dev, client_of):
    client_of(ines).post("/api/v1/products/PAY/proposals", NEW, headers={"Idempotency-Key": "one"})

    response = client_of(dev).post("/api/v1/products/PAY/proposals", NEW, headers={"Idempotency-Key": "one"})

    assert (response.status_code, "Idempotent-Replayed" in response) == (201, False)
    assert Item.objects.count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_same_key_at_the_same_time_has_one_effect(payments, ines, client_of):
    clients = [client_of(ines) for _ in range(4)]

    def post(client):
        try:
            return client.post(ITEMS, NEW, headers={"Idempotency-Key": "one"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, clients))

    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert Item.objects.count() == 1


def test_a_move_needs_a_key_and_tells_both_versions(payments, item, ines, client_of):
    second = items.create(payments, title="Second", kind="functional", type="story", by=ines)
    client, body = client_of(ines), {"items": [second.pk], "top": True, "reason": "Urgent"}

    without = client.post(MOVES, body)
    moved = client.post(MOVES, body, headers={"Idempotency-Key": "one"})
    again = client.post(MOVES, body, headers={"Idempotency-Key": "two"})

    assert without.status_code == 400
    answer = moved.json()
    move = Move.objects.get(kind="move")
    assert (answer["version"], answer["feed_version"]) == (
        move.version,
        OrderedList.objects.get(product=payments).feed_version,
    )
    assert [(m["items"], m["predecessors"], m["reason"]) for m in answer["moves"]] == [([second.pk], [None], "Urgent")]
    assert (again.status_code, again.json()["moves"]) == (200, [])


def test_a_stale_neighbour_is_a_conflict_with_the_fresh_ones(payments, item, ines, client_of):
    second = items.create(payments, title="Second", kind="functional", type="story", by=ines)

    response = client_of(ines).post(MOVES, {"items": [second.pk], "after": 999_999}, headers={"Idempotency-Key": "one"})

    assert response.status_code == 409
    assert response.json()["neighbours"] == [{"item": second.pk, "after": item.pk}]


def test_a_cycle_is_refused_and_shown(payments, item, ines, client_of):
    second = items.create(payments, title="Second", kind="functional", type="story", by=ines)
    client = client_of(ines)
    client.post(f"{ITEMS}/{item.number}/dependencies", {"enables": second.pk})

    response = client.post(f"{ITEMS}/{item.number}/dependencies", {"needs": second.pk})

    assert response.status_code == 409
    assert set(response.json()["cycle"]) == {"PAY-1", "PAY-2"}


def test_the_feed_answers_304_until_something_changes(payments, item, ines, client_of):
    client, address = client_of(ines), "/api/v1/products/PAY/feed"
    whole = client.get(address)
    same = client.get(address, headers={"If-None-Match": whole["ETag"]})
    items.edit(item, by=ines, title="Other")

    changed = client.get(address, {"since": whole.json()["version"]}, headers={"If-None-Match": whole["ETag"]})

    assert (whole.status_code, same.status_code, changed.status_code) == (200, 304, 200)
    assert same.content == b""
    assert (changed.json()["is_whole"], changed.json()["columns"]["title"]) == (False, ["Other"])
    assert whole["Cache-Control"] == "private, no-cache"


def test_pages_follow_each_other(payments, ines, client_of):
    made = [items.create(payments, title=f"Item {n}", kind="functional", type="story", by=ines) for n in range(3)]
    client = client_of(ines)

    first = client.get(ITEMS, {"limit": 2}).json()
    second = client.get(ITEMS, {"limit": 2, "cursor": first["next"]}).json()

    assert [row["id"] for row in first["results"] + second["results"]] == [item.pk for item in made]
    assert second["next"] is None


def test_only_the_wanted_fields_are_told(item, ines, client_of):
    client = client_of(ines)

    rows = client.get(ITEMS, {"fields": "key,title"}).json()["results"]
    one = client.get(f"{ITEMS}/{item.number}", {"fields": "title"}).json()

    assert (rows, one) == ([{"key": "PAY-1", "title": "Refund"}], {"title": "Refund"})


@pytest.mark.parametrize(
    "query",
    [{"limit": "1000000"}, {"limit": "x"}, {"fields": "password"}, {"ordering": "id"}, {"owner__password": "x"}],
)
def test_what_a_query_may_not_say_is_refused(item, ines, client_of, query):
    response = client_of(ines).get(ITEMS, query)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("status", ["proposed", "open"])
def test_all_items_can_be_filtered_by_status(payments, item, ines, client_of, status):
    items.propose(payments, title="Proposed", kind="functional", type="story", by=ines)

    rows = client_of(ines).get("/api/v1/products/PAY/all-items", {"status": status}).json()["results"]

    assert [row["status"] for row in rows] == [status]


LISTS = [
    "all-items",
    "items",
    "components",
    "tags",
    "goals",
    "delegations",
    "moves",
    "events",
    "imports",
    "sprints",
    "items/1/criteria",
    "items/1/comments",
    "items/1/questions",
    "items/1/dependencies",
    "items/1/links",
    "items/1/attachments",
    "items/1/events",
]


def test_lists_cost_the_same_for_more_rows(world, client_of):
    client = client_of(world.ines)

    def cost(path):
        with CaptureQueriesContext(connection) as statements:
            answer = client.get(f"/api/v1/products/PAY/{path}").json()
        rows = answer["results"] if isinstance(answer, dict) else answer
        return len(rows), len(statements)

    cost("items")
    before = {path: cost(path) for path in LISTS}
    worlds.enlarge(world)
    after = {path: cost(path) for path in LISTS}

    assert {path: statements for path, (_, statements) in after.items()} == {
        path: statements for path, (_, statements) in before.items()
    }
    assert [path for path in LISTS if after[path][0] < before[path][0] + 2] == []


def test_requests_take_few_statements(payments, ines, bearer):
    client = bearer(ines, "backlog:read", "item:write", "order:write")
    made = [client.post(ITEMS, NEW).json() for _ in range(2)]
    after = {"items": [made[0]["id"]], "after": made[1]["id"]}

    def cost(ask, *args, **kwargs):
        with CaptureQueriesContext(connection) as statements:
            response = ask(*args, **kwargs)
        assert response.status_code < 300
        return len(statements)

    costs = {
        "page": cost(client.get, ITEMS),
        "feed": cost(client.get, "/api/v1/products/PAY/feed"),
        "item": cost(client.get, f"{ITEMS}/1"),
        "move": cost(client.post, MOVES, after, headers={"Idempotency-Key": "one"}),
        "create": cost(client.post, ITEMS, NEW, headers={"Idempotency-Key": "two"}),
    }

    # Two of a move's and of a creation's open and close the savepoint that a test needs in place of a transaction.
    assert costs == {"page": 5, "feed": 10, "item": 5, "move": 19, "create": 25}


def test_restricted_items_are_told_to_nobody_else(payments, item, ines, dev, client_of):
    items.edit(item, by=ines, is_restricted=True)
    client = client_of(dev)

    answers = [client.get(f"{ITEMS}/1"), client.get(ITEMS), client.get("/api/v1/products/PAY/all-items")]

    assert answers[0].status_code == 404
    assert [answer.json()["results"] for answer in answers[1:]] == [[], []]


def test_a_person_is_told_who_they_are(ines, organization, bearer):
    response = bearer(ines, "organization:read").get("/api/v1/me")

    assert response.json() == {
        "id": ines.pk,
        "name": "Ines Falkner",
        "initials": "IF",
        "email": ines.email,
        "organizations": [{"slug": "northwind", "name": "Northwind", "role": "member"}],
        "scopes": ["organization:read"],
    }


def test_too_many_moves_are_refused_for_a_while(payments, item, ines, client_of, settings):
    settings.RATES = settings.RATES | {"order.move": (1, 60)}
    client, body = client_of(ines), {"items": [item.pk], "top": True}

    answers = [client.post(MOVES, body, headers={"Idempotency-Key": str(n)}) for n in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert int(answers[1]["Retry-After"]) > 0


def test_a_bad_body_names_the_field(payments, ines, client_of):
    response = client_of(ines).post(ITEMS, NEW | {"points": -1})

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["/points"]


def test_an_import_goes_from_upload_to_preview(world, client_of):
    client = client_of(world.ines)

    preview = client.get(f"/api/v1/products/PAY/imports/{world.run.pk}/preview").json()

    assert (preview["row_count"], preview["left_out_count"]) == (1, 0)


def test_an_attachment_comes_back_as_a_download(world, client_of):
    client = client_of(world.ines)

    response = client.get(f"{ITEMS}/{world.first.number}/attachments/{world.attachment.pk}")

    assert b"".join(response) == b"File sepia"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize("odd", ["1" + "0" * 30, '"\\ud800"'])
def test_odd_json_with_a_key_is_refused_and_no_fault_of_ours(payments, ines, client_of, odd):
    body = f'{{"title": "Odd", "kind": "functional", "type": "bug", "points": {odd}}}'

    response = client_of(ines).generic(
        "POST", ITEMS, body, content_type="application/json", headers={"Idempotency-Key": "one"}
    )

    assert response.status_code == 422


@pytest.mark.parametrize("odd", ["1" + "0" * 30, '"\\ud800"', '"\\u0000"'])
def test_a_mapping_holds_only_what_can_be_kept(world, client_of, odd):
    address = f"/api/v1/products/PAY/imports/{world.run.pk}"

    response = client_of(world.ines).generic(
        "PATCH", address, f'{{"mapping": {{"order": {odd}}}}}', content_type="application/json"
    )

    assert response.status_code == 422
