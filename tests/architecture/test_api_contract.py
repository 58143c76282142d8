"""Every route keeps docs/api-conventions.md."""

import json
import re
from inspect import signature
from typing import Any

import pytest
from django.urls import resolve
from openapi_spec_validator import validate
from pydantic import TypeAdapter

from config.api import api
from kernel.api import OPERATIONS, ListOf, Operation, Schema
from kernel.api.lists import ListQuery
from tests.architecture.sources import CONTEXTS

NAMES = [f"{operation.method} {operation.path}" for operation in OPERATIONS]
each = pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)


def spec() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return document


def test_routes_are_found_and_differ() -> None:
    assert len(OPERATIONS) > 60
    assert len(set(NAMES)) == len(NAMES)


@each
def test_its_address_leads_to_it(operation: Operation) -> None:
    """And not to another that takes anything at that place."""
    found = resolve("/api/v1" + re.sub(r"{[^}]*}", "x", operation.path))
    assert found.route == "api/v1" + re.sub(r"{([^}]*)}", r"<\1>", operation.path)


def test_openapi_document_is_valid() -> None:
    document = spec()
    assert document["openapi"].startswith("3.1")
    assert "Problem" in document["components"]["schemas"]
    validate(document)


@each
def test_documented(operation: Operation) -> None:
    assert operation.summary, "no summary"
    assert operation.response is not None or operation.sends or operation.status == 204
    if operation.response is not None and operation.status != 204:
        assert operation.example is not None, "no example"
        if isinstance(operation.response, type) and issubclass(operation.response, Schema):
            operation.response.model_validate_json(json.dumps(operation.example))
        else:
            TypeAdapter(operation.response).validate_json(json.dumps(operation.example))


@each
def test_errors_are_in_the_catalogue(operation: Operation) -> None:
    from kernel.errors import DomainError

    for error in operation.errors:
        assert DomainError.catalogue[error.code] is error
        assert 400 <= error.status < 600
        assert str(error.title)


@each
def test_bodies_refuse_unknown_fields(operation: Operation) -> None:
    import inspect

    if operation.method == "GET":
        return
    for parameter in inspect.signature(operation.handler, eval_str=True).parameters.values():
        kind = parameter.annotation
        if isinstance(kind, type) and issubclass(kind, Schema) and not issubclass(kind, ListQuery):
            assert kind.model_config.get("extra") == "forbid"
            if not operation.raw:
                assert operation.request_example is not None, "no request example"
                kind.model_validate_json(json.dumps(operation.request_example))


@each
def test_lists_use_the_envelope_and_its_parameters(operation: Operation) -> None:
    import inspect

    is_list = isinstance(operation.response, type) and issubclass(operation.response, ListOf)
    if operation.method != "GET" or not is_list:
        return
    annotations = [
        p.annotation
        for p in inspect.signature(operation.handler, eval_str=True).parameters.values()
    ]
    assert any(isinstance(a, type) and issubclass(a, ListQuery) for a in annotations)


@each
def test_guarded(operation: Operation) -> None:
    assert operation.audience
    if operation.audience & {"merchant", "operator"} and "guest" not in operation.audience:
        assert operation.scope, "routes for merchants and operators name a scope"
    if operation.method == "GET":
        assert not operation.outside


def test_no_float_and_no_bare_uuid_on_the_wire() -> None:
    document = spec()
    text = json.dumps(document["components"]["schemas"])
    assert '"format": "uuid"' not in text
    for name, schema in document["components"]["schemas"].items():
        for field, details in schema.get("properties", {}).items():
            assert details.get("type") != "number", f"{name}.{field} is a JSON number"


def test_no_two_schemas_have_one_name() -> None:
    """Else the document shows one of them where the other is meant."""
    from pydantic import BaseModel

    found: dict[str, set[type]] = {}

    def look(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if kind in found.setdefault(kind.__name__, set()):
                return
            found[kind.__name__].add(kind)
            for field in kind.model_fields.values():
                look(field.annotation)
        for inner in getattr(kind, "__args__", ()) or ():
            look(inner)

    for operation in OPERATIONS:
        look(operation.response)
        for parameter in signature(operation.handler, eval_str=True).parameters.values():
            look(parameter.annotation)
    assert len(found) > 400
    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1} == {}


def test_every_whole_number_that_is_sent_has_a_limit() -> None:
    """A column of the database has one, and what is beyond it is refused by name."""
    document = spec()
    endless: set[str] = set()
    seen: set[str] = set()

    def look(schema: Any, where: str) -> None:
        if isinstance(schema, list):
            for inner in schema:
                look(inner, where)
        if not isinstance(schema, dict):
            return
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            look(document["components"]["schemas"][name], name)
        if schema.get("type") == "integer" and "maximum" not in schema:
            endless.add(where)
        for field, inner in schema.get("properties", {}).items():
            look(inner, f"{where}.{field}")
        for key in ("anyOf", "allOf", "oneOf", "items", "additionalProperties"):
            look(schema.get(key), where)

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            look(body.get("schema"), f"{method} {path}")
            for parameter in operation.get("parameters", ()):
                look(parameter["schema"], f"{method} {path} {parameter['name']}")
    assert len(seen) > 150
    assert endless == set()


def test_paths_are_plain() -> None:
    for operation in OPERATIONS:
        path = operation.path.replace("{path:question}", "{question}")  # RFC 6960, A.1
        assert re.fullmatch(r"(/[a-z0-9-]+|/\{[a-z_]+\})+", path), operation.path


def test_every_id_in_an_event_has_its_public_form() -> None:
    from dataclasses import fields, is_dataclass
    from typing import get_args, get_type_hints
    from uuid import UUID

    from kernel.outbox.events import EVENTS
    from kernel.outbox.feed import _prefixes

    def ids(kind: type) -> set[str]:
        hints = get_type_hints(kind)
        found = set()
        for field in fields(kind):
            hint = hints[field.name]
            for inner in (hint, *get_args(hint)):
                if inner is UUID:
                    found.add(field.name)
                if isinstance(inner, type) and is_dataclass(inner):
                    found |= ids(inner)
        return found

    shown = {name: kind for name, kind in EVENTS.items() if name.split(".")[0] in CONTEXTS}
    assert len(shown) > 20
    known = {*_prefixes, "key"}  # a key is the caller's own, not an id of ours
    missing = {(name, field) for name, kind in shown.items() for field in ids(kind) - known}
    assert missing == set()
