"""Hold the goods until they are paid for; undone, they are given back."""

from datetime import timedelta
from uuid import UUID

from inventory import facade as inventory
from journeys.engine.definition import Run
from kernel import clock
from marketplace import facade as marketplace
from platforms import facade as platforms


def do(run: Run) -> None:
    group = run.fresh.get("group") or marketplace.group(group_id=UUID(run.data["group_id"]))
    minutes = int(platforms.setting("journeys", "payment_minutes"))
    lines = [
        inventory.StockLine(variant_id=line.variant_id, quantity=line.quantity)
        for order in group.orders
        for line in order.lines
    ]
    expires = clock.business() + timedelta(minutes=minutes)
    inventory.reserve(key=group.id, lines=lines, expires_at=expires)
    run.data["pay_until"] = expires.isoformat()


def undo(run: Run) -> None:
    inventory.release_reservation(key=UUID(run.data["group_id"]))
