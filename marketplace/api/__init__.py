"""Routes of prices, carts, orders and the shop window."""

from marketplace.api import (
    addresses,
    buyer_groups,
    cancellations,
    carts,
    exchanges,
    messages,
    offers,
    orders,
    price_lists,
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
    "buyer_groups",
    "cancellations",
    "carts",
    "exchanges",
    "messages",
    "offers",
    "orders",
    "price_lists",
    "promotions",
    "returns",
    "routes",
    "sales",
    "saved",
    "storefront",
    "vacations",
]
