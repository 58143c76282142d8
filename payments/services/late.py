"""A charge that came too late: the payment was settled by another way, or given up. It is booked
apart, never to a merchant, and given back in full by itself."""

import logging
from uuid import UUID

from kernel import audit, jobs, outbox
from kernel.failpoints import hit
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import together
from payments import events, ledger, locks
from payments.contracts import FAILED, IDLE, IN_HOUSE, REJECTED, SUCCEEDED, Outcome
from payments.domain import postings
from payments.gateways.base import RefundOrder
from payments.models import LateCharge, PaymentIntent
from payments.services import gateway_account
from payments.services.checks import next_check
from payments.stray import LateState

log = logging.getLogger("quancheng.payments")


def take(intent: PaymentIntent, outcome: Outcome, gateway: str) -> None:
    """Book a late charge of the locked intent, once, and have it given back."""
    if gateway in IN_HOUSE or not outcome.amount or not outcome.provider_id:
        log.error("payments: %s was captured by %s though it is over", intent.id, gateway)
        return
    row = LateCharge(
        intent=intent,
        gateway=gateway,
        provider_id=outcome.provider_id,
        amount=outcome.amount,
        currency=outcome.currency,
        next_check_at=next_check(0),
    )
    row.touch()
    LateCharge.objects.bulk_create([row], ignore_conflicts=True)
    if not LateCharge.objects.filter(id=row.id).exists():
        return
    ledger.post_all([_transfer(row, "late_charge")])
    audit.record(
        action="payments.late_charge.taken",
        target=row,
        after={"intent": intent.id, "amount": Money(row.amount, row.currency), "gateway": gateway},
    )
    outbox.append(
        events.LateCharge(
            intent_id=intent.id,
            reference=intent.reference,
            amount=Money(row.amount, row.currency),
            gateway=gateway,
        ),
        aggregate=row,
        merchant_id=intent.merchant_id,
    )
    jobs.enqueue("payments.return_late_charge", {"late_id": str(row.id)}, unique=str(row.id))


def give_back(late_id: UUID) -> None:
    """Have the gateway give it back, or see how that stands; repeatable, no transaction open."""
    row = LateCharge.objects.get(id=late_id)
    if row.state != LateState.PENDING:
        return
    gateway = gateway_account.gateway_for(row.gateway)
    order = RefundOrder(
        refund_id=row.id,
        payment_id=row.provider_id,
        amount=Money(row.amount, row.currency),
        reason="duplicate",
        provider_id=row.refund_id,
        total=Money(row.amount, row.currency),
    )
    hit("payments.late.before_call")
    outcome = gateway.find_refund(order)
    if outcome.status == IDLE:
        outcome = gateway.refund(order)
    hit("payments.late.after_call")
    _record(late_id, outcome)


def _record(late_id: UUID, outcome: Outcome) -> None:
    with together():
        intent_id = LateCharge.objects.values_list("intent_id", flat=True).get(id=late_id)
        locks.intent(intent_id)
        row = LateCharge.objects.select_for_update().get(id=late_id)
        if row.state != LateState.PENDING:
            return
        row.refund_id = row.refund_id or outcome.provider_id or None
        row.checks += 1
        row.next_check_at = next_check(row.checks)
        if outcome.status == SUCCEEDED and outcome.amount == row.amount:
            ledger.post_all([_transfer(row, "late_charge_returned")])
            row.move(LateState.RETURNED, action="payments.late_charge.returned")
            row.next_check_at = None
        elif outcome.status in (FAILED, REJECTED):
            row.failure_code = outcome.code or "refused"
            row.move(
                LateState.FAILED, action="payments.late_charge.failed", reason=row.failure_code
            )
            row.next_check_at = None
        row.save()


def _transfer(row: LateCharge, step: str) -> ledger.Transfer:
    return postings.unclaimed(
        postings.Book(row.platform_id, row.currency),
        id=row.id,
        amount=row.amount,
        step=step,
        gateway=row.gateway,
        document=public_id("pay", row.intent_id),
    )
