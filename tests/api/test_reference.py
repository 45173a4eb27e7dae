"""The page that people read the API on says what the schema says."""

import re

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from core.rest.reference import Answer, Field, Kind, read, reference

PAGE = "/api/v1/docs/"


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def operations():
    return {operation.name: operation for section in reference().sections for operation in section.operations}


def kind(word="", shape="", is_list=False, is_nullable=False, values=()):
    return Kind(word, shape, is_list, is_nullable, list(values))


def test_every_operation_is_there_under_its_tag(schema):
    told = {
        (section.name, operation.method.lower(), operation.path)
        for section in reference().sections
        for operation in section.operations
    }

    assert told == {
        (operation["tags"][0], method, path)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_a_parameter_says_where_it_goes_and_within_which_limits(operations):
    assert operations["moves_list"].parameters == [
        Field("key", kind("text"), True, "", "", "in the address"),
        Field("cursor", kind("text"), False, "`next` of the page before.", "", "in the query"),
        Field("limit", kind("whole number"), False, "", "1 to 200, 50 unless said", "in the query"),
        Field("since", kind("whole number"), False, "Only moves after this version of the order.", "", "in the query"),
    ]


def test_an_answer_says_its_shape_and_its_headers(operations):
    assert operations["items_retrieve"].answers == [
        Answer("200", "OK", kind(shape="Item"), "application/json", ["ETag"])
    ]
    assert operations["export_csv"].answers == [Answer("200", "A CSV file.", kind("text"), "text/csv", [])]


def test_an_example_carries_what_the_operation_asks_for(operations):
    assert operations["items_update"].example.splitlines()[:3] == [
        'curl --fail-with-body -H "Authorization: Bearer $TOKEN" -X PATCH \\',
        '  -H "If-Match: $ETAG" \\',
        "  -H 'Content-Type: application/json' -d '{\"title\": \"…\"}' \\",
    ]
    assert operations["moves_create"].example.splitlines()[1:] == [
        '  -H "Idempotency-Key: $(date +%s%N)" \\',
        "  -H 'Content-Type: application/json' -d '{\"items\": [12, 15], \"before\": 9}' \\",
        '  "$UNDERPIN/api/v1/products/PAY/moves"',
    ]
    assert "  -F file=@FILE \\" in operations["attachments_create"].example.splitlines()


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["integer", "null"]}, kind("whole number", is_nullable=True)),
        ({"type": "string", "format": "date"}, kind("date")),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}, kind(shape="Thing", is_list=True)),
        ({"oneOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]}, kind(shape="Thing", is_nullable=True)),
        ({"allOf": [{"$ref": "#/components/schemas/Few"}], "readOnly": True}, kind(values=["a", "b"])),
        (
            {"oneOf": [{"$ref": "#/components/schemas/Few"}, {"type": "string", "enum": [""]}]},
            kind(values=["a", "b", ""]),
        ),
        ({}, kind("object")),
    ],
)
def test_a_value_is_named_in_plain_words(schema, expected):
    schemas = {
        "Few": {"type": "string", "enum": ["a", "b"]},
        "Thing": {"type": "object", "properties": {"of": schema}},
    }

    found = read({"paths": {}, "components": {"schemas": schemas}})

    assert found.shapes[0].fields[0].kind == expected


def test_every_link_of_the_page_leads_somewhere_in_it(db):
    page = Client().get(PAGE).content.decode()

    targets = re.findall(r'\sid="([^"]+)"', page)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(targets)
    assert len(targets) == len(set(targets))


def test_who_is_signed_in_keeps_the_navigation(client, ines):
    outside = client.get(PAGE).content.decode()
    client.force_login(ines)

    inside = client.get(PAGE).content.decode()

    assert ('class="nav"' in outside, 'class="nav"' in inside) == (False, True)
    assert ("Make a token" in outside, "Make a token" in inside) == (False, True)
