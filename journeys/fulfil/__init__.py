"""From a paid order, or what is left of it, to a booked parcel: shipment, waybill, sent."""

from journeys.engine import Definition, LocalStep, OutsideStep, OutsideUndo
from journeys.fulfil import book, mark, shipment

FULFIL = Definition(
    "fulfil",
    (
        LocalStep("shipment", shipment.do, shipment.undo),
        OutsideStep(
            "book",
            book.prepare,
            book.call,
            book.record,
            OutsideUndo(book.prepare_undo, book.call_undo, book.record_undo),
        ),
        LocalStep("mark", mark.do, mark.undo),
    ),
)
