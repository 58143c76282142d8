"""The door of this context: warehouses (仓库), stock (库存), reservations (预留).

Callers stand in the scope of a platform. Functions take keyword arguments, return contracts and
raise the errors re-exported here. Quantities are Decimals in the variant's own unit.
"""

from inventory.contracts import (
    MovementInfo,
    ReservationInfo,
    ReservationLineInfo,
    ReservationState,
    StockInfo,
    StockLine,
    StockSetting,
    WarehouseInfo,
)
from inventory.errors import (
    ExternalIdTaken,
    InvalidReason,
    InvalidStockQuantity,
    KeyMismatch,
    OutOfStock,
    ReservationClosed,
    ReservationExpired,
    ReservationUnknown,
    RestockRefused,
    StockChanged,
    StockReserved,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.selectors import (
    availability,
    movements_page,
    reservation_by_key,
    reservations_page,
    stock_of,
    stock_page,
    stocked_variants,
    warehouse,
    warehouses_page,
    warehouses_with,
)
from inventory.services.reservations import (
    commit_reservation,
    release_expired,
    release_reservation,
    reserve,
)
from inventory.services.restock import restock
from inventory.services.stock import REASONS, adjust_stock, set_stock, write_stock
from inventory.services.warehouses import (
    WarehouseChanges,
    create_warehouse,
    put_warehouse,
    update_warehouse,
)

__all__ = [
    "REASONS",
    "ExternalIdTaken",
    "InvalidReason",
    "InvalidStockQuantity",
    "KeyMismatch",
    "MovementInfo",
    "OutOfStock",
    "ReservationClosed",
    "ReservationExpired",
    "ReservationInfo",
    "ReservationLineInfo",
    "ReservationState",
    "ReservationUnknown",
    "RestockRefused",
    "StockChanged",
    "StockInfo",
    "StockLine",
    "StockReserved",
    "StockSetting",
    "VariantUnknown",
    "WarehouseChanges",
    "WarehouseInfo",
    "WarehouseUnknown",
    "adjust_stock",
    "availability",
    "commit_reservation",
    "create_warehouse",
    "movements_page",
    "put_warehouse",
    "release_expired",
    "release_reservation",
    "reservation_by_key",
    "reservations_page",
    "reserve",
    "restock",
    "set_stock",
    "stock_of",
    "stock_page",
    "stocked_variants",
    "update_warehouse",
    "warehouse",
    "warehouses_page",
    "warehouses_with",
    "write_stock",
]
