"""Payments, balances and ledger rows for tests, made through the facade."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from kernel import clock, personal
from kernel.money import Money
from payments import facade, ledger
from payments.domain import signature
from payments.facade import IntentInfo, PayoutInfo, RefundInfo, RefundShare, Share
from payments.gateways import breaker
from payments.models import BankCredit, LateCharge, SavedMethod
from payments.services import bank_credits
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
    reference: str | None = None, subsidy: int = 0,
) -> Share:  # fmt: skip
    """A share of an intent, of a new order and (unless given) a new merchant's id."""
    return Share(
        merchant_id=merchant_id or uuid4(),
        reference=reference or f"ord_{uuid4().hex[:26]}",
        amount=cny(amount),
        commission=cny(commission),
        subsidy=cny(subsidy),
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


@cache
def rsa_keys(number: int = 0) -> tuple[str, str]:
    """A private and its public key as PEM; the same for the same number."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def make_bank_transfers(base_url: str = "http://bank.test:9", key: str = SECRET) -> None:
    """The platform takes bank transfers."""
    facade.configure_provider(
        name="bank_transfer",
        config={"base_url": base_url, "bank": "吉林银行", "holder": "全程市场"},
        secrets={"secret_key": key, "callback_secret": "whsec_" + "c2VjcmV0" * 4},
    )


def make_ways_to_pay(*, person_id: UUID) -> dict[str, UUID]:
    """A row of each table about ways to pay: a provider and its health, a late charge, a transfer
    that came in, a saved card."""
    make_bank_transfers()
    breaker.failed("alipay", "ConnectTimeout")
    intent = make_intent()
    LateCharge.objects.create(
        intent_id=intent.id, gateway="alipay", provider_id=uuid4().hex, amount=100, currency="CNY"
    )
    credit_id = uuid4()
    credit = BankCredit.objects.create(
        id=credit_id,
        bank_id=uuid4().hex,
        account="6228480000000001",
        amount=1_000,
        currency="CNY",
        reason="unknown_account",
        payer_sealed=personal.seal(credit_id, "{}"),
        received_at=clock.system(),
    )
    ledger.post_all([bank_credits._arrived(credit)])
    card = SavedMethod.objects.create(
        person_id=person_id,
        gateway="card",
        token=f"pm_{uuid4().hex}",
        customer=f"cus_{uuid4().hex}",
        brand="visa",
        last4="4242",
        expires="2031-04",
        consent_version="2026-11",
        consent_language="en",
        consented_at=clock.system(),
    )
    return {"bcr": credit.id, "spm": card.id}
