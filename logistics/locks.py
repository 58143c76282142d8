"""Every row lock of logistics."""

from uuid import UUID

from logistics.errors import ShipmentNotFound
from logistics.models import Shipment


def locked_shipment(shipment_id: UUID) -> Shipment:
    """The shipment's row, locked. Raises ShipmentNotFound."""
    found = Shipment.objects.select_for_update().filter(id=shipment_id).first()
    if found is None:
        raise ShipmentNotFound
    return found


def locked_by_waybill(carrier: str, waybill: str) -> Shipment | None:
    """The shipment of a waybill, locked."""
    rows = Shipment.objects.select_for_update()
    return rows.filter(carrier=carrier, waybill=waybill).first()
