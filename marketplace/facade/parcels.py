"""Parcels of orders (分批发货): what is sent in each, and how the order follows."""

from marketplace.contracts_parcels import ParcelInfo, ParcelLineInfo, ParcelState
from marketplace.errors import GoodsAwaited, InvalidParcel, NothingToShip
from marketplace.selectors.parcels import left_to_send, parcel_by_key, parcels_of
from marketplace.services.shipping import (
    begin_ship,
    end_ship,
    hold_order,
    mark_delivered,
    mark_parcel_delivered,
    mark_shipped,
)

__all__ = [
    "GoodsAwaited",
    "InvalidParcel",
    "NothingToShip",
    "ParcelInfo",
    "ParcelLineInfo",
    "ParcelState",
    "begin_ship",
    "end_ship",
    "hold_order",
    "left_to_send",
    "mark_delivered",
    "mark_parcel_delivered",
    "mark_shipped",
    "parcel_by_key",
    "parcels_of",
]
