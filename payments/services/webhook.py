"""Take in the gateway's events: signed, each once, in any order."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from kernel import clock, jobs
from kernel.transactions import atomic
from payments import locks
from payments.contracts import CANCELED, CARD, FAILED, SUCCEEDED, IntentState
from payments.domain import signature
from payments.errors import WebhookRefused
from payments.gateways.stripe_protocol import (
    EVENTS,
    OLDER_EVENTS,
    intent_outcome,
    refund_outcome,
)
from payments.models import ATTEMPTS, GATEWAY_EVENTS, Attempt, GatewayEvent, PaymentIntent, Refund
from payments.services import gateway_account, settle_intent, settle_refund
from payments.services.checks import call_is_out

log = logging.getLogger("quancheng.payments")
LARGEST = 1_000_000  # bytes


def take_in(*, body: bytes, header: str) -> bool:
    """Handle one delivery of the platform's gateway; False if it was known or not ours.

    Final news (succeeded, failed, canceled) is recorded from the event itself. Anything else may
    be old by now, so it only makes us ask how the object stands. Raises WebhookRefused.
    """
    now = int(clock.system().timestamp())
    secrets = gateway_account.webhook_secrets()
    if len(body) > LARGEST or not signature.is_valid(
        header=header, body=body, secrets=secrets, now=now
    ):
        raise WebhookRefused
    event = _parsed(body)
    subject = event["data"]["object"]
    if event["type"] not in (*EVENTS, *OLDER_EVENTS):
        return False
    row = GatewayEvent(
        event_id=event["id"][:255],
        type=event["type"],
        object_id=str(subject.get("id", ""))[:255],
        received_at=clock.system(),
    )
    with atomic():
        if not GATEWAY_EVENTS.insert([row], skip=True):
            return False
        if subject.get("object") == "payment_intent":
            return _payment(subject)
        if subject.get("object") == "refund":
            return _refund(subject)
        if subject.get("object") == "dispute":
            return _dispute(subject)
        return False


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(body)
        named = isinstance(event["id"], str) and isinstance(event["type"], str)
        if named and isinstance(event["data"]["object"], dict):
            found: dict[str, Any] = event
            return found
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise WebhookRefused(_("This isn't an event."))


def _payment(subject: Mapping[str, Any]) -> bool:
    outcome = replace(intent_outcome(subject), gateway=CARD)
    attempt, intent_id = _whose(outcome.provider_id)
    if intent_id is None:
        return False  # somebody else's payment at the same gateway account
    # The answer to a call of ours that is out also tells the gateway's fee, which events don't.
    ask = not call_is_out(attempt)
    if attempt is not None:
        outcome = replace(outcome, attempt=str(attempt.id))
    if outcome.status in (SUCCEEDED, CANCELED):
        intent, attempts = locks.intent_with_attempts(intent_id)
        settle_intent.settle(intent, outcome, attempts)
        ask = ask and intent.state == IntentState.SUCCEEDED and intent.gateway_fee is None
    if ask:
        jobs.enqueue(
            "payments.refresh_intent", {"intent_id": str(intent_id)}, unique=str(intent_id)
        )
    return True


def _whose(provider_id: str) -> tuple[Attempt | None, UUID | None]:
    """The last attempt that the gateway knows by this id, perhaps one that was left for another
    way to pay, and its intent."""
    if not provider_id:
        return None, None
    named = "gateway = %s AND provider_id = %s ORDER BY id DESC LIMIT 1"
    attempt = ATTEMPTS.one(named, [CARD, provider_id])
    if attempt is not None:
        return attempt, attempt.intent_id
    # made before attempts knew their gateway
    rows = PaymentIntent.objects.filter(gateway=CARD, gateway_id=provider_id)
    return None, rows.values_list("id", flat=True).first()


def _refund(subject: Mapping[str, Any]) -> bool:
    outcome = refund_outcome(subject)
    refund_id = _refund_id(subject, outcome.provider_id)
    if refund_id is None:
        return False
    if outcome.status in (SUCCEEDED, FAILED):
        settle_refund.settle(*locks.refund(refund_id), outcome)
    else:
        jobs.enqueue(
            "payments.refresh_refund", {"refund_id": str(refund_id)}, unique=str(refund_id)
        )
    return True


def _dispute(subject: Mapping[str, Any]) -> bool:
    """News of a chargeback may be old by now: ask how it stands."""
    payment, dispute = str(subject.get("payment_intent") or ""), str(subject.get("id") or "")
    if not PaymentIntent.objects.filter(gateway=CARD, gateway_id=payment).exists() or not dispute:
        return False
    jobs.enqueue("payments.refresh_dispute", {"gateway_id": dispute})
    return True


def _refund_id(subject: Mapping[str, Any], provider_id: str) -> UUID | None:
    """Ours by the gateway's id, or, if the event overtook the answer, by the id we gave along."""
    if not provider_id:
        return None
    known = Refund.objects.filter(gateway_id=provider_id).values_list("id", flat=True).first()
    if known is not None:
        return known
    metadata = subject.get("metadata")
    try:
        ours = UUID(str(metadata["refund"]))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None
    rows = Refund.objects.filter(
        id=ours, gateway=CARD, gateway_id__isnull=True,
        intent__gateway_id=str(subject.get("payment_intent")),
    )  # fmt: skip
    return rows.values_list("id", flat=True).first()
