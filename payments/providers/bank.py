"""The adapter for the bank's transfer API (docs/sandbox.md, Bank)."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from payments.contracts import FAILED, PENDING, REJECTED, SUCCEEDED, UNKNOWN, Outcome
from payments.gateways.transport import Answer, exchange
from payments.providers.base import PayoutOrder

log = logging.getLogger("quancheng.payments")
_STATUS = {"paid": SUCCEEDED, "pending": PENDING, "failed": FAILED}


class Bank:
    """One account at one bank: ``base_url`` up to the version."""

    def __init__(self, *, base_url: str, secret_key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret_key}"}

    def send(self, order: PayoutOrder) -> Outcome:
        answer = exchange(
            "bank",
            "POST",
            f"{self.base_url}/v1/transfers",
            headers=self._headers,
            json={
                "key": str(order.payout_id),
                "amount": order.amount.amount,
                "currency": order.amount.currency,
                "account": order.number,
                "name": order.holder,
                "reference": order.reference,
            },
        )
        return self._outcome(answer)

    def find(self, order: PayoutOrder) -> Outcome:
        if not order.provider_id and not order.number:
            return self._by_key(order)
        if not order.provider_id:
            return self.send(order)  # the same key: either it is there, or it is made now
        url = f"{self.base_url}/v1/transfers/{order.provider_id}"
        answer = exchange("bank", "GET", url, headers=self._headers)
        # A transfer that was once accepted doesn't vanish: a 404 here is not an answer.
        return self._outcome(answer) if answer.status == 200 else Outcome(UNKNOWN)

    def statement(self, day: date, zone: ZoneInfo) -> bytes | None:
        """The day's statement in our own form, as it came; None when there is none."""
        url = f"{self.base_url}/v1/statements/{day.isoformat()}"
        answer = exchange("bank", "GET", url, headers=self._headers, params={"zone": str(zone)})
        if answer.status != 200 or answer.body.get("object") != "statement":
            return None
        return orjson.dumps(answer.body, option=orjson.OPT_INDENT_2)

    def _by_key(self, order: PayoutOrder) -> Outcome:
        """The account's number has been erased, so it can't be sent any more, only looked for."""
        url = f"{self.base_url}/v1/transfers"
        answer = exchange(
            "bank", "GET", url, headers=self._headers, params={"key": str(order.payout_id)}
        )
        rows = answer.body.get("data")
        if answer.status != 200 or not isinstance(rows, list):
            return Outcome(UNKNOWN)
        if not rows:
            return Outcome(REJECTED, code="destination_erased", answered=True)
        return _transfer(rows[0]) if isinstance(rows[0], dict) else Outcome(UNKNOWN)

    def _outcome(self, answer: Answer) -> Outcome:
        if answer.status in (200, 201):
            return _transfer(answer.body)
        error = answer.body.get("error")
        code = str(error.get("code", "")) if isinstance(error, dict) else ""
        if answer.status in (400, 422) and code:
            message = str(error.get("message", "")) if isinstance(error, dict) else ""
            return Outcome(REJECTED, code=code[:100], message=message[:500], answered=True)
        if answer.status:
            log.warning("bank: answered %s %s", answer.status, code)
        return Outcome(UNKNOWN)


def _transfer(body: Mapping[str, Any]) -> Outcome:
    if body.get("object") != "bank_transfer" or not isinstance(body.get("id"), str):
        return Outcome(UNKNOWN)
    amount = body.get("amount")
    return Outcome(
        _STATUS.get(str(body.get("status")), UNKNOWN),
        provider_id=body["id"],
        amount=amount if type(amount) is int else None,
        currency=str(body.get("currency", "")),
        code=str(body.get("failure_code") or "")[:100],
        message=str(body.get("failure_message") or "")[:500],
        answered=True,
    )
