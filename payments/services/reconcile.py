"""Finish what a crash or a silent gateway left open between call and record: ask, never guess."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kernel import clock
from kernel.errors import DomainError
from kernel.transactions import atomic
from payments import selectors
from payments.contracts import AttemptState, IntentState
from payments.gateways import breaker
from payments.models import (
    Attempt,
    BankCredit,
    Fapiao,
    GatewayEvent,
    LateCharge,
    PaymentIntent,
    Payout,
    Refund,
)
from payments.services import (
    bank_credits,
    cancel_intent,
    capture_intent,
    confirm_intent,
    late,
    payout,
    refund,
)
from payments.services.checks import next_check
from payments.services.invoices import fapiao

log = logging.getLogger("quancheng.payments")
BATCH = 50
EVENTS_KEPT = timedelta(days=45)


def reconcile() -> dict[str, int]:
    """Look again at every intent, refund and payout whose time has come; how many of each."""
    return {
        "intents": _each(PaymentIntent, refresh_intent),
        "refunds": _each(Refund, refresh_refund),
        "payouts": _each(Payout, refresh_payout),
        "left": _each(Attempt, close_left),
        "returns": _each(BankCredit, send_return),
        "fapiaos": _each(Fapiao, fapiao.refresh_fapiao),
        "late": _each(LateCharge, late.give_back),
    }


def refresh_intent(intent_id: UUID) -> None:
    """Go on with an intent in flight: cancel it if that was asked for, else see how it stands."""
    row = selectors.intent_row(intent_id)
    if row.state == IntentState.REQUIRES_CAPTURE and row.capture_requested:
        outcome = capture_intent.perform_capture(intent_id=intent_id)
        capture_intent.record_capture(intent_id=intent_id, outcome=outcome)
    elif row.cancel_requested:
        cancel_intent.cancel_intent(intent_id=intent_id)
    else:
        confirm_intent.refresh_intent(intent_id=intent_id)


def close_left(attempt_id: UUID) -> None:
    """Close an attempt that was left for another way to pay."""
    confirm_intent.close_left(attempt_id=attempt_id)


def send_return(credit_id: UUID) -> None:
    """Carry the return of a transfer to the bank, or see how it stands."""
    bank_credits.send_return(credit_id=credit_id)


def refresh_refund(refund_id: UUID) -> None:
    """See how a refund in flight stands."""
    outcome = refund.perform_refund_query(refund_id=refund_id)
    refund.record_refund(refund_id=refund_id, outcome=outcome)


def refresh_payout(payout_id: UUID) -> None:
    """See how a payout in flight stands, or send it."""
    payout.send_payout(payout_id=payout_id)


def forget_events() -> int:
    """Delete the marks of gateway events that no gateway repeats any more; how many."""
    old = clock.system() - EVENTS_KEPT
    deleted, _by_model = GatewayEvent.objects.filter(received_at__lt=old).delete()
    return deleted


def _each(model: Any, refresh: Callable[[UUID], object]) -> int:
    ids = _claim(model)
    for row_id in ids:
        try:
            refresh(row_id)
        except DomainError as error:
            log.warning("payments: %s %s waits: %s", model.__name__, row_id, error.code)
        except Exception:
            log.exception("payments: %s %s can't be refreshed", model.__name__, row_id)
    return len(ids)


def _nobody_to_ask() -> QuerySet[Attempt, UUID]:
    """Intents whose provider is away: they stay due, so that they are asked about as soon as it is
    back, instead of after a pause that grew while nobody could be asked."""
    flying = Attempt.objects.filter(state=AttemptState.IN_FLIGHT, gateway__in=breaker.away())
    return flying.values_list("intent_id", flat=True)


def _claim(model: Any) -> list[UUID]:
    """Due rows, put off to their next time at once: another worker won't ask the same, and a
    row that makes trouble doesn't hold up the others."""
    with atomic():
        due = model.objects.select_for_update(skip_locked=True).filter(
            next_check_at__lte=clock.system()
        )
        if model is PaymentIntent:
            due = due.exclude(id__in=_nobody_to_ask())
        rows = list(due.order_by("next_check_at", "id")[:BATCH])
        for row in rows:
            model.objects.filter(id=row.id).update(
                checks=row.checks + 1, next_check_at=next_check(row.checks + 1)
            )
    return [row.id for row in rows]
