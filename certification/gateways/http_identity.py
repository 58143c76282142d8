"""The identity provider's protocol of docs/sandbox.md, over HTTP."""

import logging
from typing import Any

import requests

from certification.gateways.identity import (
    EXPIRED,
    FAILED,
    MATCH,
    MISMATCH,
    NO_RECORD,
    PENDING,
    PHOTO_MISMATCH,
    REFUSED,
    SENT,
    UNKNOWN,
    Finding,
    Question,
)
from kernel.http import client

log = logging.getLogger("quancheng.certification")
TIMEOUT = (3.05, 8.0)
_KNOWN = {
    MATCH, MISMATCH, NO_RECORD, PHOTO_MISMATCH, EXPIRED, SENT, FAILED, PENDING,
}  # fmt: skip


class HttpIdentityChecker:
    """Speaks to one provider with one key."""

    def __init__(self, *, base_url: str, key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}

    def ask(self, question: Question) -> Finding:
        body = {"key": str(question.key), "kind": question.kind, **question.fields}
        return self._finding(*self._call("POST", "/v1/checks", json=body))

    def find(self, question: Question, provider_id: str) -> Finding:
        if provider_id:
            return self._finding(*self._call("GET", f"/v1/checks/{provider_id}"))
        status, body = self._call("GET", "/v1/checks", params={"key": str(question.key)})
        rows = body.get("data")
        if status != 200 or not isinstance(rows, list):
            return Finding(UNKNOWN)
        if rows and isinstance(rows[0], dict):
            return self._finding(200, rows[0])
        return self.ask(question)  # it never arrived

    def check_amount(self, provider_id: str, amount: int) -> Finding:
        path = f"/v1/checks/{provider_id}/amount"
        return self._finding(*self._call("POST", path, json={"amount": amount}))

    def _call(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
        try:
            answer = client("identity provider").request(
                method, self.base_url + path, headers=self._headers, timeout=TIMEOUT, **options
            )
            body = answer.json()
        except (requests.RequestException, ValueError) as error:
            # The path may name a check, never what was asked.
            log.warning("identity provider: %s %s: %s", method, path, type(error).__name__)
            return 0, {}
        return answer.status_code, body if isinstance(body, dict) else {}

    def _finding(self, status: int, body: dict[str, Any]) -> Finding:
        if status in (200, 201):
            return read_finding(body)
        if status in (400, 422):
            return Finding(REFUSED)
        return Finding(UNKNOWN)


def read_finding(body: dict[str, Any]) -> Finding:
    """A check as the protocol writes it; UNKNOWN when it isn't one."""
    outcome, ident = body.get("outcome"), body.get("id")
    if outcome not in _KNOWN or not isinstance(ident, str) or len(ident) > 100:
        return Finding(UNKNOWN)
    return Finding(str(outcome), ident)
