"""Refund what the part comes to; of the commission what the platform's rule
(``commission_back``) gives back. Of an article that the platform paid for the buyer, only the
platform gets something back. Nothing to give back: no refund."""

from uuid import UUID

from journeys.engine.definition import Run
from journeys.errors import CancellationNotRefunded
from journeys.refunding import Wanted, refund_step
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments


def _wanted(run: Run) -> Wanted | None:
    found = marketplace.cancellation(cancellation_id=UUID(run.data["cancellation_id"]))
    reference = public_id("ord", found.order_id)
    held = payments.escrow_for(reference=reference, merchant_id=found.merchant_id)
    if held is None:
        return None
    # Begun anew after a refusal, less may be left than was counted then.
    amount = min(found.refund, held.amount - held.refunded)
    ours = min(found.platform_back, held.subsidy)
    if not amount and not ours:
        return None
    share = payments.RefundShare(
        merchant_id=found.merchant_id,
        reference=reference,
        amount=amount,
        subsidy_back=ours,
    )
    return share, found.group_id, found.public_id


STEP = refund_step(_wanted, CancellationNotRefunded)
