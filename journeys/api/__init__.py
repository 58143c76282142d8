"""Routes that begin or steer a journey, orders' timelines, lists of products and prices in and out,
applications of merchants, how the platform runs."""

from journeys.api import (
    cancelling,
    exchanges,
    imports,
    onboarding,
    operations,
    orders,
    parcels,
    price_imports,
    returns,
)
from journeys.api.routes import routes

__all__ = [
    "cancelling",
    "exchanges",
    "imports",
    "onboarding",
    "operations",
    "orders",
    "parcels",
    "price_imports",
    "returns",
    "routes",
]
