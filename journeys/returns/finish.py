"""The money is back with the buyer: the return has ended."""

from uuid import UUID

from journeys.engine.definition import Run
from marketplace import facade as marketplace


def do(run: Run) -> None:
    refund_id = run.data["refund_id"]
    marketplace.mark_return_refunded(
        return_id=UUID(run.data["return_id"]), refund_id=UUID(refund_id) if refund_id else None
    )
