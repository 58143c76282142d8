"""The plain JSON protocol of bank and carrier: one shape of error, planned faults included."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox import database, faults, idents
from sandbox.delivery import sender
from sandbox.models import Owned

from . import auth, idempotency
from .call import NO_FAULTS, Answer, Call, dumps
from .errors import GatewayError

log = logging.getLogger("sandbox")
MAX_BODY = 1_000_000
NAMES: set[str] = set()
Reply = tuple[int, dict[str, Any]]
Handler = Callable[..., Reply]
Row = TypeVar("Row", bound=Owned)
Model = TypeVar("Model", bound=BaseModel)


class Body(BaseModel):
    """Base of request bodies: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, str_max_length=500)


class PlainError(Exception):
    """An error answer: what, in which field."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, "field": field}}


def read(model: type[Model], data: dict[str, Any]) -> Model:
    """The body as ``model``. Raises 422 naming the first wrong field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PlainError(422, "invalid", f"{field}: {first['msg']}", field) from error


def fingerprint(fields: Mapping[str, Any]) -> str:
    """By which a repeated key is known to bring the same fields."""
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).hexdigest()


def key_of(request: HttpRequest, data: dict[str, Any]) -> str:
    """The caller's idempotency key: header or body field ``key``, the same if both."""
    header, field = request.headers.get("Idempotency-Key"), data.pop("key", None)
    key = header if field is None else field
    if not isinstance(key, str) or not 1 <= len(key) <= 255:
        raise PlainError(
            422,
            "key_missing",
            "Send a key of 1 to 255 characters in Idempotency-Key or key.",
            "key",
        )
    if header and field and header != field:
        raise PlainError(422, "key_differs", "Header Idempotency-Key and field key differ.", "key")
    return key


def page(call: Call, rows: Any, render: Callable[[Any], dict[str, Any]], query: Any) -> Reply:
    """Newest first, with ``limit`` (1 to 100) and ``starting_after``."""
    text = query.get("limit", "20")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise PlainError(422, "invalid", "limit: a whole number from 1 to 100.", "limit")
    rows = rows.filter(account=call.account)
    after = query.get("starting_after")
    if after:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: int(text) + 1])
    shown = [render(row) for row in found[: int(text)]]
    return 200, {"data": shown, "has_more": len(found) > int(text)}


def api(**handlers: tuple[str, Handler]) -> Callable[..., HttpResponse]:
    """A view from ``METHOD=(operation name, handler)``; the handler runs in one transaction.

    A handler takes the call, the request, the JSON body and the ids of the path.
    """

    NAMES.update(name for name, _ in handlers.values() if not name.startswith("sandbox."))

    @csrf_exempt
    def view(request: HttpRequest, **ids: str) -> HttpResponse:
        request_id = idents.new("req")
        replayed = False
        try:
            status, body, replayed = _answer(handlers, request, request_id, ids)
        except PlainError as error:
            status, body = error.status, error.body
        except GatewayError as error:
            message = {"code": error.code or "refused", "message": error.message, "field": None}
            status, body = error.status, {"error": message}
        except Exception:
            log.exception("A call failed")
            status, body = 500, _broken()
        response = HttpResponse(dumps(body), status=status, content_type="application/json")
        response["Request-Id"] = request_id
        if replayed:
            response["Idempotent-Replayed"] = "true"
        return response

    return view


def _broken() -> dict[str, Any]:
    return {"error": {"code": "internal", "message": "Something broke; try again.", "field": None}}


def _answer(
    handlers: dict[str, tuple[str, Handler]],
    request: HttpRequest,
    request_id: str,
    ids: dict[str, str],
) -> tuple[int, dict[str, Any], bool]:
    account = auth.account_of(request)
    if request.method not in handlers:
        raise PlainError(405, "method_not_allowed", f"Use {', '.join(sorted(handlers))}.")
    name, handler = handlers[request.method]
    data = _json(request)
    call = Call(
        account=account,
        request_id=request_id,
        base_url=f"{request.scheme}://{request.get_host()}",
        plan=NO_FAULTS if name.startswith("sandbox.") else faults.take(account, name),
    )
    if call.plan.error_before:
        return 500, _broken(), False
    faults.wait(call.plan.wait_before)
    status, body = _run(call, request, data, name, handler, ids)
    sender.send_now(call.push_first)
    faults.wait(call.plan.wait_after)
    if call.plan.error_after:
        return 500, _broken(), False
    return status, body, call.replayed


def _run(
    call: Call,
    request: HttpRequest,
    data: dict[str, Any],
    name: str,
    handler: Handler,
    ids: dict[str, str],
) -> Reply:
    """Carry out the handler; callbacks have no key of their own, so their answers are kept."""
    header = idempotency.check_key(request.headers.get("Idempotency-Key"))
    with database.atomic():
        if header is None or not name.endswith("callbacks.create"):
            return handler(call, request, data, **ids)
        call.idempotency_key = header
        mark = idempotency.fingerprint(data)
        kept = idempotency.claim(call, "POST", request.path, mark)
        if kept:
            call.replayed = True
            return 200, orjson.loads(kept.body)
        status, body = handler(call, request, data, **ids)
        idempotency.keep(call, "POST", request.path, mark, Answer.json(status, body))
        return status, body


def _json(request: HttpRequest) -> dict[str, Any]:
    if request.method != "POST" or not request.body:
        return {}
    if len(request.body) > MAX_BODY:
        raise PlainError(413, "too_large", "The body is larger than 1 MB.")
    try:
        data = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise PlainError(400, "not_json", f"The body isn't JSON: {error}") from error
    if not isinstance(data, dict):
        raise PlainError(400, "not_json", "The body must be a JSON object.")
    if b"\\u0000" in request.body:
        raise PlainError(400, "not_json", "The body may not contain null characters.")
    return data
