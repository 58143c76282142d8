"""Exchanges of delivered goods for tests."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from inventory import facade as inventory
from marketplace import facade as marketplace
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.returns import delivered
from tests.factories.world import World, make_shop


@dataclass
class Sizes:
    """A shop's product in sizes; ``world`` sells the first."""

    world: World
    merchant_id: UUID
    variants: list[UUID]
    warehouse_id: UUID

    def stock(self, place: int, on_hand: int) -> None:
        """So many of a size lie there from now on."""
        make_stock(on_hand, variant_id=self.variants[place], warehouse_id=self.warehouse_id)

    def figures(self) -> list[tuple[int, int]]:
        """(on hand, reserved) of each size."""
        found = {one.variant_id: one for one in inventory.stock_of(self.variants).values()}
        return [(int(found[v].on_hand), int(found[v].reserved)) for v in self.variants]

    def bought(self, quantity: int = 2, **more: Any) -> marketplace.OrderInfo:
        """So many of the first size, delivered."""
        [order] = delivered(self.world, quantity, **more)
        return order


def make_sizes(*prices: str, stock: int = 10) -> Sizes:
    """A product in as many sizes as prices are named; two at 10 yuan and one at 12 unless told."""
    prices = prices or ("10.00", "10.00", "12.00")
    shop = make_shop()
    product = make_product(merchant_id=shop.merchant_id, variants=len(prices))
    variants = [one.id for one in product.variants]
    place = make_warehouse(merchant_id=shop.merchant_id).id
    for variant, price in zip(variants, prices, strict=True):
        marketplace.set_price(
            merchant_id=shop.merchant_id,
            variant_id=variant,
            unit_price=Decimal(price),
            currency="CNY",
        )
        make_stock(stock, variant_id=variant, warehouse_id=place)
    shop.variant_id = variants[0]
    return Sizes(World([shop]), shop.merchant_id, variants, place)


def swap(
    order: marketplace.OrderInfo,
    quantity: int = 1,
    *,
    piece: UUID | None = None,
    wish: UUID | None = None,
    **more: Any,
) -> marketplace.ReturnInfo:
    """An exchange asked for: of the order's first line unless a piece is named, for the same."""
    piece = piece or order.lines[0].id
    return marketplace.request_return(
        key=uuid4(),
        order_id=order.id,
        lines={piece: Decimal(quantity)},
        cause=more.pop("cause", "defective"),
        kind="exchange",
        wishes={piece: wish} if wish else None,
        **more,
    )


def approve(found: marketplace.ReturnInfo, **more: Any) -> marketplace.ReturnInfo:
    return marketplace.approve_return(return_id=found.id, send_to="长春市人民大街 1 号", **more)


def sent(found: marketplace.ReturnInfo) -> marketplace.ReturnInfo:
    return marketplace.send_return(return_id=found.id, carrier="顺丰", waybill="SF998877")


def received(found: marketplace.ReturnInfo, *, restock: bool = False) -> marketplace.ReturnInfo:
    return marketplace.receive_exchange(return_id=found.id, restocked=restock)


def back(found: marketplace.ReturnInfo, *, restock: bool = False) -> marketplace.ReturnInfo:
    """Approved, sent and received."""
    approve(found)
    sent(found)
    return received(found, restock=restock)


def resend(found: marketplace.ReturnInfo) -> marketplace.ReturnInfo:
    """The replacement handed over without a carrier."""
    key = uuid4()
    marketplace.begin_replacement(return_id=found.id, key=key)
    return marketplace.mark_resent(
        return_id=found.id, key=key, shipment_id=uuid4(), waybill=f"SF{key.hex[:8]}"
    )


def confirmed(found: marketplace.ReturnInfo) -> marketplace.ReturnInfo:
    return marketplace.confirm_exchange(return_id=found.id)


def exchanged(
    order: marketplace.OrderInfo, quantity: int = 1, *, restock: bool = False, **more: Any
) -> marketplace.ReturnInfo:
    """The whole way, without a carrier."""
    found = swap(order, quantity, **more)
    back(found, restock=restock)
    resend(found)
    return confirmed(found)
