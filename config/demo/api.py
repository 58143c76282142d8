"""A small client for the demo's own trade: plain HTTP, as a merchant's program would do it."""

import time
from collections.abc import Callable
from typing import Any

import requests

PATIENCE = 60.0  # seconds


class Refused(Exception):
    """The answer wasn't what the story needs."""


class Api:
    """One caller of one platform's API."""

    def __init__(self, base: str, key: str = "", cart_token: str = "") -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        if key:
            self.session.headers["Authorization"] = f"Bearer {key}"
        if cart_token:
            self.session.headers["Cart-Token"] = cart_token

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", **options: Any
    ) -> dict[str, Any]:
        """The answer's JSON. Raises Refused with the problem's text."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.session.request(
            method, self.base + path, json=body, headers=headers, timeout=30, **options
        )
        if answer.status_code >= 400:
            raise Refused(f"{method} {path} answered {answer.status_code}: {answer.text[:800]}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def send(self, path: str, content: bytes, kind: str, *, key: str) -> dict[str, Any]:
        """POST a file as it is. Raises Refused."""
        answer = self.session.post(
            self.base + path,
            data=content,
            headers={"Content-Type": kind, "Idempotency-Key": key},
            timeout=30,
        )
        if answer.status_code >= 400:
            raise Refused(f"POST {path} answered {answer.status_code}: {answer.text[:800]}")
        found: dict[str, Any] = answer.json()
        return found

    def download(self, path: str) -> bytes | None:
        """A file; None while it isn't there yet. Raises Refused."""
        answer = self.session.get(self.base + path, timeout=60)
        if answer.status_code == 404 or "no_evidence" in answer.text[:500]:
            return None
        if answer.status_code >= 400:
            raise Refused(f"GET {path} answered {answer.status_code}: {answer.text[:800]}")
        return bytes(answer.content)

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any = None, *, key: str) -> dict[str, Any]:
        return self.call("POST", path, body if body is not None else {}, key=key)

    def check_out(
        self, body: Any, *, key: str, pause: Callable[[], None] = lambda: time.sleep(0.3)
    ) -> dict[str, Any]:
        """Buy, and wait until it is done. What a killed start left in flight is taken up when its
        lease has run out. Raises Refused."""
        deadline = time.monotonic() + 2 * PATIENCE
        while True:
            try:
                done = self.post("/checkouts", body, key=key)
                break
            except Refused as error:
                if "idempotency_in_flight" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(2)
        while done["state"] != "done":
            if time.monotonic() > deadline or done["state"] == "undone":
                raise Refused(f"The checkout is {done['state']}.")
            pause()
            done = self.get(f"/checkouts/{done['id']}")
        return done

    def put(self, path: str, body: Any, *, key: str) -> dict[str, Any]:
        return self.call("PUT", path, body, key=key)
