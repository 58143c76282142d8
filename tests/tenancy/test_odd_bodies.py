"""Whatever stands in a body, no route breaks, and a refusal names a field that the route has."""

import copy
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from config.api import api
from kernel.api import OPERATIONS, Operation
from tests.factories.platforms import ApiClient
from tests.tenancy.calls import body_of, own, send_body, slots
from tests.tenancy.odd import MISSING, Path, fields, put
from tests.tenancy.town import CALLERS
from tests.tenancy.towns import Towns

assert api  # its import registers every route
WITH_BODY = [
    one
    for one in OPERATIONS
    if one.method != "GET" and not one.raw and one.request_example is not None
]
# Of each kind one at least comes to every field; which ones goes on from field to field.
ODD: list[list[Any]] = [
    [None, MISSING, {}, [], [None], {"a": {"b": []}}],
    [-1, 0, 1.5, True, 10**30, 2**63 - 1, 2**31],
    ["NaN", "-5", "1e400", "9" * 31, "²", "0.00000000000000000001"],
    ["", "   ", "x" * 100_000, "a\nb", "=cmd() %s {0} <script>\u202e🌽", "\ud800"],
    ["9998-12-31T23:59:59Z", "0002-01-01", "2026-02-30", "per_" + "0" * 26, "http://127.0.0.1:1/"],
]
MOST = 24  # fields of one route: those of a contract's template are hundreds


@contextmanager
def undone() -> Iterator[None]:
    """What a request writes is written, checked as its commit would be, and taken back."""
    block: Any = transaction.atomic()
    block._from_testcase = True  # for the code there is no transaction
    with block:
        yield
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def judged(answer: Any, known: set[str]) -> str:
    """What is wrong with an answer, "" if nothing is."""
    if answer.status_code < 400:
        return ""
    said: str = answer.content.decode(errors="replace")[:600]
    if answer.status_code >= 500 or answer["Content-Type"] != "application/problem+json":
        return said
    found = answer.json()
    if answer.status_code == 422:
        named = {one["field"].split(".")[0] for one in found["errors"]}
        told = all(one["problem"] and (one["remedy"] or found["remedy"]) for one in found["errors"])
        if not named or not named <= known or not told:
            return said
    return ""


def sample(paths: list[Path]) -> list[Path]:
    return paths[:: -(-len(paths) // MOST) or 1]


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.mark.slow
@pytest.mark.parametrize("operation", WITH_BODY, ids=name)
def test_odd_bodies_are_refused_by_field(towns: Towns, operation: Operation) -> None:
    ids = {slot: own(towns.a, slot) for slot in slots(operation)}
    who = next(one for one in CALLERS if one in operation.audience)
    client = ApiClient(code=towns.a.tenant.code, raw_key=towns.a.keys[who])
    whole = body_of(operation, ids)
    paths = fields(operation, whole)
    known = {str(path[0]) for path in paths} | {"Idempotency-Key", "If-Match", "body"}
    wrong = []
    turn = itertools.count(len(operation.path))
    for path in [(), *sample(paths)]:
        at = next(turn)
        for value in [one[at % len(one)] for one in ODD] if path else ["as it is"]:
            body = copy.deepcopy(whole)
            if path and not put(body, path, copy.deepcopy(value)):
                break
            with undone():
                answer = send_body(client, operation, ids, towns.a.headers, body)
                problem = judged(answer, known)
            if problem:
                wrong.append(f"{'.'.join(map(str, path))} = {value!r:.40}: {problem}")
    assert wrong == []
