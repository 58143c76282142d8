"""Bank transfers (转账): each attempt gets a virtual account of its own at the bank, and money that
comes in there is known to be for it. What came in is told by the bank's credits, not by an answer
here; see ``services/bank_credits.py``."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from kernel.money import Money
from payments.contracts import (
    CANCELED,
    IDLE,
    REJECTED,
    REQUIRES_ACTION,
    UNKNOWN,
    Outcome,
)
from payments.gateways.base import Charge, RefundOrder
from payments.gateways.transport import exchange
from payments.providers.bank import Bank
from payments.providers.base import PayoutOrder

log = logging.getLogger("quancheng.payments")
NAME = "bank_transfer"


class BankTransfers:
    """One account at one bank. The provider's id of a payment is its virtual account's number."""

    def __init__(self, *, base_url: str, secret_key: str, bank: str, holder: str) -> None:
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret_key}"}
        self._bank, self._holder = bank, holder
        self._transfers = Bank(base_url=self._base, secret_key=secret_key)

    def create(self, charge: Charge) -> Outcome:
        answer = exchange(
            NAME,
            "POST",
            f"{self._base}/v1/virtual_accounts",
            headers=self._headers,
            json={
                "key": str(charge.attempt_id),
                "reference": charge.reference[:140] or str(charge.intent_id),
                "currency": charge.amount.currency,
            },
        )
        number = answer.body.get("number")
        if answer.status in (200, 201) and isinstance(number, str):
            return Outcome(IDLE, provider_id=number, answered=True)
        if answer.status in (401, 403, 422):
            return Outcome(REJECTED, code="refused", answered=True)
        return Outcome(UNKNOWN)

    def confirm(self, charge: Charge) -> Outcome:
        """Where to pay to; from here on the buyer's bank has it."""
        number = charge.provider_id or ""
        where = {"bank": self._bank, "holder": self._holder, "number": number}
        text = json.dumps(where, ensure_ascii=False)
        return Outcome(REQUIRES_ACTION, provider_id=number, qr=text, answered=True)

    def find(self, provider_id: str) -> Outcome:
        return Outcome(REQUIRES_ACTION, provider_id=provider_id, answered=True)

    def capture(self, provider_id: str, amount: Money) -> Outcome:
        return Outcome(REJECTED, provider_id=provider_id, code="not_authorized", answered=True)

    def cancel(self, provider_id: str) -> Outcome:
        """Nothing to call: money that still comes in is nobody's, and goes back."""
        return Outcome(CANCELED, provider_id=provider_id, answered=True)

    def refund(self, order: RefundOrder) -> Outcome:
        if order.payee is None:
            return Outcome(REJECTED, code="payer_unknown", answered=True)
        return self._sent(order)

    def find_refund(self, order: RefundOrder) -> Outcome:
        return self._sent(order)  # the same key: either it is there, or it is made now

    def credits(self, after: str = "") -> list[Mapping[str, Any]] | None:
        """What came in after an entry, oldest first; None without an answer."""
        answer = exchange(
            NAME,
            "GET",
            f"{self._base}/v1/credits",
            headers=self._headers,
            params={"after": after, "limit": "100"},
        )
        rows = answer.body.get("data")
        if answer.status != 200 or not isinstance(rows, list):
            return None
        return [row for row in rows if isinstance(row, dict)]

    def _sent(self, order: RefundOrder) -> Outcome:
        payee = order.payee
        if payee is None and not order.provider_id:
            return Outcome(UNKNOWN)
        payout = PayoutOrder(
            payout_id=order.refund_id,
            reference=(order.reason or order.payment_id)[:140],
            amount=order.amount,
            bank=payee.bank if payee else "",
            holder=(payee.holder or payee.number) if payee else "",
            number=payee.number if payee else "",
            provider_id=order.provider_id,
        )
        return self._transfers.find(payout) if order.provider_id else self._transfers.send(payout)
