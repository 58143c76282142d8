"""An order as a page shows it: step bar, timeline with links, documents, what can be done."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from journeys import facade as journeys
from kernel.ids import public_id
from kernel.money import Money
from marketplace import facade as marketplace
from payments import facade as payments
from storefront import order_contracts, parcels, words

_STEPS = ("pending_payment", "paid", "shipped", "delivered")
_REACHED = {
    "pending_payment": 0,
    "paid": 1,
    "shipping": 1,
    "partly_shipped": 1,
    "shipped": 2,
    "delivered": 3,
    "completed": 3,
}
_BAD = frozenset({"payments.intent.failed.v1", "payments.refund.failed.v1"})


@dataclass(frozen=True)
class Document:
    """A document of the order."""

    title: str
    number: str
    href: str = ""
    hash: str = ""
    verify: str = ""
    at: Any = None


@dataclass(frozen=True)
class Line:
    """A timeline entry as the component wants it."""

    title: str
    actor: str
    at: Any
    document: str = ""
    href: str = ""
    bad: bool = False


def steps(order: marketplace.OrderInfo) -> list[dict[str, str]]:
    """The step bar of an order."""
    names = (_("Ordered"), _("Paid"), _("Shipped"), _("Delivered"))
    if order.state in ("cancelled", "cancelling"):
        reached = 1 if order.paid_at else 0
        states = ["done"] * (reached + 1) + ["stopped"] + ["later"] * (2 - reached)
    else:
        reached = _REACHED.get(str(order.state), 0)
        states = [
            "done" if place <= reached else ("now" if place == reached + 1 else "later")
            for place in range(len(_STEPS))
        ]
    return [{"name": name, "state": state} for name, state in zip(names, states, strict=True)]


def timeline(order: marketplace.OrderInfo) -> list[Line]:
    """What happened to the order, oldest first."""
    return [
        Line(
            title=entry.title,
            actor=entry.actor,
            at=entry.at,
            document=_("Waybill") if entry.document else "",
            href=entry.document,
            bad=entry.kind in _BAD,
        )
        for entry in journeys.timeline(order_id=order.id)
    ]


def documents(cards: list[parcels.Card]) -> list[Document]:
    """Waybills of the order's parcels."""
    return [
        Document(
            title=_("Waybill"),
            number=card.shipment.waybill,
            href=card.shipment.label_url,
            at=card.shipment.created_at,
        )
        for card in cards
        if card.shipment is not None and card.shipment.waybill
    ]


def why_not_cancel(
    order: marketplace.OrderInfo,
    contract: order_contracts.ContractCard | None,
    *,
    by_buyer: bool = False,
) -> str:
    """Why the order can't be cancelled now; empty when it can."""
    if order.state == "paid" and contract is not None and contract.binding:
        return _("Its contract is in force: end it by an agreement that both sign, then cancel.")
    packed = order.state == "paid" and by_buyer and order.packing_at is not None
    if packed and not marketplace.cancellable(order_id=order.id).at_once:
        return _("The merchant is packing it already: ask for its goods to be cancelled.")
    if order.state == "paid":
        return ""
    if order.state == "pending_payment":
        return _("It isn't paid yet; without a payment it is cancelled by itself.")
    if order.state in ("cancelled", "cancelling"):
        return _("It is cancelled already.")
    if order.state == "partly_shipped":
        return _("A part of it has been sent. What is left can be cancelled as goods.")
    return _("It has left the merchant. Ask for a return once it has arrived.")


def why_not_accept(order: marketplace.OrderInfo) -> str:
    """Why receipt can't be confirmed now; empty when it can."""
    if order.state in ("shipped", "delivered"):
        return ""
    if order.state == "completed":
        return _("You have confirmed receipt, or the time for it has passed.")
    if order.state in ("cancelled", "cancelling"):
        return _("The order is cancelled.")
    if any(line.sent for line in order.lines):
        return _("Not all of it has been sent yet.")
    return _("It hasn't been sent yet.")


def guarantee(order: marketplace.OrderInfo) -> payments.EscrowInfo | None:
    """The order's money while it is kept, if it is."""
    return payments.escrow_for(reference=public_id("ord", order.id), merchant_id=order.merchant_id)


@dataclass(frozen=True)
class Share:
    """What of an order is the merchant's, and how it comes about, after cancelled parts."""

    platform: Money
    commission: Money
    total: Money


def share(order: marketplace.OrderInfo) -> Share:
    """What the merchant gets for what is sent."""
    platform, commission = order.platform_discount, order.commission
    held = guarantee(order) if order.cancelled_total else None
    if held is not None:
        platform, commission = held.subsidy, held.commission
    kept = order.total - order.cancelled_total
    return Share(platform, commission, kept + platform - commission)


def inspections(order: marketplace.OrderInfo) -> dict[str, Any]:
    """What inspectors found of the goods whose money is kept, for a template."""
    held = guarantee(order)
    return {
        "held": held,
        "inspections": payments.inspections_of(escrow_id=held.id) if held else [],
        "inspection_effects": words.money.INSPECTION_EFFECTS,
    }


def money_header() -> list[str]:
    """What the columns of ``money_cells`` are called."""
    return [_("Ordered"), _("Goods"), _("Discounts"), _("Paid by the platform"), _("Delivery"),
            _("Total"), _("Commission"), _("Currency")]  # fmt: skip


def money_cells(order: marketplace.OrderInfo) -> list[Any]:
    """When it was ordered and what it is about, for a table that programs read."""
    return [
        order.placed_at.isoformat(timespec="seconds"),
        *(
            amount.major
            for amount in (
                order.goods_total,
                order.discount_total,
                order.platform_discount,
                order.shipping_total,
                order.total,
                order.commission,
            )
        ),
        order.total.currency,
    ]
