"""Routes that begin or steer a journey, and orders' timelines."""

from journeys.api import orders, returns
from journeys.api.routes import routes

__all__ = ["orders", "returns", "routes"]
