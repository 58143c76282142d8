"""Reads of logistics."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from kernel.pagination import PageOf, keyset
from logistics.contracts import ShipmentInfo, TrackingInfo
from logistics.errors import ShipmentNotFound
from logistics.models import Shipment


def shipment_info(row: Shipment, tracking: Iterable[TrackingInfo] = ()) -> ShipmentInfo:
    """The contract of a shipment's row."""
    return ShipmentInfo(
        id=row.id,
        reference=row.reference,
        merchant_id=row.merchant_id,
        state=row.state,
        carrier=row.carrier,
        rate_code=row.rate_code,
        waybill=row.waybill,
        label_url=row.label_url,
        weight_grams=row.weight_grams,
        problem=row.problem,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        external_id=row.external_id,
        metadata=row.metadata,
        tracking=tuple(tracking),
    )


def shipment(*, shipment_id: UUID, merchant_id: UUID | None = None) -> ShipmentInfo:
    """One parcel with its tracking; with ``merchant_id`` only that merchant's. ShipmentNotFound."""
    rows = Shipment.objects.filter(id=shipment_id).prefetch_related("tracking")
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    row = rows.first()
    if row is None:
        raise ShipmentNotFound
    return _with_tracking(row)


def shipments_for(*, reference: str) -> list[ShipmentInfo]:
    """An order's parcels, oldest first, with their tracking."""
    rows = Shipment.objects.filter(reference=reference).prefetch_related("tracking")
    return [_with_tracking(row) for row in rows.order_by("created_at", "id")]


def shipments(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-created_at", "-id"),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ShipmentInfo]:
    """Parcels of a merchant, or of the platform."""
    rows = Shipment.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if state:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(shipment_info)


def _with_tracking(row: Shipment) -> ShipmentInfo:
    reports = sorted(row.tracking.all(), key=lambda report: report.sequence)
    return shipment_info(
        row,
        [TrackingInfo(r.code, r.description, r.location, r.occurred_at) for r in reports],
    )
