"""Returns as merchant, buyer and time carry them on across contexts."""

from uuid import UUID, uuid5

from journeys.contracts import JourneyInfo
from journeys.engine import start
from journeys.errors import ReturnNotReceivable
from journeys.models import Journey
from journeys.selectors import journey_info
from kernel import jobs
from kernel.ids import public_id
from kernel.transactions import atomic
from marketplace import facade as marketplace
from payments import facade as payments

BATCH = 50
REFUNDING = ("cancel", "cancel_part", "return")
# What a return's cause is called in a complaint.
REASONS = {
    "not_as_described": "not_as_described",
    "damaged": "damaged",
    "defective": "not_as_described",
    "wrong_item": "not_as_described",
    "missing_parts": "wrong_quantity",
}


def receive_return(*, return_id: UUID, restock: bool = False) -> JourneyInfo:
    """The merchant has the goods back, or lets the buyer keep them: the money goes back, and with
    ``restock`` the goods go back on sale. A refund that was refused is begun again.

    The key comes from the return, so a second click joins the first. Raises ReturnNotFound,
    ReturnNotReceivable, RestockRefused.
    """
    found = marketplace.order_return(return_id=return_id)
    # A run that was put aside doesn't bar the next one: each gets the number of those before it.
    earlier = Journey.objects.filter(kind="return", subject=str(return_id), state="undone").count()
    key = uuid5(return_id, f"return:{earlier}")
    data = {"return_id": str(return_id), "restock": restock}
    try:
        journey = start("return", key=key, data=data, merchant_id=found.merchant_id)
    except marketplace.WrongReturnState as error:
        other = Journey.objects.filter(kind="return", key=key).first()
        if other is None:
            raise ReturnNotReceivable(error.detail, **error.params) from error
        journey = other  # the same was asked twice; the other one was first
    return journey_info(journey)


def receive_overdue_returns() -> int:
    """What merchants didn't confirm in time counts as received; how many. Without restocking:
    nobody has seen the goods."""
    due = marketplace.overdue_returns("sent", "receive_by", limit=BATCH, kind="refund")
    for return_id in due:
        receive_return(return_id=return_id)
    exchanges = marketplace.overdue_returns("sent", "receive_by", limit=BATCH, kind="exchange")
    for return_id in exchanges:
        marketplace.receive_exchange(return_id=return_id, restocked=False)
    return len(due) + len(exchanges)


def dispute_return(*, key: UUID, return_id: UUID, text: str = "") -> payments.DisputeInfo:
    """The buyer doesn't accept the merchant's refusal, or complains about a replacement that is on
    its way: the money is frozen until the platform decides, and a decision for the buyer ends the
    return as refunded.

    Raises ReturnNotFound, WrongReturnState, and what opening a complaint raises.
    """
    with atomic():
        found = marketplace.disputable_return(return_id=return_id)
        if found.dispute_id is not None:
            return payments.dispute(dispute_id=found.dispute_id)
        held = payments.escrow_for(
            reference=public_id("ord", found.order_id), merchant_id=found.merchant_id
        )
        if held is None or not found.refund:
            raise payments.NotDisputable
        words = (text.strip(), found.text, found.answer, found.number)
        info = payments.open_complaint(
            key=key,
            escrow_id=held.id,
            reason=REASONS.get(found.cause, "other"),
            text="\n\n".join(one for one in words if one),
            amount=min(found.refund, held.amount - held.refunded),
        )
        marketplace.note_return_dispute(return_id=return_id, dispute_id=info.id)
    return info


def dispute_closed(*, dispute_id: UUID, refunded: bool) -> None:
    """A complaint was decided; if it was about a refused return, the return follows it."""
    if refunded:
        info = payments.dispute(dispute_id=dispute_id)
        marketplace.settle_disputed_return(
            dispute_id=dispute_id, refund_id=info.refund_id, refunded=info.refunded
        )


def wake_refunded(refund_id: UUID) -> None:
    """Have the journey looked at that waits for this refund. A job, because that calls outside."""
    waiting = Journey.objects.filter(kind__in=REFUNDING, state=Journey.State.WAITING)
    for journey_id, data in waiting.values_list("id", "data"):
        if data.get("refund_id") == str(refund_id):
            jobs.enqueue("journeys.resume", {"journey_id": str(journey_id)})
