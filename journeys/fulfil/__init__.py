"""From a paid order, or what is left of it, to a booked parcel: shipment, waybill, sent."""

from journeys.engine import Definition, LocalStep, OutsideStep, OutsideUndo
from journeys.fulfil import book, mark, shipment

BOOK = OutsideStep(
    "book",
    book.prepare,
    book.call,
    book.record,
    OutsideUndo(book.prepare_undo, book.call_undo, book.record_undo),
)
FULFIL = Definition(
    "fulfil",
    (
        LocalStep("shipment", shipment.do, shipment.undo),
        BOOK,
        LocalStep("mark", mark.do, mark.undo),
    ),
)
