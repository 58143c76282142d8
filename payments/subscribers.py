"""What this context does when its own facts are published."""

from kernel import jobs
from kernel.outbox import EventMeta, subscribe
from payments import events, events_guarantee
from payments.models import BuyerTitle
from payments.services import instalments, saved_methods
from payments.services.invoices import ask, red
from platforms.events import PersonErased


@subscribe(events.IntentCaptured, handler="payments.instalment_paid", together=True)
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


@subscribe(PersonErased, handler="payments.forgets_erased")
def person_erased(event: PersonErased, meta: EventMeta) -> None:
    """Kept cards go, at the gateway too, and the titles of invoices; what was paid stays."""
    for card in saved_methods.saved_cards(person_id=event.person_id):
        jobs.enqueue(
            "payments.forget_card",
            {"person_id": event.person_id, "card_id": card.id},
            unique=str(card.id),
        )
    BuyerTitle.objects.filter(person_id=event.person_id).delete()
