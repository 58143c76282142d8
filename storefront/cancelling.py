"""Cancelled parts of an order as pages show them: what there is, and whether more may go."""

from typing import Any

from django.utils.translation import gettext as _

from kernel.errors import DomainError
from marketplace import facade as marketplace
from storefront import order_contracts, words

OFFERED = ("paid", "shipping", "partly_shipped")


def of_order(
    order: marketplace.OrderInfo, side: str, contract: order_contracts.ContractCard | None
) -> dict[str, Any]:
    """An order's cancellations and whether another part may be cancelled, for a template."""
    may = marketplace.cancellable(order_id=order.id, side=side)
    return {
        "cancellations": marketplace.cancellations_of(order_id=order.id)
        if order.paid_at is not None
        else [],
        "part_offered": order.state in OFFERED,
        "part_at_once": may.at_once,
        "why_not_part": why_not(may, contract),
        "cancel_causes": words.cancelling.CAUSES,
    }


def why_not(may: marketplace.Cancellable, contract: order_contracts.ContractCard | None) -> str:
    """Why no part can be cancelled now; empty when one can."""
    if contract is not None:
        return _("Its contract is over all of it, so no part can be cancelled.")
    kind = DomainError.catalogue.get(may.problem)
    return str(kind.title) if kind else ""
