"""Routes that begin or steer a journey, orders' timelines, lists of products in and out."""

from journeys.api import cancelling, imports, orders, parcels, returns
from journeys.api.routes import routes

__all__ = ["cancelling", "imports", "orders", "parcels", "returns", "routes"]
