"""The table of operations, and how one is carried out.

An operation names its method and path, and where it wants more than the specification says its own
parameter types; anything not in the table is answered as an
unknown address, anything not in its parameters as an unknown parameter.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kernel import failpoints
from sandbox import database, faults
from sandbox.delivery import sender
from sandbox.protocol import kinds

from . import expand, form, idempotency, params
from .call import Answer, Call
from .errors import GatewayError, internal

log = logging.getLogger("sandbox")
Handler = Callable[..., "dict[str, Any] | GatewayError"]
EXPAND = {"expand": params.List(of=params.Text(clear=False), limit=20)}


@dataclass
class Operation:
    """One row of the table."""

    name: str
    method: str
    path: str
    table: dict[str, params.Kind | None]
    handler: Handler

    @cached_property
    def params(self) -> dict[str, params.Kind]:
        """The specification's parameters, with this gateway's own types over them.

        ``None`` in the own table: the specification has it, this gateway refuses it.
        """
        both = kinds.kinds(self.method, self.path) | EXPAND | self.table
        return {name: kind for name, kind in both.items() if kind is not None}


_table: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
OPERATIONS: dict[str, Operation] = {}


def operation(
    method: str,
    path: str,
    name: str,
    table: Mapping[str, params.Kind | None] | None = None,
) -> Callable[[Handler], Handler]:
    """Register the decorated handler as the operation ``name``."""

    def register(handler: Handler) -> Handler:
        row = Operation(name, method, path, dict(table or {}), handler)
        parts = path.strip("/").split("/")
        _table.setdefault((method, len(parts)), []).append((parts, row))
        OPERATIONS[name] = row
        return handler

    return register


def find(method: str, path: str) -> tuple[Operation, list[str]] | None:
    """The operation at this address, and the ids in its path."""
    parts = path.strip("/").split("/")
    best: tuple[Operation, list[str]] | None = None
    for pattern, row in _table.get((method, len(parts)), []):
        ids = []
        for want, have in zip(pattern, parts, strict=True):
            if want.startswith("{") and have:
                ids.append(have)
            elif want != have:
                break
        else:
            if best is None or len(ids) < len(best[1]):
                best = (row, ids)
    return best


def carry_out(call: Call, row: Operation, ids: list[str], path: str, raw: form.Form) -> Answer:
    """Carry out one call with its planned faults, outside of any transaction.

    Raises GatewayError for what is refused before execution begins.
    """
    call.plan = faults.take(call.account, row.name)
    if call.plan.error_before:
        raise internal()
    faults.wait(call.plan.wait_before)
    if row.method == "POST":
        answer = _once(call, row, ids, path, raw)
        failpoints.hit("sandbox.call.after_commit")
    else:
        answer = _execute(call, row, ids, raw)
    sender.send_now(call.push_first)
    faults.wait(call.plan.wait_after)
    if call.plan.error_after:
        raise internal()
    return answer


def _once(call: Call, row: Operation, ids: list[str], path: str, raw: form.Form) -> Answer:
    with database.atomic():
        if call.idempotency_key is None:
            return _execute(call, row, ids, raw)
        mark = idempotency.fingerprint(raw)
        kept = idempotency.claim(call, row.method, path, mark)
        if kept:
            return kept
        answer = _execute(call, row, ids, raw)
        if "Not-Kept" in answer.headers:
            return Answer(answer.status, answer.body)
        idempotency.keep(call, row.method, path, mark, answer)
        failpoints.hit("sandbox.call.before_commit")
        return answer


def _execute(call: Call, row: Operation, ids: list[str], raw: form.Form) -> Answer:
    call.params = params.read(row.params, raw)
    paths = call.params.pop("expand", [])
    try:
        with database.atomic() if row.method != "GET" else nullcontext():
            body = row.handler(call, *ids)
            if isinstance(body, GatewayError):
                return Answer.json(body.status, body.body())
            return Answer.json(200, expand.expand(call, body, paths))
    except GatewayError as error:
        call.push_first.clear()
        extra = {} if error.remember else {"Not_Kept": "1"}
        return Answer.json(error.status, error.body(), **extra)
    except Exception:
        log.exception("Operation %s failed", row.name)
        call.push_first.clear()
        return Answer.json(500, internal().body())
