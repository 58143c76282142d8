"""Parcels for tests."""

from typing import Any
from uuid import UUID, uuid4

from logistics import facade
from logistics.facade import Address, ShipmentInfo, ShipmentLine


def make_address(**changes: Any) -> Address:
    values: dict[str, Any] = {
        "name": "王芳",
        "phone": "13844445678",
        "region": "22",
        "city": "长春市",
        "line1": "人民大街 1 号",
        "postcode": "130000",
    }
    return Address(**(values | changes))


def make_shipment(*, merchant_id: UUID | None = None, **changes: Any) -> ShipmentInfo:
    values: dict[str, Any] = {
        "key": uuid4(),
        "reference": f"ord_{uuid4().hex[:26]}",
        "merchant_id": merchant_id or uuid4(),
        "lines": [ShipmentLine(title="GIN-0101", quantity=1)],  # type: ignore[arg-type]
        "weight_grams": 1200,
        "address": make_address(),
        "rate_code": "standard",
    }
    return facade.create_shipment(**(values | changes))


def make_carrier(**changes: Any) -> None:
    values = {
        "key": "sk_test_" + "k" * 24,
        "callback_secret": "whsec_" + "c2VjcmV0" * 4,
        "base_url": "http://carrier.example",
    }
    facade.configure_carrier(**(values | changes))


def book(shipment: ShipmentInfo, waybill: str = "SBX1") -> ShipmentInfo:
    """A waybill as if the carrier had answered."""
    facade.prepare_booking(shipment_id=shipment.id)
    return facade.record_booking(
        shipment_id=shipment.id,
        result={
            "status": "booked",
            "waybill": waybill,
            "label_url": "http://carrier.example/l.png",
        },
    )
