"""The money is back with the buyer: the cancellation has ended, with its last part the order."""

from uuid import UUID

from journeys.engine.definition import Run
from marketplace import facade as marketplace


def do(run: Run) -> None:
    refund_id = run.data["refund_id"]
    marketplace.mark_cancellation_refunded(
        cancellation_id=UUID(run.data["cancellation_id"]),
        refund_id=UUID(refund_id) if refund_id else None,
    )
