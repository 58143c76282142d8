"""What a gateway's word does to an intent: one function for the answer to our call, the webhook,
the reconciler and a retry, whichever comes first; the others then change nothing."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kernel import clock, outbox
from kernel.ids import public_id
from kernel.money import Money
from payments import events, ledger, locks
from payments.contracts import (
    AUTHORIZED,
    BY_ATTEMPT,
    CANCELED,
    DECLINED,
    FAILED,
    PROCESSING,
    REJECTED,
    REQUIRES_ACTION,
    SUCCEEDED,
    UNKNOWN,
    WALLET,
    AttemptState,
    CaptureMethod,
    IntentState,
    Outcome,
)
from payments.domain import postings
from payments.domain.chart import Code
from payments.models import ATTEMPTS, INTENTS, SHARES, Attempt, IntentShare, PaymentIntent
from payments.services import escrows, late, saved_methods
from payments.services.books import book_of
from payments.services.checks import next_check
from platforms import facade as platforms

log = logging.getLogger("quancheng.payments")
FINAL = frozenset({IntentState.SUCCEEDED, IntentState.CANCELED})
LAPSE = timedelta(days=7)  # when a gateway doesn't say until when an authorisation holds
OWN = "own record"
_CAPTURED = (
    "state", "gateway", "gateway_id", "captured_at", "redirect_url", "qr", "failure_code",
    "failure_message", "checks", "gateway_fee", "next_check_at",
)  # fmt: skip


def settle(
    intent: PaymentIntent,
    outcome: Outcome,
    attempts: Sequence[Attempt] | None = None,
    shares: list[IntentShare] | None = None,
) -> list[IntentShare] | None:
    """Apply ``outcome`` to the locked intent, in the caller's transaction. ``attempts`` and locked
    ``shares``, if they were read already. The shares, if they were read for it."""
    attempts = locks.attempts_of(intent.id) if attempts is None else attempts
    attempt = _whose(attempts, outcome)
    gateway = outcome.gateway or (attempt.gateway if attempt else "") or intent.gateway
    number = outcome.provider_id
    if intent.state in FINAL:
        _after_the_end(intent, attempt, gateway, outcome)
        return None
    if outcome.status == SUCCEEDED:
        intent.gateway = gateway
        intent.gateway_id = number or intent.gateway_id
        return _capture(intent, outcome, attempt, shares)
    if attempt is not None and attempt.state == AttemptState.LEFT:
        _close(attempt, outcome)
        return None
    if _is_over(intent, attempt, gateway, number):
        return None
    if number and not intent.gateway_id:
        intent.gateway_id = number
    if outcome.status == CANCELED and (gateway not in BY_ATTEMPT or intent.cancel_requested):
        _cancel(intent)
        return None
    if attempt is None or attempt.state != AttemptState.IN_FLIGHT:
        return None  # the word on an attempt that is already over
    _go_on(intent, attempt, outcome)
    return None


def _after_the_end(
    intent: PaymentIntent, attempt: Attempt | None, gateway: str, outcome: Outcome
) -> None:
    """The payment is over. A charge beside the one that paid it is given back."""
    if outcome.status != SUCCEEDED or outcome.attempt == OWN:
        _close(attempt, outcome)
    elif intent.state == IntentState.CANCELED or _is_other(intent, gateway, outcome.provider_id):
        late.take(intent, outcome, gateway)
        _end(attempt, AttemptState.CANCELED)
    elif intent.gateway_fee is None:
        _book_fee(intent, outcome)


def _go_on(intent: PaymentIntent, attempt: Attempt, outcome: Outcome) -> None:
    """What isn't final yet, or a refusal, for the attempt in flight."""
    if outcome.provider_id and not attempt.provider_id:
        attempt.provider_id = outcome.provider_id
        attempt.save(update_fields=["provider_id"])
    if outcome.answered and attempt.answered_at is None:
        attempt.answered_at = clock.system()
        attempt.save(update_fields=["answered_at"])
    if outcome.status == AUTHORIZED and intent.capture_method == CaptureMethod.MANUAL:
        authorize(intent, outcome)
    elif outcome.status in (PROCESSING, REQUIRES_ACTION, UNKNOWN, AUTHORIZED):
        _wait(intent, outcome)
    elif intent.state != IntentState.REQUIRES_CAPTURE:
        _decline(intent, attempt, outcome)


def _whose(attempts: Sequence[Attempt], outcome: Outcome) -> Attempt | None:
    """The attempt that the word is about: the one named, else by the gateway's number, else the
    one in flight."""
    if outcome.attempt:
        return next((one for one in attempts if str(one.id) == outcome.attempt), None)
    if outcome.gateway and outcome.provider_id:
        named = (outcome.gateway, outcome.provider_id)
        for one in reversed(attempts):
            if (one.gateway, one.provider_id) == named:
                return one
    return in_flight(attempts)


def in_flight(attempts: Sequence[Attempt]) -> Attempt | None:
    """Of an intent's attempts the one that is at work; there is one at most."""
    return next((one for one in attempts if one.state == AttemptState.IN_FLIGHT), None)


def _is_other(intent: PaymentIntent, gateway: str, number: str) -> bool:
    """Whether a charge is another than the one that paid the intent."""
    return bool(number) and (gateway, number) != (intent.gateway, intent.gateway_id)


def _is_over(intent: PaymentIntent, attempt: Attempt | None, gateway: str, number: str) -> bool:
    """Whether the word is about an attempt that ended while the payment went another way: that its
    payment is closed there says nothing about the one in hand."""
    return (
        attempt is not None
        and attempt.state in (AttemptState.FAILED, AttemptState.CANCELED)
        and _is_other(intent, gateway, number)
    )


def _close(attempt: Attempt | None, outcome: Outcome) -> None:
    """An attempt that was left for another way: over, or to be looked at again."""
    if attempt is None or attempt.state != AttemptState.LEFT:
        return
    if outcome.status == CANCELED:
        _end(attempt, AttemptState.CANCELED)
    elif outcome.status in (DECLINED, REJECTED, FAILED):
        _end(attempt, AttemptState.FAILED)
    else:
        attempt.checks += 1
        attempt.next_check_at = next_check(attempt.checks)
        attempt.save(update_fields=["checks", "next_check_at"])


def _end(attempt: Attempt | None, state: AttemptState) -> None:
    if attempt is None or attempt.state not in (AttemptState.IN_FLIGHT, AttemptState.LEFT):
        return
    attempt.state, attempt.ended_at, attempt.next_check_at = state, clock.system(), None
    attempt.save(update_fields=["state", "ended_at", "next_check_at"])


def authorize(intent: PaymentIntent, outcome: Outcome) -> None:
    """The money is held on the card: it waits for a capture, until it lapses."""
    if intent.state == IntentState.REQUIRES_CAPTURE:
        return
    until = outcome.authorized_until
    before = datetime.fromtimestamp(until, UTC) if until else clock.system() + LAPSE
    intent.move(IntentState.REQUIRES_CAPTURE, action="payments.intent.authorized")
    intent.amount_authorized, intent.capture_before = intent.amount, before
    intent.redirect_url = intent.failure_code = intent.failure_message = ""
    intent.checks, intent.next_check_at = 0, before + timedelta(minutes=1)
    intent.save()
    outbox.append(
        events.IntentAuthorized(
            intent_id=intent.id,
            reference=intent.reference,
            amount=Money(intent.amount, intent.currency),
            capture_before=before,
        ),
        aggregate=intent,
        merchant_id=intent.merchant_id,
    )


def _capture(
    intent: PaymentIntent,
    outcome: Outcome,
    paid: Attempt | None,
    shares: list[IntentShare] | None,
) -> list[IntentShare] | None:
    if (outcome.amount, outcome.currency) != (intent.amount, intent.currency):
        log.error(
            "payments: %s is over %s %s, the gateway says %s %s", intent.id, intent.amount,
            intent.currency, outcome.amount, outcome.currency,
        )  # fmt: skip
        intent.next_check_at = next_check(99)
        intent.save(update_fields=["next_check_at"])
        return None
    shares = locks.shares(intent.id) if shares is None else shares
    book = book_of(intent)
    if intent.gateway == WALLET and not _covered(book, intent, shares):
        flying = paid is not None and paid.state == AttemptState.IN_FLIGHT
        attempt = paid if flying else Attempt.objects.get(intent=intent, state="in_flight")
        assert attempt is not None
        _decline(intent, attempt, Outcome(DECLINED, code="insufficient_funds"))
        return None
    _post(book, intent, shares, outcome)
    now = clock.business()
    changes: dict[str, Any] = {"captured": True}
    if book.topup:  # it is the payer's own at once
        changes["available_at"] = changes["released_at"] = now
    elif not intent.hold:
        days = int(platforms.setting("payments", "release_days"))
        changes["available_at"] = now + timedelta(days=days)
    for share in shares:
        vars(share).update(changes)
    SHARES.update_all(shares, *changes)
    _end_attempts(intent, paid)
    if paid is not None and outcome.saved and paid.save_card:
        saved_methods.keep(intent, outcome.saved)
    intent.move(IntentState.SUCCEEDED, action="payments.intent.captured")
    intent.captured_at = now
    intent.redirect_url = intent.qr = intent.failure_code = intent.failure_message = ""
    intent.checks = 0
    intent.gateway_fee = outcome.fee
    # Alipay, WeChat Pay and banks tell their fees in the day's bill only.
    asked = outcome.fee is None and intent.gateway not in BY_ATTEMPT
    intent.next_check_at = next_check(0) if asked else None
    INTENTS.update(intent, *_CAPTURED)
    _tell(book, intent, [] if book.topup else shares)
    escrows.opened(intent, shares)
    return shares


def _post(
    book: postings.Book, intent: PaymentIntent, shares: list[IntentShare], outcome: Outcome
) -> None:
    transfers = postings.capture(
        book,
        intent_id=intent.id,
        gateway=intent.gateway,
        shares=[
            postings.SharePosting(
                s.place, s.merchant_id, s.reference, s.amount, s.commission, s.subsidy
            )
            for s in shares
        ],
    )
    if intent.gateway == WALLET:
        transfers = [_from_wallet(book, intent), *transfers]
    ledger.post_all([*transfers, *_fee(book, intent, outcome)])


def _tell(book: postings.Book, intent: PaymentIntent, shares: list[IntentShare]) -> None:
    """``shares`` are merchants'; a top-up has none."""
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
                    book.money(s.subsidy),
                )
                for s in shares
            ],
        ),
        aggregate=intent,
        merchant_id=_only({s.merchant_id for s in shares}),
    )


def _covered(book: postings.Book, intent: PaymentIntent, shares: list[IntentShare]) -> bool:
    """Whether the payer's wallet holds the amount; it is locked until it is booked. Asked first,
    because a transfer that the ledger refuses stays refused, and the payer may top up."""
    wallet = book.of(Code.WALLET, intent.payer_id)
    pending = [book.of(Code.MERCHANT_PENDING, share.merchant_id) for share in shares]
    ours = [book.of(code) for code in (Code.COMMISSION, Code.SUBSIDY)]
    ledger.lock_accounts([wallet, book.clearing(WALLET), *ours, *pending])
    return ledger.account_balances([wallet])[wallet.id] >= intent.amount


def _from_wallet(book: postings.Book, intent: PaymentIntent) -> ledger.Transfer:
    assert intent.payer_id is not None  # checked when the method was chosen
    return postings.wallet(
        book,
        id=intent.id,
        owner_id=intent.payer_id,
        amount=intent.amount,
        step="wallet_payment",
        reference=intent.reference,
        document=public_id("pay", intent.id),
    )


def _fee(book: postings.Book, intent: PaymentIntent, outcome: Outcome) -> list[ledger.Transfer]:
    if not outcome.fee:
        return []
    return [
        postings.gateway_fee(book, intent_id=intent.id, gateway=intent.gateway, fee=outcome.fee)
    ]


def _book_fee(intent: PaymentIntent, outcome: Outcome) -> None:
    """The event told of the capture before the gateway's fee was known: now it may be."""
    if outcome.fee is not None:
        ledger.post_all(_fee(book_of(intent), intent, outcome))
        intent.gateway_fee = outcome.fee
        intent.next_check_at = None
        INTENTS.update(intent, "gateway_fee", "next_check_at")


def _cancel(intent: PaymentIntent) -> None:
    now = clock.system()
    Attempt.objects.filter(intent=intent, state=AttemptState.IN_FLIGHT).update(
        state=AttemptState.CANCELED, answered_at=now, ended_at=now
    )
    intent.move(IntentState.CANCELED, action="payments.intent.canceled")
    intent.redirect_url = intent.qr = ""
    intent.next_check_at = None
    intent.save()
    escrows.canceled(intent)
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
    if state != intent.state and intent.state != IntentState.REQUIRES_CAPTURE:
        intent.move(state, action=f"payments.intent.{state}")
    intent.redirect_url = outcome.redirect_url or intent.redirect_url
    intent.qr = outcome.qr or intent.qr
    intent.next_check_at = next_check(intent.checks)  # whoever looks because it is time counts
    intent.save()


def _decline(intent: PaymentIntent, attempt: Attempt, outcome: Outcome) -> None:
    code = outcome.code or "not_confirmed"
    attempt.state = AttemptState.FAILED
    attempt.failure_code, attempt.failure_message = code, outcome.message
    attempt.ended_at, attempt.next_check_at = clock.system(), None
    attempt.save()
    intent.move(IntentState.REQUIRES_PAYMENT_METHOD, action="payments.intent.declined", reason=code)
    intent.failure_code, intent.failure_message = code, outcome.message
    intent.redirect_url = intent.qr = ""
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


def _end_attempts(intent: PaymentIntent, paid: Attempt | None) -> None:
    """The one that paid has succeeded; any other in flight is left, to be closed."""
    now = clock.system()
    if paid is None or paid.state != AttemptState.IN_FLIGHT:  # else it is the only one
        flying = Attempt.objects.filter(intent=intent, state=AttemptState.IN_FLIGHT)
        if paid is None:
            flying.update(state=AttemptState.SUCCEEDED, answered_at=now, ended_at=now)
            return
        flying.update(state=AttemptState.LEFT, next_check_at=now)
    paid.state, paid.answered_at, paid.ended_at = AttemptState.SUCCEEDED, now, now
    paid.next_check_at = None
    ATTEMPTS.update(paid, "state", "answered_at", "ended_at", "next_check_at")


def _only(merchants: set[UUID]) -> UUID | None:
    """The one merchant concerned; with several, nobody may see the others' amounts."""
    return next(iter(merchants)) if len(merchants) == 1 else None
