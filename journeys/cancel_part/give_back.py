"""Refund what the part comes to; of the commission what the platform's rule
(``commission_back``) gives back. Nothing to give back: no refund."""

from uuid import UUID

from journeys.engine.definition import Done, Failed, Outcome, Result, Run, Wait
from journeys.errors import CancellationNotRefunded
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments


def prepare(run: Run) -> None:
    found = marketplace.cancellation(cancellation_id=UUID(run.data["cancellation_id"]))
    run.data["refund_id"], run.data["inline"] = "", True
    reference = public_id("ord", found.order_id)
    held = payments.escrow_for(reference=reference, merchant_id=found.merchant_id)
    if held is None:
        return
    # Begun anew after a refusal, less may be left than was counted then.
    amount = min(found.refund, held.amount - held.refunded)
    if not amount:
        return
    intent = payments.intent_for(reference=public_id("ogr", found.group_id))
    refund = payments.prepare_refund(
        key=run.journey.key,
        intent_id=intent.id,
        shares=[
            payments.RefundShare(
                merchant_id=found.merchant_id,
                reference=reference,
                amount=amount,
                subsidy_back=min(found.platform_back, held.subsidy),
            )
        ],
        reason=found.public_id,
    )
    run.data["refund_id"] = str(refund.id)
    run.data["inline"] = intent.gateway in payments.IN_HOUSE


def inline(run: Run) -> bool:
    return bool(run.data["inline"])


def call(run: Run) -> Result:
    if not run.data["refund_id"]:
        return {}
    return payments.perform_refund(refund_id=UUID(run.data["refund_id"]))


def recheck(run: Run) -> Result:
    return payments.perform_refund_query(refund_id=UUID(run.data["refund_id"]))


def record(run: Run, result: Result) -> Outcome:
    if not run.data["refund_id"]:
        return Done()
    refund = payments.record_refund(refund_id=UUID(run.data["refund_id"]), result=result)
    if refund.state == "succeeded":
        return Done()
    if refund.state == "failed":
        return Failed(CancellationNotRefunded())
    return Wait()
