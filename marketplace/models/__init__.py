"""Tables of this context, one aggregate a file."""

from kernel.statements import Rows
from marketplace.models.cart import Cart
from marketplace.models.offer import Offer, PriceRecord
from marketplace.models.order import Order, OrderGroup, OrderLine
from marketplace.models.returns import Return, ReturnLine, ReturnPicture

CARTS = Rows(Cart)
OFFERS = Rows(Offer)
PRICES = Rows(PriceRecord)
GROUPS = Rows(OrderGroup)
ORDERS = Rows(Order)
LINES = Rows(OrderLine)

__all__ = [
    "CARTS",
    "GROUPS",
    "LINES",
    "OFFERS",
    "ORDERS",
    "PRICES",
    "Cart",
    "Offer",
    "Order",
    "OrderGroup",
    "OrderLine",
    "PriceRecord",
    "Return",
    "ReturnLine",
    "ReturnPicture",
]
