"""The adapter for gateways that speak Stripe's protocol (API of payment intents and refunds).

A payment is first created (no money moves), its id kept, then confirmed under the attempt's key:
whatever gets lost on the way, the payment can be asked for by its id.
"""

import logging
from collections.abc import Mapping
from typing import Any

from kernel.money import Money
from payments.contracts import (
    AUTHORIZED,
    CANCELED,
    DECLINED,
    FAILED,
    IDLE,
    PENDING,
    PROCESSING,
    REJECTED,
    REQUIRES_ACTION,
    SUCCEEDED,
    UNKNOWN,
    Outcome,
)
from payments.gateways.base import Charge, RefundOrder
from payments.gateways.transport import Answer, exchange

log = logging.getLogger("quancheng.payments")
VERSION = "2026-10-28.endive"
FEE = "latest_charge.balance_transaction"
CARD = "payment_method"
# The news that we act on: what an endpoint for us has to be told, and no more.
EVENTS = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.amount_capturable_updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
OLDER_EVENTS = ("charge.refund.updated",)  # of endpoints made when refunds told by this name
REASONS = {"duplicate", "fraudulent", "requested_by_customer"}
EVIDENCE = {
    "other": "uncategorized_file",
    "receipt": "receipt",
    "shipping": "shipping_documentation",
    "communication": "customer_communication",
    "service": "service_documentation",
    "policy": "refund_policy",
}
_REFUND_STATUS = {
    "succeeded": SUCCEEDED,
    "pending": PENDING,
    "requires_action": PENDING,
    "failed": FAILED,
    "canceled": FAILED,
}
_INTENT_STATUS = {
    "succeeded": SUCCEEDED,
    "processing": PROCESSING,
    "requires_capture": AUTHORIZED,
    "requires_action": REQUIRES_ACTION,
    "canceled": CANCELED,
}


class StripeProtocol:
    """One account at one gateway: ``base_url`` without a path, and its secret key."""

    def __init__(self, *, base_url: str, secret_key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = secret_key

    def create(self, charge: Charge) -> Outcome:
        customer = charge.customer or None
        if charge.save_card and not customer:
            made = self._post("/v1/customers", {}, key=f"{charge.intent_id}-customer")
            if made.status != 200:
                return _uncertain(made)
            customer = str(made.body.get("id"))
        answer = self._post(
            "/v1/payment_intents",
            {
                "amount": charge.amount.amount,
                "currency": charge.amount.currency.lower(),
                "payment_method_types": ["card"],
                "capture_method": "manual" if charge.manual_capture else None,
                "customer": customer,
                "description": charge.description or None,
                "metadata": {"intent": charge.intent_id, "reference": charge.reference},
            },
            key=f"{charge.attempt_id if charge.anew else charge.intent_id}-create",
        )
        if answer.status in (401, 403):  # nothing has happened yet, so this is certain
            return _refused(answer)
        return _intent(answer)

    def confirm(self, charge: Charge) -> Outcome:
        answer = self._post(
            f"/v1/payment_intents/{charge.provider_id}/confirm",
            {
                "payment_method": charge.payment_method,
                "return_url": charge.return_url or None,
                "setup_future_usage": "on_session" if charge.save_card else None,
                "expand": [FEE, CARD] if charge.save_card else [FEE],
            },
            key=str(charge.attempt_id),
        )
        if _code(answer) == "payment_intent_unexpected_state":
            return self.find(charge.provider_id or "")
        return _intent(answer)

    def find(self, provider_id: str) -> Outcome:
        # A payment that was once known doesn't vanish: an error here is not an answer.
        answer = self._get(f"/v1/payment_intents/{provider_id}", params={"expand[0]": FEE})
        return intent_outcome(answer.body) if answer.status == 200 else Outcome(UNKNOWN)

    def capture(self, provider_id: str, amount: Money) -> Outcome:
        answer = self._post(
            f"/v1/payment_intents/{provider_id}/capture",
            {"amount_to_capture": amount.amount, "expand": [FEE]},
            key=f"{provider_id}-capture",
        )
        if _code(answer) == "payment_intent_unexpected_state":
            return self.find(provider_id)
        return _intent(answer)

    def forget_card(self, token: str) -> bool:
        """Detach a saved card from its customer; True when it is gone."""
        answer = self._post(f"/v1/payment_methods/{token}/detach", {}, key=f"{token}-detach")
        return answer.status in (200, 400, 404)

    def cancel(self, provider_id: str) -> Outcome:
        answer = self._post(
            f"/v1/payment_intents/{provider_id}/cancel", {}, key=f"{provider_id}-cancel"
        )
        if _code(answer) == "payment_intent_unexpected_state":
            return self.find(provider_id)
        return _intent(answer)

    def refund(self, order: RefundOrder) -> Outcome:
        answer = self._post(
            "/v1/refunds",
            {
                "payment_intent": order.payment_id,
                "amount": order.amount.amount,
                "reason": order.reason if order.reason in REASONS else None,
                "metadata": {"refund": order.refund_id},
            },
            key=str(order.refund_id),
        )
        return _refund(answer)

    def find_refund(self, order: RefundOrder) -> Outcome:
        if order.provider_id:
            answer = self._get(f"/v1/refunds/{order.provider_id}")
            return refund_outcome(answer.body) if answer.status == 200 else Outcome(UNKNOWN)
        answer = self._get(
            "/v1/refunds", params={"payment_intent": order.payment_id, "limit": "100"}
        )
        rows = answer.body.get("data")
        if answer.status != 200 or not isinstance(rows, list):
            return Outcome(UNKNOWN)
        for row in rows:
            if isinstance(row, dict) and _metadata(row, "refund") == str(order.refund_id):
                return refund_outcome(row)
        return Outcome(UNKNOWN if answer.body.get("has_more") else IDLE)

    def find_dispute(self, dispute_id: str) -> Mapping[str, Any] | None:
        """A dispute as the protocol shows it, with its balance transactions; None: no answer."""
        answer = self._get(f"/v1/disputes/{dispute_id}")
        return answer.body if answer.status == 200 else None

    def upload_evidence(self, name: str, content: bytes, kind: str, *, key: str) -> str | None:
        """Hand a file over; its id there, None: no answer, or it wasn't taken."""
        answer = exchange(
            "card",
            "POST",
            f"{_files_url(self.base_url)}/v1/files",
            headers={**self._headers(), "Idempotency-Key": key},
            data=[("purpose", "dispute_evidence")],
            files={"file": (name, content, kind)},
        )
        return str(answer.body.get("id") or "") or None if answer.status == 200 else None

    def send_evidence(
        self, dispute_id: str, text: str, files: Mapping[str, str], *, key: str
    ) -> Mapping[str, Any] | None:
        """Hand the merchant's side in, for good; the dispute afterwards, None: no answer.
        ``files``: ids of uploaded ones, by what they show (``EvidenceAbout``)."""
        shown = {EVIDENCE[about]: file for about, file in files.items()}
        answer = self._post(
            f"/v1/disputes/{dispute_id}",
            {"evidence": {"uncategorized_text": text[:20_000], **shown}, "submit": True},
            key=key,
        )
        return answer.body if answer.status == 200 else None

    def _post(self, path: str, fields: Mapping[str, Any], *, key: str) -> Answer:
        return exchange(
            "card",
            "POST",
            self.base_url + path,
            headers={**self._headers(), "Idempotency-Key": key},
            data=form(fields),
        )

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        return exchange("card", "GET", self.base_url + path, headers=self._headers(), params=params)

    def get(self, path: str, params: Mapping[str, str]) -> Answer:
        """Read something, for statements."""
        return self._get(path, params)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "Stripe-Version": VERSION}


def _files_url(base_url: str) -> str:
    """Where files go: the protocol's home has a host of its own for them, others have one."""
    return base_url.replace("://api.stripe.com", "://files.stripe.com", 1)


def form(fields: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested fields as the protocol's form pairs: ``a[b]=v``, ``list[0]=v``; None is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        here = f"{prefix}[{name}]" if prefix else str(name)
        if value is None:
            continue
        if isinstance(value, list | tuple):
            pairs += form({str(place): item for place, item in enumerate(value)}, here)
        elif isinstance(value, Mapping):
            pairs += form(value, here)
        elif isinstance(value, bool):
            pairs.append((here, "true" if value else "false"))
        else:
            pairs.append((here, str(value)))
    return pairs


def intent_outcome(body: Mapping[str, Any]) -> Outcome:
    """How a payment stands, by the gateway's own object."""
    if body.get("object") != "payment_intent" or not isinstance(body.get("id"), str):
        return Outcome(UNKNOWN)
    error = body.get("last_payment_error")
    status = _INTENT_STATUS.get(str(body.get("status")), UNKNOWN)
    if body.get("status") in ("requires_payment_method", "requires_confirmation"):
        status = DECLINED if isinstance(error, dict) else IDLE
    received = body.get("amount_received")
    code, message = _reason(error) if status == DECLINED else ("", "")
    following = body.get("next_action")
    redirect = following.get("redirect_to_url") if isinstance(following, dict) else None
    return Outcome(
        status,
        provider_id=body["id"],
        amount=received if type(received) is int else None,
        currency=str(body.get("currency", "")).upper(),
        fee=_fee(body),
        redirect_url=str(redirect.get("url") or "") if isinstance(redirect, dict) else "",
        answered=status != UNKNOWN,
        code=code,
        message=message,
        authorized_until=_lapses(body) if status == AUTHORIZED else None,
        saved=_saved(body),
    )


def _lapses(body: Mapping[str, Any]) -> int | None:
    """When the authorisation lapses, if the charge was sent along and says it."""
    charge = body.get("latest_charge")
    details = charge.get("payment_method_details") if isinstance(charge, dict) else None
    card = details.get("card") if isinstance(details, dict) else None
    until = card.get("capture_before") if isinstance(card, dict) else None
    return until if type(until) is int else None


def _saved(body: Mapping[str, Any]) -> dict[str, str] | None:
    """The card as it was kept for the customer, if it was sent along."""
    method, customer = body.get("payment_method"), body.get("customer")
    card = method.get("card") if isinstance(method, dict) else None
    if not isinstance(card, dict) or not isinstance(customer, str):
        return None
    return {
        "token": str(method["id"]) if isinstance(method, dict) else "",
        "customer": customer,
        "brand": str(card.get("brand") or "card")[:30],
        "last4": str(card.get("last4") or "")[:4],
        "expires": f"{card.get('exp_year', 0):04d}-{card.get('exp_month', 0):02d}",
    }


def refund_outcome(body: Mapping[str, Any]) -> Outcome:
    """How a refund stands, by the gateway's own object."""
    if body.get("object") != "refund" or not isinstance(body.get("id"), str):
        return Outcome(UNKNOWN)
    amount = body.get("amount")
    return Outcome(
        _REFUND_STATUS.get(str(body.get("status")), UNKNOWN),
        provider_id=body["id"],
        amount=amount if type(amount) is int else None,
        currency=str(body.get("currency", "")).upper(),
        code=str(body.get("failure_reason") or "")[:100],
        answered=True,
    )


def _fee(body: Mapping[str, Any]) -> int | None:
    """What the gateway kept, if the charge was sent along with its balance transaction."""
    charge = body.get("latest_charge")
    entry = charge.get("balance_transaction") if isinstance(charge, dict) else None
    fee = entry.get("fee") if isinstance(entry, dict) else None
    return fee if type(fee) is int and fee >= 0 else None


def _intent(answer: Answer) -> Outcome:
    if answer.status == 200:
        return intent_outcome(answer.body)
    if answer.status == 402:
        return _with_reason(DECLINED, answer)
    return _refused(answer) if _is_certain(answer) else _uncertain(answer)


def _refund(answer: Answer) -> Outcome:
    if answer.status == 200:
        return refund_outcome(answer.body)
    return _refused(answer) if _is_certain(answer) or answer.status == 402 else _uncertain(answer)


def _is_certain(answer: Answer) -> bool:
    """Refused before anything happened. A clash of keys says nothing about the first request."""
    error = _error(answer)
    if answer.status == 404:
        return error.get("param") == "payment_method"
    return answer.status == 400 and error.get("type") == "invalid_request_error"


def _refused(answer: Answer) -> Outcome:
    log.error("gateway: refused with %s %s", answer.status, _code(answer))
    return _with_reason(REJECTED, answer)


def _with_reason(status: str, answer: Answer) -> Outcome:
    code, message = _reason(_error(answer))
    return Outcome(status, code=code, message=message, answered=True)


def _uncertain(answer: Answer) -> Outcome:
    if answer.status:
        log.warning("gateway: answered %s %s", answer.status, _code(answer))
    return Outcome(UNKNOWN)


def _error(answer: Answer) -> Mapping[str, Any]:
    error = answer.body.get("error")
    return error if isinstance(error, dict) else {}


def _code(answer: Answer) -> str:
    return str(_error(answer).get("code") or "")


def _reason(error: Any) -> tuple[str, str]:
    found: Mapping[str, Any] = error if isinstance(error, dict) else {}
    code = found.get("decline_code") or found.get("code") or found.get("type") or "declined"
    return str(code)[:100], str(found.get("message") or "")[:500]


def _metadata(body: Mapping[str, Any], name: str) -> str:
    metadata = body.get("metadata")
    return str(metadata.get(name, "")) if isinstance(metadata, dict) else ""
