"""The OpenAPI document is one that programs can be made from."""

import json
import re
from functools import cache
from typing import Any

import pytest
from django.http import HttpRequest
from django.urls.base import get_script_prefix, set_script_prefix
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from config.api import api
from kernel.api import OPERATIONS, Operation, headers
from kernel.errors import DomainError
from tests.architecture.called import words_of

each = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[f"{one.method} {one.path}" for one in OPERATIONS]
)


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return found


def address(operation: Operation) -> str:
    return re.sub(r"{[^}:]+:", "{", operation.path)


def told(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][address(operation)][operation.method.lower()]
    return found


def wrong(value: Any, schema: dict[str, Any]) -> list[str]:
    whole = DRAFT202012.create_resource(document())
    registry: Registry[Any] = Registry().with_resource("urn:document", whole)
    based = json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))
    return [
        f"{list(error.absolute_path)}: {error.message}"
        for error in OAS31Validator(based, registry=registry).iter_errors(value)
    ]


def test_addresses_are_every_platforms_and_the_server_says_which() -> None:
    for prefix in ("/p/corn/", "/", "/p/city/"):
        before = get_script_prefix()
        set_script_prefix(prefix)
        try:
            asked = api.get_openapi_schema()
        finally:
            set_script_prefix(before)
        assert asked["servers"] == [{"url": f"{prefix}api/v1"}]
        assert asked["paths"].keys() == document()["paths"].keys()
    assert document()["paths"].keys() == {address(operation) for operation in OPERATIONS}


@each
def test_examples_are_what_the_schema_says(operation: Operation) -> None:
    found = told(operation)
    answer = found["responses"][str(operation.status)].get("content", {})
    for body in (answer, found.get("requestBody", {}).get("content", {})):
        for part in body.values():
            if "example" in part and "schema" in part:
                assert wrong(part["example"], part["schema"]) == []


def test_a_wrong_example_would_be_found() -> None:
    schema = {"$ref": "#/components/schemas/Problem"}
    assert wrong({"code": 1}, schema)


@each
def test_it_says_which_headers_are_read(operation: Operation) -> None:
    found = told(operation)
    names = {one["name"] for one in found["parameters"] if one["in"] == "header"}
    assert names == set(headers.taken_by(operation))
    assert ("Idempotency-Key" in names) == (operation.method != "GET" and not operation.raw)
    assert {} in found["security"] if "guest" in operation.audience else found["security"]
    listed = [one["name"] for one in found["parameters"]]
    assert len(listed) == len(set(listed))


@each
def test_it_says_what_goes_and_comes_as_a_body(operation: Operation) -> None:
    found = told(operation)
    answer = found["responses"][str(operation.status)].get("content", {})
    assert bool(answer) == (operation.status != 204)
    bodies = [*answer.values(), *found.get("requestBody", {}).get("content", {}).values()]
    assert all("schema" in one for one in bodies)
    assert list(answer) == list(operation.sends or ("application/json",)) or not answer
    if operation.takes:
        assert list(found["requestBody"]["content"]) == list(operation.takes)


def test_whoever_may_buy_without_an_account_is_told_of_the_secret() -> None:
    paths = document()["paths"]
    for path in ("/carts/{cart_id}/lines", "/checkouts", "/orders/{order_id}/returns"):
        names = {one["name"] for one in paths[path]["post"]["parameters"]}
        assert "Cart-Token" in names, path


@each
def test_who_reads_a_version_or_a_confirmation_says_so(operation: Operation) -> None:
    """Else the route fails where answers are validated, and clients aren't told."""
    called, taken = words_of(operation.handler), headers.taken_by(operation)
    if not operation.path.endswith("/batch"):  # its rows have no headers of their own
        assert ("check_if_match" in called) <= (headers.IF_MATCH in taken)
    assert ("check_confirmed" in called) <= (headers.CONFIRMATION in taken)


def test_a_header_that_nothing_tells_of_is_not_read() -> None:
    request = HttpRequest()
    request.META["HTTP_IF_MATCH"] = '"v1"'
    [silent] = [one for one in OPERATIONS if (one.method, one.path) == ("GET", "/platform")]
    request.operation = silent  # type: ignore[attr-defined]
    with pytest.raises(AssertionError, match="If-Match"):
        headers.sent(request, headers.IF_MATCH)


def test_everything_in_it_is_referred_to_and_every_error_has_an_example() -> None:
    text = json.dumps(document())
    parts = document()["components"]
    for kind in ("schemas", "examples", "headers"):
        assert [one for one in parts[kind] if f'"#/components/{kind}/{one}"' not in text] == []
    assert set(parts["examples"]) <= DomainError.catalogue.keys()
