"""From an exchange whose goods are back to its replacement in a carrier's hands. Refused by the
carrier, it can be sent anew, or the money given back."""

from journeys.engine import Definition, LocalStep
from journeys.fulfil import BOOK
from journeys.replace import mark, shipment

REPLACE = Definition(
    "replace",
    (
        LocalStep("shipment", shipment.do, shipment.undo),
        BOOK,
        LocalStep("mark", mark.do, mark.undo),
    ),
)
