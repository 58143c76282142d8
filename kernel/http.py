"""Outside calls: one way out, with timeouts, never inside a transaction."""

import threading
from typing import Any

import requests

from kernel import transactions, turns
from kernel.logs import request_id

TIMEOUT = (3.05, 20.0)
_local = threading.local()


class OutsideSession(requests.Session):
    """A ``requests`` session that refuses to call while a transaction is open."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.trust_env = False
        self.headers["User-Agent"] = "Quancheng"

    def request(
        self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any
    ) -> requests.Response:
        transactions.assert_outside_transaction(f"A call to {self.name}")
        turns.held_up()
        kwargs.setdefault("timeout", TIMEOUT)
        kwargs.setdefault("allow_redirects", False)
        here = request_id()
        if here:
            headers = dict(kwargs.get("headers") or {})
            headers.setdefault("Request-Id", here)
            kwargs["headers"] = headers
        return super().request(method, url, *args, **kwargs)

    def get(self, url: str | bytes, **kwargs: Any) -> requests.Response:
        """As ``requests`` does it, but redirects aren't followed unless asked for."""
        kwargs.setdefault("allow_redirects", False)
        return super().get(url, **kwargs)


def client(name: str) -> OutsideSession:
    """This thread's session for the outside party ``name``; connections are kept open."""
    sessions: dict[str, OutsideSession] = _local.__dict__.setdefault("sessions", {})
    if name not in sessions:
        sessions[name] = OutsideSession(name)
    return sessions[name]
