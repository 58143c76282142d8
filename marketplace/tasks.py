"""Periodic work of the marketplace."""

from typing import Any

from kernel.jobs import JobContext, periodic
from marketplace.services.forget_carts import forget_guest_carts
from marketplace.services.group_members import forget_invitations
from marketplace.services.order_states import complete_delivered_orders
from marketplace.services.promotion_states import end_over_promotions
from marketplace.services.returns.answer import pass_overdue_returns
from marketplace.services.returns.exchanges import pass_overdue_exchanges
from marketplace.services.sales import run_sales


@periodic("marketplace.complete_delivered", seconds=60)
def complete_delivered(job: JobContext) -> dict[str, Any]:
    """Complete the orders whose time after delivery has passed."""
    return {"completed": complete_delivered_orders()}


@periodic("marketplace.forget_carts", seconds=3600)
def forget_carts(job: JobContext) -> dict[str, Any]:
    """Forget guests' carts that nobody came back to."""
    return {"forgotten": forget_guest_carts()}


@periodic("marketplace.forget_invitations", seconds=3600)
def forget_group_invitations(job: JobContext) -> dict[str, Any]:
    """Let go of the addresses of invitations that expired long ago."""
    return {"forgotten": forget_invitations()}


@periodic("marketplace.pass_returns", seconds=60)
def pass_returns(job: JobContext) -> dict[str, Any]:
    """Approve returns that no merchant answered, let lapse those that no buyer sent."""
    approved, lapsed = pass_overdue_returns()
    return {"approved": approved, "lapsed": lapsed}


@periodic("marketplace.pass_exchanges", seconds=60)
def pass_exchanges(job: JobContext) -> dict[str, Any]:
    """End exchanges that no buyer confirmed, turn those into refunds that no merchant replaced."""
    ended, turned = pass_overdue_exchanges()
    return {"ended": ended, "turned": turned}


@periodic("marketplace.end_promotions", seconds=300)
def end_promotions(job: JobContext) -> dict[str, Any]:
    """End the promotions whose time is over."""
    return {"ended": end_over_promotions()}


@periodic("marketplace.run_sales", seconds=20)
def sales(job: JobContext) -> dict[str, Any]:
    """Begin and end sale prices."""
    begun, ended = run_sales()
    return {"begun": begun, "ended": ended}
