"""What an issuer of statutory invoices must be able to do, and the adapter for its HTTP API.

Without an issuer the platform's merchants issue by hand: they upload the files of
``payments.services.invoices.export`` to the tax platform and enter the numbers that it gave."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kernel import clock
from payments.contracts import PENDING, REJECTED, SUCCEEDED, UNKNOWN
from payments.contracts_invoices import SalesInvoiceInfo
from payments.gateways.transport import Answer, exchange

log = logging.getLogger("quancheng.payments")
PARTY = "fapiao"
NUMBER = re.compile(r"\d{20}", re.ASCII)  # 数电发票号码


@dataclass(frozen=True)
class FapiaoOrder:
    """One document to be issued. ``key`` names this attempt; ``original`` is the number of the
    statutory invoice that a red one takes back."""

    key: str
    invoice: SalesInvoiceInfo
    original: str = ""
    provider_id: str = ""


@dataclass(frozen=True)
class FapiaoOutcome:
    """``status``: ``succeeded`` with a ``number``, ``pending``, ``rejected`` with ``code`` and
    ``message``, or ``unknown``: it may or may not have been issued, so ask, never guess."""

    status: str
    provider_id: str = ""
    number: str = ""
    issued_at: datetime | None = None
    code: str = ""
    message: str = ""


class FapiaoIssuer(Protocol):
    """Calls are repeatable under the order's key; none is made in a transaction."""

    def issue(self, order: FapiaoOrder) -> FapiaoOutcome:
        """Hand the document in; the same key again is the same document."""

    def find(self, order: FapiaoOrder) -> FapiaoOutcome:
        """How the document of the key stands; handed in if it never arrived."""


class HttpIssuer:
    """One account at an issuer: ``base_url`` up to the version (docs/invoices.md)."""

    def __init__(self, *, base_url: str, secret_key: str) -> None:
        self._url = f"{base_url.rstrip('/')}/v1/invoices"
        self._headers = {"Authorization": f"Bearer {secret_key}"}

    def issue(self, order: FapiaoOrder) -> FapiaoOutcome:
        answer = exchange(
            PARTY, "POST", self._url, headers=self._headers,
            json={"key": order.key, **_document(order)},
        )  # fmt: skip
        if answer.status in (200, 201):
            return _outcome(answer.body)
        error = answer.body.get("error")
        if answer.status in (400, 422) and isinstance(error, dict) and error.get("code"):
            message = str(error.get("message", ""))[:500]
            return FapiaoOutcome(REJECTED, code=str(error["code"])[:100], message=message)
        return _silent(answer)

    def find(self, order: FapiaoOrder) -> FapiaoOutcome:
        answer = exchange(PARTY, "GET", self._url, headers=self._headers, params={"key": order.key})
        rows = answer.body.get("data")
        if answer.status != 200 or not isinstance(rows, list):
            return _silent(answer)
        if rows and isinstance(rows[0], dict):
            return _outcome(rows[0])
        if order.provider_id:  # what it once took in doesn't vanish
            return FapiaoOutcome(UNKNOWN)
        return self.issue(order)


def _silent(answer: Answer) -> FapiaoOutcome:
    if answer.status:
        log.warning("fapiao: answered %s", answer.status)
    return FapiaoOutcome(UNKNOWN)


def _document(order: FapiaoOrder) -> dict[str, Any]:
    said = order.invoice
    assert said.buyer is not None  # sealed under the request, whose key is never destroyed
    return {
        "document": said.public_id,
        "kind": said.kind,
        "type": said.type,
        "original": order.original,
        "reason": said.reason,
        "seller": {"name": said.seller["name"], "tax_number": said.seller["tax_number"]},
        "buyer": {"name": said.buyer.title, "tax_number": said.buyer.tax_number},
        "lines": [
            {
                "name": f"*{line.category_name}*{line.name}"[:100],
                "category": line.category,
                "rate": format(line.rate.normalize(), "f"),
                "treatment": line.treatment,
                "net": line.net.amount,
                "tax": line.tax.amount,
                "gross": line.gross.amount,
            }
            for line in said.lines
        ],
        "net": said.net.amount,
        "tax": said.tax.amount,
        "gross": said.gross.amount,
    }


def _outcome(body: Mapping[str, Any]) -> FapiaoOutcome:
    """What the answer says; anything that isn't understood is ``unknown``."""
    ident, status = body.get("id"), body.get("status")
    if body.get("object") != "fapiao" or not isinstance(ident, str):
        return FapiaoOutcome(UNKNOWN)
    number = str(body.get("number") or "")
    if status == "issued" and NUMBER.fullmatch(number):
        return FapiaoOutcome(SUCCEEDED, ident, number, _time(body.get("issued")))
    if status == "refused":
        code, message = str(body.get("code") or "refused"), str(body.get("message") or "")
        return FapiaoOutcome(REJECTED, ident, code=code[:100], message=message[:500])
    return FapiaoOutcome(PENDING if status == "pending" else UNKNOWN, ident)


def _time(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return clock.business()
    return found if found.tzinfo else clock.business()
