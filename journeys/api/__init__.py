"""Routes that begin or steer a journey, orders' timelines, lists of products in and out."""

from journeys.api import imports, orders, returns
from journeys.api.routes import routes

__all__ = ["imports", "orders", "returns", "routes"]
