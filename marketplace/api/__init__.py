"""Routes of prices, carts, orders and the shop window."""

from marketplace.api import carts, offers, orders, promotions, returns, storefront
from marketplace.api.routes import routes

__all__ = ["carts", "offers", "orders", "promotions", "returns", "routes", "storefront"]
