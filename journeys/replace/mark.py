"""The replacement is with the carrier: it has left the stock, and the buyer is told."""

from uuid import UUID

from journeys.engine.definition import Run
from marketplace import facade as marketplace


def do(run: Run) -> None:
    marketplace.mark_resent(
        return_id=UUID(run.data["return_id"]),
        key=run.journey.key,
        shipment_id=UUID(run.data["shipment_id"]),
        waybill=run.data["waybill"],
    )


def undo(run: Run) -> None:
    """Never reached: this step is the last one, and a finished journey isn't undone."""
