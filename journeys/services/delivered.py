"""What follows from a delivery."""

from datetime import timedelta
from uuid import UUID

from kernel import clock
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms


def on_delivered(*, order_id: UUID, shipment_id: UUID | None = None) -> None:
    """A parcel has arrived; without ``shipment_id`` all of them. With the last one the order is
    delivered, and the merchant's share becomes available after the platform's days."""
    order = marketplace.order(order_id=order_id)
    if order is None:
        return
    if shipment_id is not None:
        order = marketplace.mark_parcel_delivered(order_id=order_id, shipment_id=shipment_id)
    elif order.state in ("shipped", "delivered"):
        order = marketplace.mark_delivered(order_id=order_id)
    release_later(order)


def release_later(order: marketplace.OrderInfo) -> None:
    """Once the order is delivered, its money is released after the platform's days. Told again:
    as it was told first."""
    if order.state != "delivered":
        return
    days = int(platforms.setting("payments", "release_days"))
    payments.schedule_availability(
        reference=public_id("ord", order.id), available_at=clock.business() + timedelta(days=days)
    )
