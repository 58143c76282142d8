"""Refund what the return comes to; of the commission what the platform's rule
(``commission_back``) gives back. Of an article that the platform paid for the buyer, only the
platform gets something back. Nothing to give back: no refund."""

from uuid import UUID

from journeys.engine.definition import Run
from journeys.errors import ReturnNotRefunded
from journeys.refunding import Wanted, refund_step
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments


def _wanted(run: Run) -> Wanted | None:
    found = marketplace.order_return(return_id=UUID(run.data["return_id"]))
    if not found.refund and not found.platform_back:
        return None
    share = payments.RefundShare(
        merchant_id=found.merchant_id,
        reference=public_id("ord", found.order_id),
        amount=found.refund,
        subsidy_back=found.platform_back,
    )
    return share, found.group_id, found.public_id


STEP = refund_step(_wanted, ReturnNotRefunded)
