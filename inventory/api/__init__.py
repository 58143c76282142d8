"""Routes of warehouses, stock, reservations, and the papers that move stock."""

from inventory.api import counts, incoming, low, reservations, stock, transfers, warehouses
from inventory.api.routes import routes

__all__ = [
    "counts",
    "incoming",
    "low",
    "reservations",
    "routes",
    "stock",
    "transfers",
    "warehouses",
]
