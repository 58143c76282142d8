"""Routes of prices, carts, orders and the shop window."""

from marketplace.api import (
    addresses,
    cancellations,
    carts,
    messages,
    offers,
    orders,
    promotions,
    returns,
    sales,
    saved,
    storefront,
    vacations,
)
from marketplace.api.routes import routes

__all__ = [
    "addresses",
    "cancellations",
    "carts",
    "messages",
    "offers",
    "orders",
    "promotions",
    "returns",
    "routes",
    "sales",
    "saved",
    "storefront",
    "vacations",
]
