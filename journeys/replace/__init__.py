"""From an exchange whose goods are back to its replacement in a carrier's hands. Refused by the
carrier, it can be sent anew, or the money given back."""

from journeys.engine import Definition, LocalStep, OutsideStep, OutsideUndo
from journeys.fulfil import book
from journeys.replace import mark, shipment

REPLACE = Definition(
    "replace",
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
