"""Payments, balances and ledger rows for tests, made through the facade."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import responses

from kernel import clock
from kernel.money import Money
from payments import facade
from payments.domain import signature
from payments.facade import IntentInfo, PayoutInfo, RefundInfo, RefundShare, Share
from platforms import facade as platforms
from tests.factories.platforms import make_merchant

GATEWAY = "http://gateway.test:9"
SECRET = "sk_test_" + "s" * 24
WEBHOOK_SECRET = "whsec_" + "w" * 32


def cny(amount: int) -> Money:
    """So many fen."""
    return Money(amount, "CNY")


def make_gateway(**changes: str) -> None:
    """The platform's gateway account; requests go to ``GATEWAY``, which only mocks answer."""
    facade.configure_gateway(
        **{"secret_key": SECRET, "webhook_secret": WEBHOOK_SECRET, "base_url": GATEWAY, **changes}
    )


def make_share(
    amount: int = 10_000, commission: int = 500, *, merchant_id: UUID | None = None,
    reference: str | None = None,
) -> Share:  # fmt: skip
    """A share of an intent, of a new order and (unless given) a new merchant's id."""
    return Share(
        merchant_id=merchant_id or uuid4(),
        reference=reference or f"ord_{uuid4().hex[:26]}",
        amount=cny(amount),
        commission=cny(commission),
    )


def make_intent(*shares: Share, **fields: Any) -> IntentInfo:
    """An intent over the shares (one of 100.00 with a commission of 5.00 if none are given)."""
    found = shares or (make_share(),)
    return facade.create_intent(
        **{
            "key": uuid4(),
            "reference": f"ogr_{uuid4().hex[:26]}",
            "amount": cny(sum(share.amount.amount for share in found)),
            "shares": found,
            "payment_method_types": ("card", "offline_test"),
            **fields,
        }
    )


def make_paid(*shares: Share, **fields: Any) -> IntentInfo:
    """An intent paid by the offline test method."""
    intent = make_intent(*shares, **fields)
    return facade.confirm_intent(intent_id=intent.id, payment_method="offline_test")


def make_available(*shares: Share) -> IntentInfo:
    """A paid intent whose shares have been released."""
    intent = make_paid(*shares)
    for share in intent.shares:
        facade.schedule_availability(reference=share.reference, available_at=clock.business())
    facade.release_due()
    return facade.intent(intent_id=intent.id)


def make_refund(intent: IntentInfo, *amounts: int, **fields: Any) -> RefundInfo:
    """Refund so much of each share in order (all of each if none are given)."""
    wanted = amounts or tuple((s.amount - s.refunded).amount for s in intent.shares)
    return facade.prepare_refund(
        **{
            "key": uuid4(),
            "intent_id": intent.id,
            "shares": [
                RefundShare(merchant_id=s.merchant_id, reference=s.reference, amount=cny(amount))
                for s, amount in zip(intent.shares, wanted, strict=True)
                if amount
            ],
            **fields,
        }
    )


def make_payee() -> UUID:
    """An approved merchant with a bank account, on a platform with a gateway."""
    make_gateway()
    merchant = make_merchant()
    platforms.update_merchant(
        merchant_id=merchant.id,
        payout_account=platforms.BankAccount(
            bank="Bank of Hangzhou", holder="Jiang", number="6222000011114321", last4=""
        ),
    )
    return merchant.id


def make_payout(merchant_id: UUID, amount: int | None = None, **fields: Any) -> PayoutInfo:
    """A payout, not yet sent."""
    return facade.create_payout(
        merchant_id=merchant_id,
        amount=None if amount is None else cny(amount),
        key=fields.pop("key", None) or uuid4(),
        **fields,
    )


@contextmanager
def wire() -> Iterator[responses.RequestsMock]:
    """A gateway and bank that answer what the test says and nothing else."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def intent_body(intent: IntentInfo, status: str, **changes: Any) -> dict[str, Any]:
    """The gateway's payment object for an intent."""
    return {
        "id": intent.gateway_id or f"pi_{intent.id.hex}",
        "object": "payment_intent",
        "status": status,
        "amount": intent.amount.amount,
        "amount_received": intent.amount.amount if status == "succeeded" else 0,
        "currency": intent.amount.currency.lower(),
        "last_payment_error": None,
        "next_action": None,
        "metadata": {"intent": str(intent.id)},
        **changes,
    }


def refund_body(refund: RefundInfo, status: str, **changes: Any) -> dict[str, Any]:
    """The gateway's refund object for a refund."""
    return {
        "id": f"re_{refund.id.hex}",
        "object": "refund",
        "status": status,
        "amount": refund.amount.amount,
        "currency": refund.amount.currency.lower(),
        "payment_intent": f"pi_{refund.intent_id.hex}",
        "failure_reason": None,
        "metadata": {"refund": str(refund.id)},
        **changes,
    }


def event(subject: dict[str, Any], type: str = "payment_intent.succeeded") -> bytes:
    """A gateway event about an object, as raw body."""
    return json.dumps(
        {"id": f"evt_{uuid4().hex}", "object": "event", "type": type, "data": {"object": subject}}
    ).encode()


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, age: int = 0) -> str:
    """The signature header for a body, made ``age`` seconds ago."""
    at = int(clock.system().timestamp()) - age
    return signature.sign(secret=secret, body=body, at=at)
