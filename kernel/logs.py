"""The request id that ties a log line, an answer, an event and an audit row together."""

from contextvars import ContextVar, Token

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request or job being worked on, or an empty string."""
    return _request_id.get()


def set_request_id(value: str) -> Token[str]:
    """Name the request or job; give the token to ``reset_request_id`` afterwards."""
    return _request_id.set(value)


def reset_request_id(token: Token[str]) -> None:
    _request_id.reset(token)
