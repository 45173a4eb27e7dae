"""The description of the API: valid, without warnings, complete."""

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def operations():
    """[(address, method, operation)] of the whole API."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return [
        (address, method, operation)
        for address, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_schema_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))

    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.1.0")


def test_every_operation_says_what_it_does_and_how_it_refuses(operations):
    unsaid = [
        operation["operationId"]
        for _, _, operation in operations
        if not operation.get("summary")
        or not operation.get("tags")
        or "default" not in operation["responses"]
        or "token" not in {name for option in operation["security"] for name in option}
    ]

    assert unsaid == []


def test_operations_have_names_of_their_own(operations):
    names = [operation["operationId"] for _, _, operation in operations]

    assert len(names) == len(set(names))
    assert not [name for name in names if name.endswith(("_2", "_3", "partial_update"))]


def test_every_post_takes_an_idempotency_key(operations):
    without = [
        address
        for address, method, operation in operations
        if method == "post" and "Idempotency-Key" not in [p["name"] for p in operation.get("parameters", [])]
    ]

    assert without == []


def test_schema_and_page_are_open_and_need_nobody_elses_server(db):
    client = Client()

    schema, text, page = (client.get(f"/api/v1/{name}") for name in ("schema/", "schema.yaml", "docs/"))

    assert schema.json()["openapi"] == "3.1.0"
    assert text.content.startswith(b"openapi: 3.1.0")
    assert page.status_code == 200
    assert b"https://" not in page.content
    assert [answer.headers["Content-Security-Policy"].count("unsafe") for answer in (schema, text, page)] == [0, 0, 0]
