"""Routes of warehouses, stock, reservations, and the papers that move stock."""

from inventory.api import ahead, counts, incoming, low, reservations, stock, transfers, warehouses
from inventory.api.routes import routes

__all__ = [
    "ahead",
    "counts",
    "incoming",
    "low",
    "reservations",
    "routes",
    "stock",
    "transfers",
    "warehouses",
]
