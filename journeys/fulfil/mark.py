"""The parcel is with the carrier: it is sent, and there is no way back but a return."""

from uuid import UUID

from journeys.engine.definition import Run
from marketplace import facade as marketplace


def do(run: Run) -> None:
    marketplace.mark_shipped(
        order_id=UUID(run.data["order_id"]),
        key=run.journey.key,
        shipment_id=UUID(run.data["shipment_id"]),
        waybill=run.data["waybill"],
    )


def undo(run: Run) -> None:
    """Never reached: this step is the last one, and a finished journey isn't undone."""
