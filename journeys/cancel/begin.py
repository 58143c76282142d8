"""Claim the order, so that it can't be shipped meanwhile, nor its contract signed."""

from uuid import UUID

from journeys.contract import watch
from journeys.engine.definition import Run
from kernel.sealed_text import opened
from marketplace import facade as marketplace


def do(run: Run) -> None:
    order_id = UUID(run.data["order_id"])
    marketplace.begin_cancel(
        order_id=order_id,
        reason=opened(run.data.get("reason", "")),
        by_buyer=bool(run.data.get("by_buyer")),
    )
    watch.call_off(order_id)
    run.journey.subject = str(order_id)


def undo(run: Run) -> None:
    marketplace.abandon_cancel(order_id=UUID(run.data["order_id"]))
