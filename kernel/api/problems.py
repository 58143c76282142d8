"""Problem details (RFC 9457)."""

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from kernel.api.encoding import encode
from kernel.api.schema_words import problem_of, remedy_of
from kernel.errors import DomainError, FieldProblem, Invalid, Malformed, NotFound, TooLarge
from kernel.logs import request_id

log = logging.getLogger("quancheng.api")
TYPE_BASE = "/api/v1/errors#"
EXAMPLE = {
    "type": f"{TYPE_BASE}not_found",
    "title": "There is nothing here by that id",
    "status": 404,
    "code": "not_found",
    "detail": "There is nothing here by that id",
    "request_id": "req_01k00000000000000000000000",
    "errors": [],
}


def problem(error: DomainError) -> dict[str, Any]:
    """The problem document as a dict."""
    body: dict[str, Any] = {
        "type": f"{TYPE_BASE}{error.code}",
        "title": force_str(error.title),
        "status": error.status,
        "code": error.code,
        "detail": force_str(error.detail),
        "remedy": force_str(error.remedy),
        "request_id": request_id(),
        "errors": [
            {"field": p.field, "problem": force_str(p.problem), "remedy": force_str(p.remedy)}
            for p in error.problems
        ],
    }
    for name, value in error.params.items():
        body.setdefault(name, force_str(value) if isinstance(value, Promise) else value)
    return body


def problem_response(error: DomainError) -> HttpResponse:
    """The error as an HTTP answer."""
    response = HttpResponse(
        encode(problem(error)), status=error.status, content_type="application/problem+json"
    )
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.params:
        response["Retry-After"] = str(error.params["retry_after"])
    return response


def _place(location: tuple[Any, ...]) -> str:
    """The path of a field in what was sent: of a body its place and our parameter's name go."""
    inside = location[2:] if location[:1] == ("body",) else location[1:]
    return ".".join(str(part) for part in inside) or "body"


def from_validation(error: ValidationError) -> DomainError:
    """Schema violations as one problem; a malformed id in the path is an absent object."""
    for item in error.errors:
        if item.get("loc", [""])[0] == "path":
            return NotFound()
    problems = [
        FieldProblem(
            _place(tuple(item.get("loc", ()))),
            problem_of(item),
            remedy_of(item),
        )
        for item in error.errors
    ]
    if any(
        "body" in item.get("loc", ()) and item.get("type") == "json_invalid"
        for item in error.errors
    ):
        return Malformed(problems=problems)
    return Invalid(problems=problems)


def install(api: NinjaAPI) -> None:
    """Make ``api`` answer every failure with a problem document."""
    handlers: list[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = [
        (DomainError, lambda request, error: problem_response(error)),
        (ValidationError, lambda request, error: problem_response(from_validation(error))),
        (Http404, lambda request, error: problem_response(NotFound())),
        (HttpError, _http_error),
        (RequestDataTooBig, lambda request, error: problem_response(TooLarge())),
        (TooManyFieldsSent, lambda request, error: problem_response(_too_many_fields())),
        (UnreadablePostError, lambda request, error: problem_response(Malformed())),
        (orjson.JSONDecodeError, lambda request, error: problem_response(Malformed())),
        (Exception, _unexpected),
    ]
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


def _too_many_fields() -> DomainError:
    limit = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    said = _("There are more than %(limit)s parameters.") % {"limit": limit}
    return TooLarge(said, field="query", limit=limit)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, DomainError):  # of our parser, which ninja hides behind its own
        return problem_response(error.__cause__)
    kind = Malformed if error.status_code == 400 else DomainError
    return problem_response(kind(str(error)))


class Unexpected(DomainError):
    """Something failed that shouldn't; the log has it under the request id."""

    code = "unexpected"
    status = 500
    title = lazy("Something went wrong on our side")
    remedy = lazy(
        "Send the same request again with the same Idempotency-Key; quote request_id to us."
    )


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("unexpected error", exc_info=error, extra={"path": request.path})
    return problem_response(Unexpected())
