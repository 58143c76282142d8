"""Tables of this context, one aggregate a file."""

from kernel.statements import Rows
from marketplace.models.buyer import SavedAddress, SavedItem
from marketplace.models.cancellation import Cancellation, CancellationLine
from marketplace.models.cart import Cart
from marketplace.models.messages import MessageMark, OrderMessage
from marketplace.models.offer import Offer, PriceRecord
from marketplace.models.order import Order, OrderGroup, OrderLine
from marketplace.models.parcel import Parcel, ParcelLine
from marketplace.models.price_list import BuyerGroup, GroupMember, PriceEntry, PriceList
from marketplace.models.promotion import Coupon, Promotion, Redemption
from marketplace.models.returns import Return, ReturnLine, ReturnPicture
from marketplace.models.sale import Sale
from marketplace.models.vacation import Vacation

CARTS = Rows(Cart, later=True)
OFFERS = Rows(Offer)
PRICES = Rows(PriceRecord)
GROUPS = Rows(OrderGroup, later=True)
ORDERS = Rows(Order, later=True)
LINES = Rows(OrderLine, later=True)
PROMOTIONS = Rows(Promotion)
COUPONS = Rows(Coupon)
REDEMPTIONS = Rows(Redemption)

__all__ = [
    "CARTS",
    "COUPONS",
    "GROUPS",
    "LINES",
    "OFFERS",
    "ORDERS",
    "PRICES",
    "PROMOTIONS",
    "REDEMPTIONS",
    "BuyerGroup",
    "Cancellation",
    "CancellationLine",
    "Cart",
    "Coupon",
    "GroupMember",
    "MessageMark",
    "Offer",
    "Order",
    "OrderGroup",
    "OrderLine",
    "OrderMessage",
    "Parcel",
    "ParcelLine",
    "PriceEntry",
    "PriceList",
    "PriceRecord",
    "Promotion",
    "Redemption",
    "Return",
    "ReturnLine",
    "ReturnPicture",
    "Sale",
    "SavedAddress",
    "SavedItem",
    "Vacation",
]
