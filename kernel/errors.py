"""Typed errors with a stable code and an HTTP status, rendered as RFC 9457 problem details."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field, and what would be right."""

    field: str
    problem: str
    remedy: str = ""


class DomainError(Exception):
    """Base of every expected failure.

    Subclasses set ``code`` (``context.slug``, never reused), ``status``, ``title`` and ``remedy``,
    and the request ``headers`` that they are about.
    Extra keyword arguments appear as members of the problem document.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = _("The request can't be carried out")
    remedy: ClassVar[Text] = ""
    headers: ClassVar[tuple[str, ...]] = ()
    catalogue: ClassVar[dict[str, type["DomainError"]]] = {}

    def __init__(
        self,
        detail: Text | None = None,
        *,
        field: str | None = None,
        problems: list[FieldProblem] | None = None,
        **params: Any,
    ) -> None:
        self.detail: Text = detail if detail is not None else self.title
        self.field = field
        self.params = params
        self.problems = list(problems or [])
        if field and not self.problems:
            self.problems = [FieldProblem(field, str(self.detail), str(self.remedy))]
        super().__init__(str(self.detail))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" in cls.__dict__:
            DomainError.catalogue[cls.code] = cls


@contextmanager
def fields_told(as_sent: Callable[[str], str]) -> Iterator[None]:
    """Errors from within name their fields as the caller sent them, where that isn't as a service
    that others use too names them."""
    try:
        yield
    except DomainError as error:
        error.problems = [replace(one, field=as_sent(one.field)) for one in error.problems]
        error.field = as_sent(error.field) if error.field else error.field
        raise


class NotFound(DomainError):
    code = "not_found"
    status = 404
    title = _("There is nothing here by that id")
    remedy = _("Check the id and that your key or sign-in belongs to the same platform.")


class Invalid(DomainError):
    code = "invalid"
    status = 422
    title = _("Something in the request isn't valid")
    remedy = _("Correct the fields named in errors and send the request again.")


class Malformed(DomainError):
    code = "malformed"
    status = 400
    title = _("The request could not be read")
    remedy = _("Send well-formed JSON with Content-Type application/json.")


class Conflict(DomainError):
    code = "conflict"
    status = 409
    title = _("The request doesn't fit the present state")
    remedy = _("Read the object again and decide on what it says now.")


class InvalidTransition(Conflict):
    code = "invalid_transition"
    title = _("That step isn't possible in the present state")
    remedy = _("See allowed for the steps that are possible now.")


class Unauthenticated(DomainError):
    code = "unauthenticated"
    status = 401
    title = _("A valid key is needed")
    remedy = _("Send Authorization: Bearer followed by an API key of this platform.")


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    title = _("This key or sign-in may not do that")
    remedy = _("Use a key with the scope named in scope, or ask the owner for it.")


class NotPermitted(Forbidden):
    """The role of who is signed in doesn't include the permission named in ``permission``."""

    code = "not_permitted"
    title = _("Your role doesn't include this")
    remedy = _("Ask somebody who gives roles for one with the permission named in permission.")


class PreconditionFailed(DomainError):
    code = "precondition_failed"
    status = 412
    title = _("The object has changed since you read it")
    headers = ("If-Match",)
    remedy = _("Read it again, and send the new ETag in If-Match.")


class TooLarge(DomainError):
    code = "too_large"
    status = 413
    title = _("The request is too large")
    remedy = _("Send less at once; the limit is in limit.")


def at_most(rows: int, limit: int) -> None:
    """Refuse more rows than are taken at once. Raises TooLarge."""
    if rows > limit:
        told = _("%(rows)s rows; at most %(limit)s at once.") % {"rows": rows, "limit": limit}
        raise TooLarge(told, limit=limit)


class TooMany(DomainError):
    code = "rate_limited"
    status = 429
    title = _("Too many requests")
    remedy = _("Wait for the seconds in Retry-After.")


class IdempotencyMismatch(DomainError):
    code = "idempotency_mismatch"
    status = 422
    title = _("This Idempotency-Key was used with another request")
    remedy = _("Use a new key for a new request; send the same body to repeat the old one.")


class IdempotencyInFlight(DomainError):
    code = "idempotency_in_flight"
    status = 409
    title = _("A request with this Idempotency-Key is being carried out")
    remedy = _("Wait for the seconds in Retry-After and send the same request again.")


class Unavailable(DomainError):
    code = "unavailable"
    status = 503
    title = _("A part that is needed doesn't answer")
    remedy = _("Try again in a moment; the request can be repeated with the same key.")


class NoPlatformInScope(RuntimeError):
    """Code touched tenant data outside ``kernel.tenancy.scope``: a defect, never user's input."""
