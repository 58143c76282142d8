"""Tables of this context, one aggregate a file."""

from marketplace.models.cart import Cart
from marketplace.models.offer import Offer, PriceRecord
from marketplace.models.order import Order, OrderGroup, OrderLine

__all__ = ["Cart", "Offer", "Order", "OrderGroup", "OrderLine", "PriceRecord"]
