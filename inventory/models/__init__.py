"""Tables of this context, one aggregate a file."""

from inventory.models.ahead import Ahead, Promise
from inventory.models.count import Count, CountLine
from inventory.models.incoming import Arrival, Receipt, ReceiptLine
from inventory.models.reservation import Reservation, ReservationLine, Restock
from inventory.models.stock import Movement, Stock
from inventory.models.transfer import Transfer, TransferLine
from inventory.models.warehouse import Warehouse
from kernel.statements import Rows

RESERVATIONS = Rows(Reservation, later=True)

__all__ = [
    "RESERVATIONS",
    "Ahead",
    "Arrival",
    "Count",
    "CountLine",
    "Movement",
    "Promise",
    "Receipt",
    "ReceiptLine",
    "Reservation",
    "ReservationLine",
    "Restock",
    "Stock",
    "Transfer",
    "TransferLine",
    "Warehouse",
]
