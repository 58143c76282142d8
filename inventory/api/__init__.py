"""Routes of warehouses, stock and reservations."""

from inventory.api import reservations, stock, warehouses
from inventory.api.routes import routes

__all__ = ["reservations", "routes", "stock", "warehouses"]
