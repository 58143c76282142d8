"""Take in what Alipay, WeChat Pay and the bank report: signed, each once, in any order.

Final news is recorded from the notification itself; anything else may be old by now and only makes
us ask how the payment stands.
"""

import base64
import binascii
import hmac
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from kernel import clock, jobs
from kernel.transactions import atomic
from payments import locks
from payments.contracts import ALIPAY, BANK_TRANSFER, FAILED, SUCCEEDED, WECHAT, Outcome
from payments.errors import WebhookRefused
from payments.gateways import wechat as wechat_protocol
from payments.models import Attempt, GatewayEvent, Refund
from payments.services import provider_account, settle_intent, settle_refund

log = logging.getLogger("quancheng.payments")
LARGEST = 200_000  # bytes
TOLERANCE = 300  # seconds


def take_alipay(*, form: Mapping[str, str]) -> bool:
    """Handle one notification of Alipay; False if it was known or isn't about a payment of ours.
    Raises WebhookRefused, GatewayNotConfigured."""
    outcome = provider_account.alipay().notified(form)
    if outcome is None:
        raise WebhookRefused
    with atomic():
        if not _first(ALIPAY, form.get("notify_id", ""), "trade", outcome.provider_id):
            return False
        return _payment(ALIPAY, outcome)


def take_wechat(*, headers: Mapping[str, str], body: bytes) -> bool:
    """Handle one notification of WeChat Pay; False if it was known or isn't about a payment of
    ours. Raises WebhookRefused, GatewayNotConfigured."""
    if len(body) > LARGEST:
        raise WebhookRefused
    found = provider_account.wechat().notified(headers, body)
    if found is None:
        raise WebhookRefused
    with atomic():
        if not _first(WECHAT, found["id"], found["event_type"], str(found.get("out_trade_no"))):
            return False
        if found["event_type"].startswith("REFUND."):
            return _refund(found)
        return _payment(WECHAT, wechat_protocol.trade_outcome(found))


def take_bank(*, headers: Mapping[str, str], body: bytes) -> bool:
    """The bank says that something came in: have it asked what. Raises WebhookRefused."""
    ident, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(int(stamp) - int(clock.system().timestamp())) > TOLERANCE:
        raise WebhookRefused
    secret = provider_account.callback_secret(BANK_TRANSFER)
    message = f"{ident}.{stamp}.".encode() + body
    if not _is_signed(secret, message, headers.get("webhook-signature", "")):
        raise WebhookRefused
    with atomic():
        jobs.enqueue("payments.poll_bank_credits", {}, unique="bank")
    return True


def _is_signed(secret: str, message: bytes, header: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    wanted = b"v1," + base64.b64encode(hmac.digest(key, message, "sha256"))
    return any(hmac.compare_digest(one.encode(), wanted) for one in header.split(" "))


def _first(provider: str, ident: str, kind: str, subject: str) -> bool:
    """Whether this notification is new."""
    row = GatewayEvent(
        event_id=f"{provider}:{ident}"[:255],
        type=kind[:100],
        object_id=subject[:255],
        received_at=clock.system(),
    )
    GatewayEvent.objects.bulk_create([row], ignore_conflicts=True)
    return GatewayEvent.objects.filter(id=row.id).exists()


def _payment(provider: str, outcome: Outcome) -> bool:
    rows = Attempt.objects.filter(gateway=provider, provider_id=outcome.provider_id)
    found = rows.order_by("-id").values_list("intent_id", "id").first()
    if found is None:
        return False  # somebody else's payment at the same account
    intent_id, attempt_id = found
    if outcome.status == SUCCEEDED:
        intent, attempts = locks.intent_with_attempts(intent_id)
        outcome = replace(outcome, attempt=str(attempt_id), gateway=provider)
        settle_intent.settle(intent, outcome, attempts)
    else:
        jobs.enqueue(
            "payments.refresh_intent", {"intent_id": str(intent_id)}, unique=str(intent_id)
        )
    return True


def _refund(found: Mapping[str, Any]) -> bool:
    try:
        refund_id = UUID(str(found.get("out_refund_no")))
    except ValueError:
        return False
    if not Refund.objects.filter(id=refund_id, gateway=WECHAT).exists():
        return False
    outcome = wechat_protocol.refund_outcome(found)
    if outcome.status in (SUCCEEDED, FAILED):
        settle_refund.settle(*locks.refund(refund_id), outcome)
    else:
        jobs.enqueue(
            "payments.refresh_refund", {"refund_id": str(refund_id)}, unique=str(refund_id)
        )
    return True
