"""The payment is there: the goods leave the stock, the orders are paid. Undone before anything
shipped: the goods go back on the shelf."""

from uuid import UUID

from inventory import facade as inventory
from journeys.contract.watch import plan_contracts
from journeys.engine.definition import Run
from marketplace import facade as marketplace


def do(run: Run) -> None:
    group_id = UUID(run.data["group_id"])
    inventory.commit_reservation(key=group_id)
    marketplace.mark_group_paid(group_id=group_id)
    if run.data.get("contracts"):
        orders = marketplace.group(group_id=group_id).orders
        plan_contracts(run.data["contracts"], orders)


def undo(run: Run) -> None:
    group_id = UUID(run.data["group_id"])
    group = marketplace.group(group_id=group_id)
    inventory.restock(
        key=group_id,
        lines=[
            inventory.StockLine(variant_id=line.variant_id, quantity=line.quantity)
            for order in group.orders
            for line in order.lines
        ],
        reason="checkout_undone",
        reservation=group_id,
    )
