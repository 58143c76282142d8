"""What each kind of event is called on a timeline."""

from typing import Any

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

TITLES = {
    "marketplace.order.placed.v1": _("Order placed"),
    "marketplace.order.paid.v1": _("Order paid"),
    "marketplace.order.partly_shipped.v1": _("Partly shipped"),
    "marketplace.order.shipped.v1": _("Shipped"),
    "marketplace.order.delivered.v1": _("Delivered"),
    "marketplace.order.completed.v1": _("Completed"),
    "marketplace.order.cancelled.v1": _("Order cancelled"),
    "marketplace.order.packing.v1": _("Being packed"),
    "marketplace.cancellation.requested.v1": _("Part cancellation asked for"),
    "marketplace.cancellation.accepted.v1": _("Part of the order cancelled"),
    "marketplace.cancellation.refunded.v1": _("Cancelled part refunded"),
    "marketplace.cancellation.rejected.v1": _("Part cancellation refused"),
    "marketplace.cancellation.withdrawn.v1": _("Part cancellation withdrawn"),
    "marketplace.cancellation.lapsed.v1": _("Sent before the cancellation was answered"),
    "marketplace.return.requested.v1": _("Return asked for"),
    "marketplace.return.approved.v1": _("Return approved"),
    "marketplace.return.rejected.v1": _("Return refused"),
    "marketplace.return.withdrawn.v1": _("Return withdrawn"),
    "marketplace.return.sent.v1": _("Return sent back"),
    "marketplace.return.received.v1": _("Return received"),
    "marketplace.return.refunded.v1": _("Return refunded"),
    "marketplace.return.lapsed.v1": _("Return not sent in time"),
    "marketplace.return.turned.v1": _("Exchange turned into a refund"),
    "marketplace.return.resent.v1": _("Replacement sent"),
    "marketplace.return.exchanged.v1": _("Exchange completed"),
    "inventory.promise.made.v1": _("Sold before it was there, promised for"),
    "inventory.promise.filled.v1": _("Promised goods have come"),
    "inventory.promise.moved.v1": _("Promised for another day"),
    "journeys.letter.goods_came": _("All that was promised is there; the buyer was told"),
    "payments.intent.captured.v1": _("Payment received"),
    "payments.intent.failed.v1": _("Payment declined"),
    "payments.intent.canceled.v1": _("Payment cancelled"),
    "payments.refund.succeeded.v1": _("Refund made"),
    "payments.refund.failed.v1": _("Refund refused"),
    "certification.contract.signing_opened.v1": _("Contract ready to be signed"),
    "certification.contract.signed.v1": _("Contract signed"),
    "certification.contract.effective.v1": _("Contract in force"),
    "certification.contract.ended.v1": _("Contract ended"),
    "logistics.shipment.booked.v1": _("Waybill issued"),
    "logistics.shipment.moved.v1": _("Parcel moved"),
    "logistics.shipment.delivered.v1": _("Parcel delivered"),
    "payments.escrow.frozen.v1": _("Money frozen by a dispute"),
    "payments.escrow.unfrozen.v1": _("Money no longer frozen"),
    "payments.dispute.opened.v1": _("Complaint opened"),
    "payments.dispute.closed.v1": _("Complaint decided"),
    "payments.balance.released.v1": _("Money released to the merchant"),
    "payments.payout.paid.v1": _("Paid out to the merchant"),
}
# What the events of returns are called where they tell of an exchange.
OF_EXCHANGE = {
    "marketplace.return.requested.v1": _("Exchange asked for"),
    "marketplace.return.approved.v1": _("Exchange approved"),
    "marketplace.return.rejected.v1": _("Exchange refused"),
    "marketplace.return.withdrawn.v1": _("Exchange withdrawn"),
    "marketplace.return.sent.v1": _("Goods sent back for exchange"),
    "marketplace.return.received.v1": _("Goods received for exchange"),
    "marketplace.return.lapsed.v1": _("Goods for exchange not sent in time"),
}
# What happened because nobody answered in time.
BY_ITSELF = {
    "marketplace.cancellation.accepted.v1": _("Part of the order cancelled, for want of an answer"),
}
ACTORS = (_("operator"), _("merchant"), _("buyer"), _("guest"), _("system"), _("carrier"))


# Steps that every carrier reports and what becomes of contracts, in the reader's language.
STEPS = {
    "accepted": _("accepted by the carrier"),
    "in_transit": _("on the way"),
    "out_for_delivery": _("out for delivery"),
    "exception": _("something went wrong, see the carrier's report"),
    "returned": _("on the way back"),
    "changed_mind": _("the buyer doesn't want it any more"),
    "mistake": _("ordered by mistake"),
    "too_slow": _("it takes too long"),
    "out_of_stock": _("out of stock"),
    "not_sent": _("not sent in time"),
    "merchant": _("the merchant refunds instead"),
    "decided": _("decided by the platform"),
    "price_mistake": _("the price was a mistake"),
    "cannot_deliver": _("can't be delivered there"),
    "contract_rejected": _("a party refused to sign"),
    "contract_expired": _("not signed in time"),
    "contract_withdrawn": _("called off"),
    "contract_terminated": _("by agreement of both"),
}


_OF: dict[str, dict[str, Any]] = {"exchange": OF_EXCHANGE, "nobody": BY_ITSELF}


def title_of(kind: str, params: dict[str, Any]) -> str:
    """The title in the reader's language, with the one detail worth showing."""
    title = str(_OF.get(params.get("of", ""), {}).get(kind) or TITLES.get(kind, translate(kind)))
    code = params.get("code") or params.get("reason", "")
    detail = reason_of(code) or params.get("detail")
    return f"{title}: {detail}" if detail else title


def reason_of(code: str) -> str:
    """What a step, an end or an error's code is called; empty for words of a person's own."""
    if code in STEPS:
        return str(STEPS[code])
    kind = DomainError.catalogue.get(code)
    return str(kind.title) if kind else ""
