"""Request headers of our own: which there are, and which route reads which.

An error says which headers it is about (``DomainError.headers``); a route that can be refused for
one takes it, and the document says so.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

IDEMPOTENCY_KEY = "Idempotency-Key"
IF_MATCH = "If-Match"
# Secrets of guests, who have no account that could tell them apart.
CART_TOKEN = "Cart-Token"  # noqa: S105  (a header's name)
ORDER_TOKEN = "Order-Token"  # noqa: S105
CONFIRMATION = "Confirmation"

_TOLD = {
    IDEMPOTENCY_KEY: (
        "A name of yours for this change, kept 24 hours: sent again with it, the change isn't made "
        "twice, and the answer is the first one's. Of a guest without a token 16 random "
        "characters at least."
    ),
    IF_MATCH: "The ETag of what you read: refused (412) if it has changed since.",
    CART_TOKEN: "A guest's secret of a cart, from the answer to POST /carts.",
    ORDER_TOKEN: "A guest's secret of an order, from the link in its letter.",
    CONFIRMATION: (
        "The id from POST /change-confirmations. For people who are signed in; keys need none."
    ),
}
_LENGTH = {IDEMPOTENCY_KEY: {"minLength": 1, "maxLength": 255}}
# For guests alone, whichever error names them.
_GUESTS = frozenset({CART_TOKEN, ORDER_TOKEN})


def taken_by(operation: Any) -> list[str]:
    """The names of the headers that an ``Operation`` reads."""
    found = {name for error in operation.errors for name in error.headers}
    if "guest" not in operation.audience:
        found -= _GUESTS
    if operation.method != "GET" and not operation.raw:
        found.add(IDEMPOTENCY_KEY)
    return [name for name in _TOLD if name in found]


def parameters(operation: Any) -> list[dict[str, Any]]:
    """The headers that an ``Operation`` reads, for the document."""
    return [
        {
            "in": "header",
            "name": name,
            "required": False,
            "description": _TOLD[name],
            "schema": {"type": "string"} | _LENGTH.get(name, {}),
        }
        for name in taken_by(operation)
    ]


def sent(request: HttpRequest, name: str) -> str | None:
    """What came in a header; None where it wasn't sent. Where answers are validated, in tests, a
    route that reads what it doesn't take is an error."""
    if settings.API_VALIDATE_RESPONSES:
        operation = getattr(request, "operation", None)
        guest = name not in _GUESTS or (operation and "guest" in operation.audience)
        if operation is not None and guest and name not in taken_by(operation):
            raise AssertionError(
                f"{operation.method} {operation.path} reads {name}: name an error that tells of it"
            )
    return request.headers.get(name)


def secrets_of(request: HttpRequest) -> dict[str, str | None]:
    """A guest's secrets, by the names under which whoever looks for an order takes them."""
    return {"token": sent(request, ORDER_TOKEN), "cart_token": sent(request, CART_TOKEN)}
