"""Make, book and cancel parcels. Outside calls come in three parts: prepare, perform, record."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson

from kernel import clock
from kernel.errors import Unavailable
from kernel.ids import public_id
from kernel.outbox import append
from kernel.personal import open_, seal
from kernel.transactions import atomic
from logistics import events
from logistics.contracts import Address, ShipmentInfo, ShipmentLine
from logistics.errors import NoRate, ShipmentMoving
from logistics.gateways.base import CarrierUnknown
from logistics.locks import locked_shipment
from logistics.models import Shipment
from logistics.selectors import shipment_info
from logistics.services.configure_carrier import carrier_for

State = Shipment.State


def create_shipment(
    *,
    key: UUID,
    reference: str,
    merchant_id: UUID,
    lines: Sequence[ShipmentLine],
    weight_grams: int,
    address: Address,
    rate_code: str,
    carrier: str = "sandbox",
) -> ShipmentInfo:
    """A draft parcel; the same ``key`` gives the same one. ``reference`` names the order."""
    existing = Shipment.objects.filter(key=key).first()
    if existing is not None:
        return shipment_info(existing)
    shipment = Shipment(
        key=key,
        reference=reference,
        merchant_id=merchant_id,
        carrier=carrier,
        rate_code=rate_code,
        weight_grams=max(1, weight_grams),
        lines=[{"title": line.title, "quantity": str(line.quantity)} for line in lines],
    )
    shipment.sealed_address = seal(shipment.id, orjson.dumps(asdict(address)).decode())
    with atomic():
        shipment.save(force_insert=True)
    return shipment_info(shipment)


def address_of(shipment: Shipment) -> Address | None:
    """The parcel's address; None after erasure."""
    text = open_(shipment.id, shipment.sealed_address)
    return Address(**orjson.loads(text)) if text else None


def prepare_booking(*, shipment_id: UUID) -> None:
    """Commit that a waybill is to be asked for."""
    with atomic():
        shipment = locked_shipment(shipment_id)
        if shipment.state == State.DRAFT:
            shipment.move(State.BOOKING, action="logistics.shipment.booking")
            shipment.save()


def perform_booking(*, shipment_id: UUID) -> dict[str, Any]:
    """Ask the carrier, under the shipment's own key. Raises Unavailable when it doesn't answer."""
    shipment = Shipment.objects.get(id=shipment_id)
    if shipment.state != State.BOOKING:
        return {"status": "known"}
    address = address_of(shipment)
    if address is None:
        return {"status": "refused", "problem": "The address was erased."}
    request = {
        "key": public_id("shp", shipment.id),
        "reference": public_id("shp", shipment.id),
        "service": shipment.rate_code,
        "recipient": {
            "name": address.name,
            "phone": address.phone,
            "country": "CN",
            "region": address.region,
            "city": address.city,
            "district": address.district,
            "line1": address.line1,
            "postcode": address.postcode,
        },
        "parcels": [{"weight_grams": shipment.weight_grams}],
    }
    try:
        return carrier_for(shipment.carrier).book(request)
    except NoRate as error:  # a tariff names a carrier that the platform hasn't set up
        return {"status": "refused", "problem": str(error.detail)}
    except CarrierUnknown as error:
        raise Unavailable(str(error)) from error


def record_booking(*, shipment_id: UUID, result: dict[str, Any]) -> ShipmentInfo:
    """Keep what the carrier answered; repeating is harmless."""
    with atomic():
        shipment = locked_shipment(shipment_id)
        if shipment.state == State.BOOKING and result["status"] == "booked":
            shipment.waybill = result["waybill"]
            shipment.label_url = result["label_url"]
            shipment.polled_at = clock.system()
            shipment.move(State.BOOKED, action="logistics.shipment.booked")
            shipment.save()
            append(
                events.ShipmentBooked(
                    shipment_id=public_id("shp", shipment.id),
                    reference=shipment.reference,
                    waybill=shipment.waybill,
                    carrier=shipment.carrier,
                    label_url=shipment.label_url,
                ),
                aggregate=shipment,
                merchant_id=shipment.merchant_id,
            )
        elif shipment.state == State.BOOKING and result["status"] == "refused":
            shipment.problem = str(result["problem"])[:500]
            shipment.move(State.REFUSED, action="logistics.shipment.refused")
            shipment.save()
        return shipment_info(shipment)


def cancel_shipment(*, shipment_id: UUID) -> ShipmentInfo:
    """Put a parcel aside that the carrier doesn't have. Raises ShipmentMoving."""
    with atomic():
        shipment = locked_shipment(shipment_id)
        if shipment.state in (State.DRAFT, State.REFUSED):
            _cancelled(shipment)
        elif shipment.state != State.CANCELLED:
            raise ShipmentMoving(state=shipment.state)
        return shipment_info(shipment)


def prepare_cancel_booking(*, shipment_id: UUID) -> bool:
    """Commit that the carrier is to be asked to cancel; False when there is nothing to ask."""
    with atomic():
        shipment = locked_shipment(shipment_id)
        if shipment.state not in (State.BOOKING, State.BOOKED):
            return False
        shipment.cancelling = True
        shipment.save()
        return True


def perform_cancel_booking(*, shipment_id: UUID) -> dict[str, Any]:
    """Ask the carrier to cancel. One still booking is booked first: only so is it known."""
    shipment = Shipment.objects.get(id=shipment_id)
    booked: dict[str, Any] = {"status": "known"}
    waybill = shipment.waybill
    if shipment.state == State.BOOKING:
        booked = perform_booking(shipment_id=shipment_id)
        if booked["status"] != "booked":
            return {"booking": booked, "status": "none"}
        waybill = booked["waybill"]
    try:
        return {"booking": booked, **carrier_for(shipment.carrier).cancel(waybill)}
    except CarrierUnknown as error:
        raise Unavailable(str(error)) from error


def record_cancel_booking(*, shipment_id: UUID, result: dict[str, Any]) -> ShipmentInfo:
    """Keep what came of it. Raises ShipmentMoving when the carrier already has the parcel."""
    with atomic():
        if result["booking"]["status"] != "known":
            record_booking(shipment_id=shipment_id, result=result["booking"])
        shipment = locked_shipment(shipment_id)
        if result["status"] == "moving":
            raise ShipmentMoving
        if shipment.state != State.CANCELLED:
            _cancelled(shipment)
        return shipment_info(shipment)


def _cancelled(shipment: Shipment) -> None:
    shipment.cancelling = False
    shipment.move(State.CANCELLED, action="logistics.shipment.cancelled")
    shipment.save()
    append(
        events.ShipmentCancelled(
            shipment_id=public_id("shp", shipment.id), reference=shipment.reference
        ),
        aggregate=shipment,
        merchant_id=shipment.merchant_id,
    )
