"""What a gateway's word does to an intent: one function for the answer to our call, the webhook,
the reconciler and a retry, whichever comes first; the others then change nothing."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from kernel import clock, outbox, tenancy
from kernel.money import Money
from payments import events, ledger, locks
from payments.contracts import (
    CANCELED,
    PROCESSING,
    REQUIRES_ACTION,
    SUCCEEDED,
    UNKNOWN,
    AttemptState,
    IntentState,
    Outcome,
)
from payments.domain import postings
from payments.models import Attempt, IntentShare, PaymentIntent
from payments.services.checks import next_check
from platforms import facade as platforms

log = logging.getLogger("quancheng.payments")
FINAL = frozenset({IntentState.SUCCEEDED, IntentState.CANCELED})


def settle(intent: PaymentIntent, outcome: Outcome) -> list[IntentShare] | None:
    """Apply ``outcome`` to the locked intent, in the caller's transaction. The shares, if they
    were read for it."""
    if intent.state in FINAL:
        if outcome.status == SUCCEEDED and intent.state == IntentState.CANCELED:
            log.error("payments: %s was captured though canceled here", intent.id)
        elif outcome.status == SUCCEEDED and intent.gateway_fee is None:
            _book_fee(intent, outcome)
        return None
    if outcome.provider_id and not intent.gateway_id:
        intent.gateway_id = outcome.provider_id
    if outcome.status == SUCCEEDED:
        return _capture(intent, outcome)
    if outcome.status == CANCELED:
        _cancel(intent)
        return None
    attempt = Attempt.objects.filter(intent=intent, state=AttemptState.IN_FLIGHT).first()
    if attempt is None or (outcome.attempt and outcome.attempt != str(attempt.id)):
        return None  # the word on an attempt that is already over
    if outcome.answered and attempt.answered_at is None:
        attempt.answered_at = clock.system()
        attempt.save(update_fields=["answered_at"])
    if outcome.status in (PROCESSING, REQUIRES_ACTION, UNKNOWN):
        _wait(intent, outcome)
    else:
        _decline(intent, attempt, outcome)
    return None


def _capture(intent: PaymentIntent, outcome: Outcome) -> list[IntentShare] | None:
    if (outcome.amount, outcome.currency) != (intent.amount, intent.currency):
        log.error(
            "payments: %s is over %s %s, the gateway says %s %s", intent.id, intent.amount,
            intent.currency, outcome.amount, outcome.currency,
        )  # fmt: skip
        intent.next_check_at = next_check(99)
        intent.save(update_fields=["next_check_at"])
        return None
    shares = locks.shares(intent.id)
    book = postings.Book(tenancy.current_id(), intent.currency)
    transfers = postings.capture(
        book,
        intent_id=intent.id,
        gateway=intent.gateway,
        shares=[
            postings.SharePosting(s.place, s.merchant_id, s.reference, s.amount, s.commission)
            for s in shares
        ],
    )
    ledger.post_all([*transfers, *_fee(book, intent, outcome)])
    now = clock.business()
    changes: dict[str, Any] = {"captured": True}
    if not intent.hold:
        days = int(platforms.setting("payments", "release_days"))
        changes["available_at"] = now + timedelta(days=days)
    IntentShare.objects.filter(intent=intent).update(**changes)
    for share in shares:
        vars(share).update(changes)
    _end_attempt(intent, AttemptState.SUCCEEDED)
    intent.move(IntentState.SUCCEEDED, action="payments.intent.captured")
    intent.captured_at = now
    intent.redirect_url = intent.failure_code = intent.failure_message = ""
    intent.checks = 0
    intent.gateway_fee = outcome.fee
    intent.next_check_at = next_check(0) if outcome.fee is None else None
    intent.save()
    outbox.append(
        events.IntentCaptured(
            intent_id=intent.id,
            reference=intent.reference,
            amount=Money(intent.amount, intent.currency),
            gateway=intent.gateway,
            shares=[
                events.SharePart(
                    s.merchant_id,
                    s.reference,
                    book.money(s.amount),
                    book.money(s.commission),
                )
                for s in shares
            ],
        ),
        aggregate=intent,
        merchant_id=_only({s.merchant_id for s in shares}),
    )
    return shares


def _fee(book: postings.Book, intent: PaymentIntent, outcome: Outcome) -> list[ledger.Transfer]:
    if not outcome.fee:
        return []
    return [
        postings.gateway_fee(book, intent_id=intent.id, gateway=intent.gateway, fee=outcome.fee)
    ]


def _book_fee(intent: PaymentIntent, outcome: Outcome) -> None:
    """The event told of the capture before the gateway's fee was known: now it may be."""
    if outcome.fee is not None:
        ledger.post_all(_fee(postings.Book(tenancy.current_id(), intent.currency), intent, outcome))
        intent.gateway_fee = outcome.fee
        intent.next_check_at = None
        intent.save(update_fields=["gateway_fee", "next_check_at"])


def _cancel(intent: PaymentIntent) -> None:
    _end_attempt(intent, AttemptState.CANCELED)
    intent.move(IntentState.CANCELED, action="payments.intent.canceled")
    intent.redirect_url = ""
    intent.next_check_at = None
    intent.save()
    outbox.append(
        events.IntentCanceled(
            intent_id=intent.id,
            reference=intent.reference,
            amount=Money(intent.amount, intent.currency),
        ),
        aggregate=intent,
        merchant_id=intent.merchant_id,
    )


def _wait(intent: PaymentIntent, outcome: Outcome) -> None:
    wanted = {PROCESSING: IntentState.PROCESSING, REQUIRES_ACTION: IntentState.REQUIRES_ACTION}
    state = wanted.get(outcome.status, IntentState(intent.state))
    if state != intent.state:
        intent.move(state, action=f"payments.intent.{state}")
    if outcome.redirect_url:
        intent.redirect_url = outcome.redirect_url
    intent.checks += 1
    intent.next_check_at = next_check(intent.checks)
    intent.save()


def _decline(intent: PaymentIntent, attempt: Attempt, outcome: Outcome) -> None:
    code = outcome.code or "not_confirmed"
    attempt.state = AttemptState.FAILED
    attempt.failure_code, attempt.failure_message = code, outcome.message
    attempt.ended_at = clock.system()
    attempt.save()
    intent.move(IntentState.REQUIRES_PAYMENT_METHOD, action="payments.intent.declined", reason=code)
    intent.failure_code, intent.failure_message = code, outcome.message
    intent.redirect_url = ""
    intent.next_check_at = next_check(intent.checks) if intent.cancel_requested else None
    intent.save()
    outbox.append(
        events.IntentFailed(
            intent_id=intent.id,
            reference=intent.reference,
            amount=Money(intent.amount, intent.currency),
            failure_code=code,
        ),
        aggregate=intent,
        merchant_id=intent.merchant_id,
    )


def _end_attempt(intent: PaymentIntent, state: AttemptState) -> None:
    now = clock.system()
    Attempt.objects.filter(intent=intent, state=AttemptState.IN_FLIGHT).update(
        state=state, answered_at=now, ended_at=now
    )


def _only(merchants: set[UUID]) -> UUID | None:
    """The one merchant concerned; with several, nobody may see the others' amounts."""
    return next(iter(merchants)) if len(merchants) == 1 else None
