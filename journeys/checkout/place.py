"""Turn the cart into orders with frozen prices; undone, the orders are cancelled and the
cart is as it was."""

from uuid import UUID

from journeys.contract.terms import needed
from journeys.engine.definition import Run
from kernel.sealed_text import opened
from marketplace import facade as marketplace


def do(run: Run) -> None:
    data = run.data
    group = marketplace.place_order_group(
        key=run.journey.key,
        cart_id=UUID(data["cart_id"]),
        owner=run.fresh.get("owner"),
        expected_total=data.get("expected_total"),
        note=opened(data.get("note", "")),
        language=data.get("language", ""),
    )
    run.fresh["group"] = group
    data["group_id"] = str(group.id)
    data["order_ids"] = [str(order.id) for order in group.orders]
    run.journey.subject = str(group.id)
    company = data.get("company_id")
    data["contracts"] = needed(group.orders, company_id=UUID(company) if company else None)


def undo(run: Run) -> None:
    error = run.journey.error or {}
    marketplace.cancel_group(
        group_id=UUID(run.data["group_id"]),
        reason=str(error.get("code", "checkout_undone")),
        restore_cart=True,
    )
