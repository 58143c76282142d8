"""Keep what carriers report: once, in any order, however often it comes."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from kernel import clock
from kernel.errors import Malformed
from kernel.ids import public_id
from kernel.outbox import append
from kernel.transactions import atomic
from logistics import events
from logistics.errors import BadSignature
from logistics.gateways.base import CarrierUnknown, Report
from logistics.gateways.http_carrier import read_report
from logistics.gateways.own_hands import BY_HAND
from logistics.locks import locked_by_waybill, locked_shipment
from logistics.models import Shipment, TrackingEvent
from logistics.services.configure_carrier import callback_secret, carrier_for

TOLERANCE = timedelta(minutes=5)
POLL_AFTER = timedelta(minutes=10)
BATCH = 50
State = Shipment.State
_MOVES = {
    "accepted": State.IN_TRANSIT,
    "in_transit": State.IN_TRANSIT,
    "out_for_delivery": State.IN_TRANSIT,
    "delivered": State.DELIVERED,
    "exception": State.EXCEPTION,
    "returned": State.EXCEPTION,
}


def record_tracking(*, carrier: str, waybill: str, reports: Iterable[Report]) -> int:
    """Keep the new ones among ``reports``; how many were new. Unknown waybills are ignored."""
    with atomic():
        shipment = locked_by_waybill(carrier, waybill)
        if shipment is None:
            return 0
        return keep_reports(shipment, list(reports))


def keep_reports(shipment: Shipment, reports: list[Report]) -> int:
    """Keep the new ones of a locked parcel's reports; how many were new."""
    known = set(
        TrackingEvent.objects.filter(
            shipment=shipment, carrier_event__in=[report.id for report in reports]
        ).values_list("carrier_event", flat=True)
    )
    fresh = sorted(
        {report.id: report for report in reports if report.id not in known}.values(),
        key=lambda report: report.sequence,
    )
    now = clock.system()
    TrackingEvent.objects.bulk_create(
        TrackingEvent(
            shipment=shipment,
            carrier_event=report.id,
            sequence=report.sequence,
            code=report.code,
            description=report.description,
            location=report.location,
            occurred_at=report.occurred_at,
            received_at=now,
        )
        for report in fresh
    )
    for report in fresh:
        _apply(shipment, report)
    shipment.polled_at = now
    shipment.save()
    return len(fresh)


def _apply(shipment: Shipment, report: Report) -> None:
    """Move the parcel on, unless a later report already did; tell what was new."""
    late = report.sequence <= shipment.last_sequence
    shipment.last_sequence = max(shipment.last_sequence, report.sequence)
    to = _MOVES.get(report.code)
    name = public_id("shp", shipment.id)
    at = report.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if to and not late and to != shipment.state and shipment.TRANSITIONS.allows(shipment.state, to):
        shipment.move(to, action=f"logistics.shipment.{to}")
        if to == State.DELIVERED:
            delivered = events.ShipmentDelivered(
                shipment_id=name,
                reference=shipment.reference,
                waybill=shipment.waybill,
                occurred_at=at,
                sequence=report.sequence,
            )
            append(delivered, aggregate=shipment, merchant_id=shipment.merchant_id)
            return
    append(
        events.ShipmentMoved(
            shipment_id=name,
            reference=shipment.reference,
            waybill=shipment.waybill,
            code=report.code,
            description=report.description,
            location=report.location,
            occurred_at=at,
            sequence=report.sequence,
        ),
        aggregate=shipment,
        merchant_id=shipment.merchant_id,
    )


def receive_callback(*, carrier: str, headers: dict[str, str], body: bytes) -> int:
    """A signed push from the carrier. Raises BadSignature, Malformed."""
    _verify(callback_secret(carrier), headers, body)
    try:
        data = orjson.loads(body)["data"]
        waybill, report = str(data["waybill"]), read_report(data["event"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise Malformed(_("Not a tracking report: %(why)s.") % {"why": error}) from error
    return record_tracking(carrier=carrier, waybill=waybill, reports=[report])


def _verify(secret: str, headers: dict[str, str], body: bytes) -> None:
    """Standard Webhooks: HMAC-SHA256 over id.timestamp.body, five minutes' tolerance."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        sent = int(headers["webhook-timestamp"])
        given = headers["webhook-signature"].split(" ")
        text = f"{headers['webhook-id']}.{sent}.".encode() + body
    except (KeyError, ValueError, binascii.Error) as error:
        raise BadSignature from error
    if not key or abs(clock.system() - datetime.fromtimestamp(sent, UTC)) > TOLERANCE:
        raise BadSignature
    right = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    if not any(hmac.compare_digest(right, one) for one in given):
        raise BadSignature


def poll_shipment(*, shipment_id: UUID) -> int:
    """Ask the carrier about one parcel; how many reports were new."""
    shipment = Shipment.objects.get(id=shipment_id)
    if not shipment.waybill:
        return 0
    reports = carrier_for(shipment.carrier).reports(shipment.waybill)
    with atomic():
        return keep_reports(locked_shipment(shipment_id), reports)


def poll_quiet_shipments() -> dict[str, Any]:
    """Ask about parcels of which nothing was heard for a while: lost pushes are found so."""
    due = list(
        Shipment.objects.filter(
            state__in=[State.BOOKED, State.IN_TRANSIT, State.EXCEPTION],
            polled_at__lt=clock.system() - POLL_AFTER,
        )
        .exclude(carrier__in=BY_HAND)
        .order_by("polled_at")
        .values_list("id", flat=True)[:BATCH]
    )
    fresh = failed = 0
    for shipment_id in due:
        try:
            fresh += poll_shipment(shipment_id=shipment_id)
        except CarrierUnknown:
            failed += 1
            Shipment.objects.filter(id=shipment_id).update(polled_at=clock.system())
    return {"asked": len(due), "new": fresh, "failed": failed}
