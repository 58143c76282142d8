"""Tables of this context, one aggregate a file."""

from inventory.models.reservation import Reservation, ReservationLine, Restock
from inventory.models.stock import Movement, Stock
from inventory.models.warehouse import Warehouse

__all__ = ["Movement", "Reservation", "ReservationLine", "Restock", "Stock", "Warehouse"]
