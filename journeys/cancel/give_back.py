"""Refund what is left of the order's share of the group's payment; of its commission what the
platform's rule (``commission_back``) gives back. Nothing left to give back: no refund."""

from uuid import UUID

from journeys.engine.definition import Done, Failed, Outcome, Result, Run, Wait
from journeys.errors import NotCancellable
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments


def prepare(run: Run) -> None:
    order = marketplace.order(order_id=UUID(run.data["order_id"]))
    if order is None:
        raise marketplace.OrderNotFound
    run.data["refund_id"], run.data["inline"] = "", True
    reference = public_id("ord", order.id)
    held = payments.escrow_for(reference=reference, merchant_id=order.merchant_id)
    amount = held.amount - held.refunded if held is not None else order.total
    if not amount:
        return
    intent = payments.intent_for(reference=public_id("ogr", order.group_id))
    refund = payments.prepare_refund(
        key=run.journey.key,
        intent_id=intent.id,
        shares=[
            payments.RefundShare(
                merchant_id=order.merchant_id,
                reference=reference,
                amount=amount,
            )
        ],
        reason="requested_by_customer",
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
        return Failed(NotCancellable("The gateway refused the refund."))
    return Wait()
