"""The OpenAPI document as a person reads it: what /api/v1/docs/ shows."""

import json
import re
import shlex
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from drf_spectacular.generators import SchemaGenerator

# The answer of every operation that refuses; the page tells it once.
REFUSAL = "default"
PLACES = {"path": "in the address", "query": "in the query", "header": "as a header"}
WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
}
FORMATS = {"date": "date", "date-time": "time", "email": "e-mail address", "uri": "address", "binary": "file"}
SAMPLES = {"text": "…", "whole number": 1, "number": 1, "true or false": True, "object": {}} | {
    "date": "2027-01-29",
    "time": "2027-01-29T09:00:00Z",
    "e-mail address": "dev@example.org",
}
SAMPLE_KEY = "PAY"


@dataclass(frozen=True)
class Kind:
    """What a value is: a word of ours or the name of a shape, maybe in a list, maybe one of a few values."""

    word: str
    shape: str
    is_list: bool
    is_nullable: bool
    values: list[str]


@dataclass(frozen=True)
class Field:
    """place: where a parameter goes; empty for the fields of a body."""

    name: str
    kind: Kind
    is_required: bool
    description: str
    limits: str
    place: str = ""


@dataclass(frozen=True)
class Shape:
    name: str
    description: str
    fields: list[Field]


@dataclass(frozen=True)
class Answer:
    status: str
    meaning: str
    kind: Kind | None
    media_type: str
    headers: list[str]


@dataclass(frozen=True)
class Operation:
    """body: what is sent, None if nothing; example: a command for a shell."""

    name: str
    method: str
    path: str
    summary: str
    paragraphs: list[str]
    parameters: list[Field]
    body: Shape | None
    answers: list[Answer]
    example: str


@dataclass(frozen=True)
class Section:
    name: str
    slug: str
    operations: list[Operation]


@dataclass(frozen=True)
class Reference:
    sections: list[Section]
    shapes: list[Shape]


@cache
def reference() -> Reference:
    """The whole API, sections by name, operations by address; made once a process, as routes don't change."""
    return read(SchemaGenerator().get_schema(request=None, public=True))


def read(document: dict) -> Reference:
    """Translate an OpenAPI 3.1 document whose operations have one tag each."""
    schemas = document["components"]["schemas"]
    by_tag = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, schemas))
    return Reference(
        sections=[Section(tag, tag.replace(" ", "-"), by_tag[tag]) for tag in sorted(by_tag)],
        shapes=[_shape(name, schema, schemas) for name, schema in sorted(schemas.items()) if "properties" in schema],
    )


def _operation(path, method, operation, schemas):
    media_type, body = _content(operation.get("requestBody", {}))
    return Operation(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        paragraphs=[" ".join(part.split()) for part in operation["description"].split("\n\n")],
        parameters=[
            _field(each["name"], each, each["schema"], each.get("required", False), schemas, PLACES[each["in"]])
            for each in sorted(operation.get("parameters", []), key=lambda each: list(PLACES).index(each["in"]))
        ],
        body=_shape(_kind(body, schemas).shape, _followed(body, schemas), schemas) if body else None,
        answers=[_answer(status, one, schemas) for status, one in operation["responses"].items() if status != REFUSAL],
        example=_example(path, method, operation, media_type, body, schemas),
    )


def _answer(status, response, schemas):
    media_type, schema = _content(response)
    return Answer(
        status=status,
        meaning=response["description"] or HTTPStatus(int(status)).phrase,
        kind=_kind(schema, schemas) if schema else None,
        media_type=media_type,
        headers=sorted(response.get("headers", {})),
    )


def _content(holder):
    return next(((media, told["schema"]) for media, told in holder.get("content", {}).items()), ("", None))


def _shape(name, schema, schemas):
    required = schema.get("required", [])
    return Shape(
        name,
        " ".join(schema.get("description", "").split()),
        [_field(each, told, told, each in required, schemas) for each, told in schema["properties"].items()],
    )


def _field(name, told, schema, is_required, schemas, place=""):
    return Field(name, _kind(schema, schemas), is_required, told.get("description", ""), _limits(schema), place)


def _kind(schema, schemas):
    options = [option for option in _options(schema) if option.get("type") != "null"]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    is_nullable = "null" in types or len(options) < len(_options(schema))
    if "array" in types:
        inner = _kind(schema["items"], schemas)
        return Kind(inner.word, inner.shape, True, is_nullable, inner.values)
    names = [_name(option) for option in options]
    followed = [_followed(option, schemas) for option in options]
    values = [str(value) for each in followed for value in each.get("enum", []) if value is not None]
    shape = names[0] if "properties" in followed[0] else ""
    return Kind("" if shape or values else _word(followed[0]), shape, False, is_nullable, values)


def _options(schema):
    return schema.get("oneOf") or schema.get("allOf") or [schema]


def _name(schema):
    return schema.get("$ref", "").rpartition("/")[2]


def _followed(schema, schemas):
    return schemas[_name(schema)] if "$ref" in schema else schema


def _word(schema):
    types = schema.get("type", "object")
    first = types if isinstance(types, str) else next(each for each in types if each != "null")
    return FORMATS.get(schema.get("format"), WORDS[first])


def _limits(schema):
    found = []
    low, high = schema.get("minimum"), schema.get("maximum")
    # The bounds of a database column say nothing to a reader.
    high = high if high is not None and high < 2**31 - 1 else None
    if low is not None and high is not None:
        found.append(f"{low} to {high}")
    elif low is not None or high is not None:
        found.append(f"at least {low}" if high is None else f"at most {high}")
    if "maxLength" in schema:
        found.append(f"at most {schema['maxLength']} characters")
    if "maxItems" in schema:
        found.append(f"at most {schema['maxItems']} entries")
    if "default" in schema:
        default = schema["default"]
        found.append(f"{'empty' if default == '' else json.dumps(default)} unless said")
    return ", ".join(found)


def _example(path, method, operation, media_type, body, schemas):
    parameters = operation.get("parameters", [])
    kinds = {each["name"]: _word(each["schema"]) for each in parameters if each["in"] == "path"}
    headers = {each["name"] for each in parameters if each["in"] == "header"}
    address = re.sub(r"\{(\w+)\}", lambda found: _segment(found[1], kinds[found[1]]), path)
    query = "&".join(f"{each['name']}=…" for each in parameters if each["in"] == "query" and each.get("required"))
    lines = ['curl --fail-with-body -H "Authorization: Bearer $TOKEN"']
    if method != "get":
        lines[0] += f" -X {method.upper()}"
    if "Idempotency-Key" in headers:
        lines.append('-H "Idempotency-Key: $(date +%s%N)"')
    if "If-Match" in headers:
        lines.append('-H "If-Match: $ETAG"')
    if media_type == "multipart/form-data":
        lines.append("-F file=@FILE")
    elif body:
        value = _given_example(operation) or _sample(body, schemas)
        lines.append(f"-H 'Content-Type: {media_type}' -d {shlex.quote(json.dumps(value, ensure_ascii=False))}")
    lines.append(f'"$UNDERPIN{address}{"?" + query if query else ""}"')
    return " \\\n  ".join(lines)


def _segment(name, word):
    if name == "key":
        return SAMPLE_KEY
    return "1" if word == "whole number" else name.upper()


def _given_example(operation):
    (told,) = operation["requestBody"]["content"].values()
    return next((each["value"] for each in told.get("examples", {}).values()), None)


def _sample(schema, schemas):
    """The least that is taken: what is required, else the first field."""
    kind = _kind(schema, schemas)
    if kind.values:
        value = kind.values[0]
    elif kind.shape:
        fields = schemas[kind.shape]["properties"]
        names = schemas[kind.shape].get("required") or list(fields)[:1]
        value = {name: _sample(fields[name], schemas) for name in names}
    else:
        value = SAMPLES.get(kind.word, "…")
    return [value] if kind.is_list else value
