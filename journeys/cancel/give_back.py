"""Refund what is left of the order's share of the group's payment; of its commission what the
platform's rule (``commission_back``) gives back. Nothing left to give back: no refund."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from journeys.engine.definition import Run
from journeys.errors import NotCancellable
from journeys.refunding import Wanted, refund_step
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments


def _wanted(run: Run) -> Wanted | None:
    order = marketplace.order(order_id=UUID(run.data["order_id"]))
    if order is None:
        raise marketplace.OrderNotFound
    reference = public_id("ord", order.id)
    held = payments.escrow_for(reference=reference, merchant_id=order.merchant_id)
    amount = held.amount - held.refunded if held is not None else order.total
    if not amount:
        return None
    share = payments.RefundShare(order.merchant_id, reference, amount)
    return share, order.group_id, "requested_by_customer"


STEP = refund_step(_wanted, lambda: NotCancellable(_("The gateway refused the refund.")))
