"""Failures as the gateway's protocol words them."""

from typing import Any


class GatewayError(Exception):
    """An error answer.

    Raised, the call has no effect; returned by a handler, its effects stay (a declined charge is
    a fact). ``remember`` False keeps the answer from being stored under the idempotency key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        remember: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.remember = remember
        self.more = more

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        fields = {
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "type": self.kind,
            **self.more,
        }
        return {"error": {name: value for name, value in fields.items() if value is not None}}


def missing(kind: str, ident: str, *, param: str | None = None) -> GatewayError:
    """No such object: 404 when it stands in the path, 400 when in a parameter."""
    return GatewayError(
        f"No such {kind}: '{ident}'",
        status=404 if param is None else 400,
        code="resource_missing",
        param=param or "id",
    )


def unknown_url(method: str, path: str) -> GatewayError:
    return GatewayError(
        f"Unrecognized request URL ({method}: {path}). "
        "This address, or this method on it, isn't part of the sandbox.",
        status=404,
    )


def internal() -> GatewayError:
    return GatewayError("An unknown error occurred in the sandbox.", status=500, kind="api_error")
