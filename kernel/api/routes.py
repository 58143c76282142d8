"""Routes: each declares who may call it, what it answers, and which errors it may give."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from kernel import errors, transactions
from kernel.actors import acting
from kernel.api import idempotency
from kernel.api.auth import Guard
from kernel.api.encoding import encode
from kernel.api.late import LateRouter
from kernel.api.limits import apply_limits
from kernel.api.lists import pick_fields
from kernel.api.problems import problem_response
from kernel.gathered import gathering
from kernel.ids import uuid7
from kernel.pagination import PageOf

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])
Needed = str | tuple[str, ...]
Types = str | tuple[str, ...]
STAFFED = frozenset({"merchant", "operator"})  # who has a staff whose roles differ
ALL = frozenset({"guest", "buyer", "merchant", "operator"})


@dataclass(frozen=True)
class Operation:
    """One route as declared; the contract test and the error catalogue read these."""

    method: str
    path: str
    handler: Callable[..., Any]
    audience: frozenset[str]
    scope: str
    status: int
    response: Any
    errors: tuple[type[errors.DomainError], ...]
    example: Any
    request_example: Any
    outside: bool
    summary: str
    takes: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    inside: Callable[..., bool] | None = None
    context: str = ""
    # By kind of caller: one of these a person's role must include.
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def raw(self) -> bool:
        """Whether its body is read as it comes: an upload, a provider's word. No idempotency."""
        return bool(self.takes)


OPERATIONS: list[Operation] = []


@dataclass
class Routes:
    """The routes of one context; ``config/api.py`` mounts them below ``/api/v1``."""

    name: str
    tag: str
    router: Router = field(init=False)

    def __post_init__(self) -> None:
        self.router = LateRouter(tags=[self.tag])

    def get(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """A read; see ``_add`` for the options."""
        return self._add("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """A mutation, idempotent by Idempotency-Key."""
        return self._add("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        return self._add("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        return self._add("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        return self._add("DELETE", path, **options)

    def _add(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        response: Any,
        audience: Iterable[str] = ALL,
        scope: str = "",
        permission: Needed | Mapping[str, Needed] = (),
        status: int = 200,
        errors: Iterable[type[errors.DomainError]] = (),
        example: Any = None,
        request_example: Any = None,
        outside: bool = False,
        inside: Callable[..., bool] | None = None,
        takes: Types = (),
        sends: Types = (),
    ) -> Callable[[HandlerT], HandlerT]:
        """``permission``: what the role of a person on a staff must include, one of several, or
        another for each kind (docs/staff.md).
        ``outside``: the handler calls outside parties, so it manages its own transactions; unless
        ``inside``, asked with the handler's parameters, says that this time it calls nobody. Then
        it is one transaction, and what must stay is answered, not raised.
        ``takes``: the types of a body that the handler reads by itself (an upload, a provider's
        word); no idempotency then. ``sends``: the types of the file that it answers with."""

        def decorate(handler: HandlerT) -> HandlerT:
            operation = Operation(
                method,
                path,
                handler,
                frozenset(audience),
                scope,
                status,
                response,
                tuple(errors),
                example,
                request_example,
                outside,
                summary,
                _types(takes),
                _types(sends),
                inside,
                self.name,
                _permissions(permission, frozenset(audience)),
            )
            OPERATIONS.append(operation)
            self.router.api_operation(
                [method],
                path,
                response={status: None},  # what it is, only the document asks (``kernel.api.spec``)
                auth=Guard(operation.audience, scope, operation.permissions),
                summary=summary,
                operation_id=f"{self.name}_{handler.__name__}",
                by_alias=True,
            )(_endpoint(operation))
            return handler

        return decorate


def _types(named: Types) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else named


def _permissions(
    named: Needed | Mapping[str, Needed], audience: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    staffed = audience & STAFFED
    by_kind = named if isinstance(named, Mapping) else dict.fromkeys(staffed, named)
    return {
        kind: (needed,) if isinstance(needed, str) else tuple(needed)
        for kind, needed in by_kind.items()
        if needed
    }


def _endpoint(operation: Operation) -> Callable[..., HttpResponse]:
    mutation = operation.method != "GET" and not operation.raw
    adapter: TypeAdapter[Any] | None = None

    @functools.wraps(operation.handler)
    def endpoint(request: HttpRequest, **values: Any) -> HttpResponse:
        nonlocal adapter
        request.operation = operation  # type: ignore[attr-defined]  # for ``kernel.api.headers``
        with acting(request.actor):  # type: ignore[attr-defined]
            # A provider's signed callbacks all come from one address and aren't a guest's doing.
            signed = operation.raw and request.actor.kind == "guest"  # type: ignore[attr-defined]
            headers = {} if signed else apply_limits(request)
            if not mutation:
                response = _answer(operation, request, values)
            elif operation.outside and not (operation.inside and operation.inside(**values)):
                response = _leased(operation, request, values)
            else:
                response = _transactional(operation, request, values)
        for name, value in headers.items():
            response[name] = value
        if settings.API_VALIDATE_RESPONSES and response.status_code == operation.status:
            if operation.sends:
                assert response["Content-Type"].partition(";")[0] in operation.sends
            elif operation.response is not None and "fields" not in request.GET:
                adapter = adapter or TypeAdapter(operation.response)
                if response.content:
                    adapter.validate_json(response.content)
        return response

    endpoint.declared = operation  # type: ignore[attr-defined]  # for ``kernel.api.spec``
    return endpoint


def _answer(operation: Operation, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
    result = operation.handler(request, **values)
    if isinstance(result, HttpResponse):
        return result
    query = request.GET.get("fields")
    if isinstance(result, PageOf):
        result = {
            "data": [pick_fields(item, query) for item in result.items],
            "has_more": result.has_more,
            "next_cursor": result.next_cursor,
        }
    elif query:
        result = pick_fields(result, query)
    content = b"" if operation.status == HTTPStatus.NO_CONTENT else encode(result)
    response = HttpResponse(content, status=operation.status, content_type="application/json")
    etag = getattr(request, "etag", None)
    if etag:
        response["ETag"] = etag
    return response


def _transactional(
    operation: Operation, request: HttpRequest, values: dict[str, Any]
) -> HttpResponse:
    caller = idempotency.caller_of(request)
    request.idempotency_token = uuid7()  # type: ignore[attr-defined]
    with transactions.atomic(), gathering():
        kept = idempotency.replay_or_lock(caller) if caller else None
        if kept is not None:
            return kept
        response = _answer(operation, request, values)
        if caller:
            idempotency.keep(caller, response)
        return response


def _leased(operation: Operation, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
    caller = idempotency.caller_of(request)
    token: UUID | HttpResponse = uuid7()
    if caller:
        token = idempotency.lease(caller, token)  # type: ignore[arg-type]
        if isinstance(token, HttpResponse):
            return token
    request.idempotency_token = token  # type: ignore[attr-defined]
    try:
        response = _answer(operation, request, values)
    except errors.DomainError as error:
        response = problem_response(error)
    except Exception:
        if caller:
            idempotency.finish(caller, token, HttpResponse(status=500))  # type: ignore[arg-type]
        raise
    if caller:
        idempotency.finish(caller, token, response)  # type: ignore[arg-type]
    return response
