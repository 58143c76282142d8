"""What the OpenAPI document says of one route beyond its parameters, body and answer."""

from typing import Any

from django.utils.encoding import force_str

from kernel import errors
from kernel.actors import EVERYONES
from kernel.api import headers
from kernel.api.problems import TYPE_BASE
from kernel.api.routes import ALL, Operation

EXAMPLES = "#/components/examples/"
LIMITS = {
    "RateLimit-Limit": "Requests allowed in a minute",
    "RateLimit-Remaining": "Requests left in this minute",
    "RateLimit-Reset": "Seconds until the minute ends",
}
RETRY_AFTER = "Retry-After"
REPLAYED = "Idempotent-Replayed"
HEADERS: dict[str, dict[str, Any]] = {
    **{name: {"description": told, "schema": {"type": "integer"}} for name, told in LIMITS.items()},
    RETRY_AFTER: {
        "description": "Seconds after which it is worth another try",
        "schema": {"type": "integer"},
    },
    REPLAYED: {
        "description": "true where the change was made before, under the same Idempotency-Key",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The version of what is answered, for If-Match; not with every answer",
        "schema": {"type": "string"},
    },
}
_FILE = {"type": "string", "format": "binary"}
_FIELDS = {
    "in": "query", "name": "fields", "required": False, "schema": {"type": "string"},
    "description": "Comma-separated top-level fields to send",
}  # fmt: skip


def documentation(operation: Operation, parameters: frozenset[str]) -> dict[str, Any]:
    """Headers, examples and errors of a route. ``parameters``: names that it has already."""
    by_status: dict[int, list[type[errors.DomainError]]] = {}
    for error in all_errors(operation):
        by_status.setdefault(error.status, []).append(error)
    responses: dict[Any, Any] = {
        status: _refusals(status, kinds) for status, kinds in by_status.items()
    }
    answer: dict[str, Any] = {"headers": _refs(_sent_with(operation))}
    if operation.sends:
        answer["content"] = {kind: {"schema": _body(kind)} for kind in operation.sends}
    elif operation.example is not None:
        answer["content"] = {"application/json": {"example": operation.example}}
    responses[operation.status] = answer
    found: dict[str, Any] = {"responses": responses, "parameters": headers.parameters(operation)}
    if operation.method == "GET" and operation.response and "fields" not in parameters:
        found["parameters"].append(_FIELDS)
    bodies: dict[str, Any] = {kind: {"schema": _body(kind)} for kind in operation.takes}
    if operation.request_example is not None:
        bodies.setdefault("application/json", {})["example"] = operation.request_example
    if bodies:
        found["requestBody"] = {"content": bodies, "required": True}
    if "guest" in operation.audience:
        found["security"] = [{}]  # beside the key: nobody needs one
    return found


def _body(kind: str) -> dict[str, Any]:
    """The schema of a file, or of what its sender has described."""
    if kind == "multipart/form-data":
        return {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
    if kind in ("application/json", "application/x-www-form-urlencoded"):
        return {"type": "object"}
    return {"type": "string"} if kind.startswith("text/") else _FILE


def _sent_with(operation: Operation) -> list[str]:
    names = [*LIMITS]
    if headers.IDEMPOTENCY_KEY in headers.taken_by(operation):
        names.append(REPLAYED)
    if operation.response:
        names.append("ETag")
    return names


def _refs(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusals(status: int, kinds: list[type[errors.DomainError]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": " · ".join(f"{kind.code}: {force_str(kind.title)}" for kind in kinds),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.code: {"$ref": EXAMPLES + kind.code} for kind in kinds},
            }
        },
    }
    if status == errors.TooMany.status:
        found["headers"] = _refs([*LIMITS, RETRY_AFTER])
    return found


def problem_example(error: type[errors.DomainError]) -> dict[str, Any]:
    """A problem document of this kind."""
    title = force_str(error.title)
    return {
        "type": f"{TYPE_BASE}{error.code}",
        "title": title,
        "status": error.status,
        "code": error.code,
        "detail": title,
        "remedy": force_str(error.remedy),
        "request_id": "req_01k00000000000000000000000",
        "errors": [],
    }


def all_errors(operation: Operation) -> list[type[errors.DomainError]]:
    """All that a route may answer with instead, its own after those of every route."""
    found: list[type[errors.DomainError]] = [errors.TooMany]
    if "guest" not in operation.audience:
        found.append(errors.Unauthenticated)
    if operation.audience != ALL or operation.scope:
        found.append(errors.Forbidden)
    if any(EVERYONES.isdisjoint(needed) for needed in operation.permissions.values()):
        found.append(errors.NotPermitted)
    if operation.method != "GET" and not operation.raw:
        found += [errors.Malformed, errors.Invalid]
        found += [errors.IdempotencyMismatch, errors.IdempotencyInFlight]
    if "{" in operation.path:
        found.append(errors.NotFound)
    found += [error for error in operation.errors if error not in found]
    return found
