"""One payment for the whole group, split among its merchants. After a decline it waits: the buyer
may try another way to pay, until the time is over. Undone: what was captured is refunded, what
wasn't is cancelled at the gateway."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from journeys.engine.definition import Again, Done, Failed, Outcome, Result, Run, Wait
from journeys.errors import PaymentDeclined
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments

# What the goods stay held beyond the buyer's deadline, so that a payment made in the last
# second can still be recorded.
GRACE = timedelta(minutes=1)


def prepare(run: Run) -> None:
    data = run.data
    group = run.fresh.get("group") or marketplace.group(group_id=UUID(data["group_id"]))
    shares = [
        payments.Share(
            merchant_id=order.merchant_id,
            reference=public_id("ord", order.id),
            amount=order.total,
            commission=order.commission,
            subsidy=order.platform_discount,
        )
        for order in group.orders
    ]
    payer = UUID(data["payer_id"]) if data.get("payer_id") else None
    there = payments.ways(currency=group.total.currency, payer_id=payer)
    chosen = payments.kind_of(data["payment_method"])
    intent = payments.create_intent(
        key=group.id,
        reference=public_id("ogr", group.id),
        amount=group.total,
        shares=shares,
        payment_method_types=(chosen, *(way.type for way in there)),
        description=group.number,
        payer_id=payer,
        pay_by=datetime.fromisoformat(data["pay_until"]) - GRACE,
        return_url=data.get("return_url", ""),
    )
    data["intent_id"] = str(intent.id)
    payments.prepare_confirm(
        intent_id=intent.id,
        payment_method=data["payment_method"],
        return_url=data.get("return_url", ""),
        save_card=bool(data.get("save_card")),
    )


def inline(run: Run) -> bool:
    """The offline test payment and the buyer's wallet are decided in the house."""
    return run.data["payment_method"] in payments.IN_HOUSE


def call(run: Run) -> Result:
    return payments.perform_confirm(intent_id=UUID(run.data["intent_id"]))


def recheck(run: Run) -> Result:
    """How the payment stands now: by our own record if that is final, else by asking."""
    return payments.perform_query(intent_id=UUID(run.data["intent_id"]))


def record(run: Run, result: Result) -> Outcome:
    intent = payments.record_confirm(intent_id=UUID(run.data["intent_id"]), result=result)
    if intent.state == "succeeded":
        return Done()
    if intent.state == "canceled":
        return Failed(PaymentDeclined(decline_code="canceled"))
    run.data["redirect_url"] = intent.redirect_url or ""
    run.data["declined"] = None
    if intent.state == "requires_payment_method":
        run.data["declined"] = {
            "code": intent.failure_code or "declined",
            "message": intent.failure_message,
        }
    return Wait(datetime.fromisoformat(run.data["pay_until"]) - GRACE)


def prepare_undo(run: Run) -> bool:
    """Refund or cancel, whichever the payment's state asks for."""
    intent_id = run.data.get("intent_id")
    if intent_id is None:
        return False
    intent = payments.intent(intent_id=UUID(intent_id))
    if intent.state == "succeeded":
        _refund_all(run, intent)
        return intent.gateway not in payments.IN_HOUSE or _settle_inline(run)
    if intent.state == "canceled":
        return False
    payments.prepare_cancel(intent_id=intent.id)
    if intent.gateway in payments.IN_HOUSE:
        payments.record_cancel(
            intent_id=intent.id, result=payments.perform_cancel(intent_id=intent.id)
        )
        return False
    return True


def _refund_all(run: Run, intent: payments.IntentInfo) -> None:
    """Commit the intent to give every share back, with all of its commission whatever the rule
    for refunds: these orders never came about."""
    refund = payments.prepare_refund(
        key=uuid5(run.journey.key, "refund"),
        intent_id=intent.id,
        shares=[
            payments.RefundShare(
                merchant_id=share.merchant_id,
                reference=share.reference,
                amount=share.amount,
                commission_back=share.commission,
            )
            for share in intent.shares
        ],
        reason="requested_by_customer",
    )
    run.data["refund_id"] = str(refund.id)


def _settle_inline(run: Run) -> bool:
    refund_id = UUID(run.data["refund_id"])
    payments.record_refund(refund_id=refund_id, result=payments.perform_refund(refund_id=refund_id))
    return False


def call_undo(run: Run) -> Result:
    if "refund_id" in run.data:
        return payments.perform_refund(refund_id=UUID(run.data["refund_id"]))
    return payments.perform_cancel(intent_id=UUID(run.data["intent_id"]))


def record_undo(run: Run, result: Result) -> Outcome:
    if "refund_id" in run.data:
        refund = payments.record_refund(refund_id=UUID(run.data["refund_id"]), result=result)
        if refund.state == "failed":
            return Failed(PaymentDeclined(_("The gateway refused the refund.")))
        return Done() if refund.state == "succeeded" else Wait()
    intent = payments.record_cancel(intent_id=UUID(run.data["intent_id"]), result=result)
    if intent.state == "succeeded":
        _refund_all(run, intent)  # it was captured before we could cancel
        return Again()
    return Done() if intent.state == "canceled" else Wait()
