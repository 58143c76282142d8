"""What follows from a delivery."""

from datetime import timedelta
from uuid import UUID

from kernel import clock
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms


def on_delivered(*, order_id: UUID) -> None:
    """The order is delivered; the merchant's share becomes available after the platform's days."""
    order = marketplace.order(order_id=order_id)
    if order is None or order.state not in ("shipped", "delivered"):
        return
    marketplace.mark_delivered(order_id=order_id)
    days = int(platforms.setting("payments", "release_days"))
    payments.schedule_availability(
        reference=public_id("ord", order_id), available_at=clock.business() + timedelta(days=days)
    )
