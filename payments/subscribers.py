"""What this context does when its own facts are published."""

from kernel.outbox import EventMeta, subscribe
from payments import events, events_guarantee
from payments.services import instalments
from payments.services.invoices import ask, red


@subscribe(events.IntentCaptured, handler="payments.instalment_paid")
def instalment_paid(event: events.IntentCaptured, meta: EventMeta) -> None:
    """A payment arrived: it may be an instalment."""
    instalments.paid(event.intent_id)


@subscribe(events.RefundSucceeded, handler="payments.invoice_refunded")
def invoice_refunded(event: events.RefundSucceeded, meta: EventMeta) -> None:
    """Money went back: so does that much of its invoice."""
    red.follow_refund(refund_id=event.refund_id)


@subscribe(events.RefundFailed, handler="payments.invoice_refund_failed")
def invoice_refund_failed(event: events.RefundFailed, meta: EventMeta) -> None:
    """It came to nothing in the end: what was taken back of an invoice stands again."""
    red.follow_refund(refund_id=event.refund_id)


@subscribe(events_guarantee.DisputeClosed, handler="payments.invoice_charged_back")
def invoice_charged_back(event: events_guarantee.DisputeClosed, meta: EventMeta) -> None:
    """The buyer's bank kept the money: that much of the invoice goes back too. A complaint that is
    decided for the buyer is followed with its refund."""
    red.follow_chargeback(dispute_id=event.dispute_id)


@subscribe(events.IntentCanceled, handler="payments.invoice_not_paid")
def invoice_not_paid(event: events.IntentCanceled, meta: EventMeta) -> None:
    """Nothing is paid, so nothing is invoiced."""
    ask.payment_ended(intent_id=event.intent_id)
