"""Orders that are sent in parcels, for tests."""

from typing import Any
from uuid import UUID, uuid4

from journeys import facade as journeys
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from tests.factories.cancelling import order_of, wanted


def send(order: marketplace.OrderInfo, *quantities: int | str, **more: Any) -> Any:
    """So much of the order's lines in a parcel, through the carrier; all that is left unless
    told."""
    return journeys.send_parcel(
        key=more.pop("key", None) or uuid4(),
        order_id=order.id,
        lines=wanted(order, *quantities) if quantities else None,
        **more,
    )


def send_one(*, order_id: UUID) -> marketplace.ParcelInfo:
    """One piece of the order's first line, through the carrier; told again, the same parcel."""
    found: marketplace.ParcelInfo = send(order_of(order_id), 1, key=order_id)
    return found


def hand_over(order: marketplace.OrderInfo, *quantities: int | str) -> marketplace.ParcelInfo:
    """The same without a carrier: claimed and sent."""
    key, shipment = uuid4(), uuid4()
    marketplace.begin_ship(
        order_id=order.id, key=key, lines=wanted(order, *quantities) if quantities else None
    )
    marketplace.mark_shipped(
        order_id=order.id, key=key, shipment_id=shipment, waybill=f"SF{shipment.hex[:8]}"
    )
    found = marketplace.parcel_by_key(key=key)
    assert found is not None
    return found


def waybills(order: marketplace.OrderInfo) -> list[str]:
    found = logistics.shipments_for(reference=public_id("ord", order.id))
    return [one.waybill for one in found]
