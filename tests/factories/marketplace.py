"""Offers, carts and orders for tests, made through the facade."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from kernel.ids import uuid7
from logistics.facade import Address
from marketplace import facade
from marketplace.facade import CartInfo, Contact, OfferInfo, OrderGroupInfo, OrderInfo
from tests.factories.catalog import make_variant
from tests.factories.inventory import make_stock

CONTACT = Contact(name="王芳", phone="13800000000", email="wang@example.com")
ADDRESS = Address(
    name="王芳",
    phone="13800000000",
    region="22",
    city="长春市",
    district="南关区",
    line1="人民大街 1 号",
    postcode="130000",
)


def set_price(variant_id: UUID, unit_price: str | Decimal = "19.90") -> OfferInfo:
    """Price a variant as its own merchant, in yuan."""
    merchant_id = catalog.variants([variant_id])[variant_id].merchant_id
    return facade.set_price(
        merchant_id=merchant_id,
        variant_id=variant_id,
        unit_price=Decimal(unit_price),
        currency="CNY",
    )


def make_goods(
    unit_price: str | Decimal = "19.90", *, stock: int | None = 100, **fields: Any
) -> UUID:
    """A published variant with a price and, unless None, stock; ``fields`` as ``make_product``."""
    variant_id = make_variant(**fields)
    set_price(variant_id, unit_price)
    if stock is not None:
        make_stock(stock, variant_id=variant_id)
    return variant_id


def make_cart(
    *lines: tuple[UUID, int | str], buyer_id: UUID | None = None, address: bool = True
) -> CartInfo:
    """A guest's cart (or a buyer's) with these lines and, unless told otherwise, an address."""
    cart = facade.open_cart(
        buyer_id=buyer_id,
        lines=[(variant_id, Decimal(quantity)) for variant_id, quantity in lines],
    )
    if address:
        facade.set_cart_address(cart_id=cart.id, contact=CONTACT, address=ADDRESS)
    return cart


def place(cart: CartInfo, *, key: UUID | None = None, **options: Any) -> OrderGroupInfo:
    """Order what is in the cart."""
    return facade.place_order_group(key=key or uuid7(), cart_id=cart.id, **options)


def make_group(
    *lines: tuple[UUID, int | str], buyer_id: UUID | None = None, paid: bool = False
) -> OrderGroupInfo:
    """A placed group of these lines, else of one new thing."""
    group = place(make_cart(*(lines or ((make_goods(), 1),)), buyer_id=buyer_id))
    if paid:
        facade.mark_group_paid(group_id=group.id)
        group = facade.group(group_id=group.id)
    return group


def make_order(*, state: str = "pending_payment", **options: Any) -> OrderInfo:
    """One order, carried on to ``state`` by the way orders go."""
    [order] = make_group(**options).orders
    steps: dict[str, list[str]] = {
        "pending_payment": [],
        "paid": ["paid"],
        "shipping": ["paid", "ship"],
        "shipped": ["paid", "ship", "shipped"],
        "delivered": ["paid", "ship", "shipped", "delivered"],
        "cancelling": ["paid", "cancel"],
        "cancelled": ["paid", "cancel", "cancelled"],
    }
    for step in steps[state]:
        if step == "paid":
            facade.mark_group_paid(group_id=order.group_id)
        elif step == "ship":
            facade.begin_ship(order_id=order.id)
        elif step == "shipped":
            facade.mark_shipped(order_id=order.id, shipment_id=uuid7(), waybill="SF1")
        elif step == "delivered":
            facade.mark_delivered(order_id=order.id)
        elif step == "cancel":
            facade.begin_cancel(order_id=order.id, reason="changed my mind")
        elif step == "cancelled":
            facade.mark_cancelled(order_id=order.id)
    found = facade.order(order_id=order.id)
    assert found is not None
    return found
