"""What the merchant says of parcels that no carrier has: on the way, handed over, fetched."""

import hmac
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import clock, ratelimit, tenancy
from kernel.errors import TooMany
from kernel.seal import derived_key, derived_keys
from kernel.transactions import atomic
from logistics.contracts import ShipmentInfo
from logistics.errors import NotByHand, ShipmentNotFound, WrongPickupCode
from logistics.gateways.base import Report
from logistics.gateways.own_hands import BY_HAND, PICKUP
from logistics.locks import locked_shipment
from logistics.models import Shipment
from logistics.selectors import shipment
from logistics.services.tracking import keep_reports

State = Shipment.State
SAYABLE = ("out_for_delivery", "delivered")
TRIES = 10  # wrong codes an hour, of a million


def pickup_code(shipment_id: UUID) -> str:
    """Six digits (取货码) that show who may fetch a parcel: on the buyer's pages and in letters,
    never on the merchant's. Derived from the deployment's key, so nothing is kept."""
    return _digits(derived_key("pickup-code", _salt(shipment_id)))


def report_by_hand(
    *, shipment_id: UUID, merchant_id: UUID, what: str, code: str = ""
) -> ShipmentInfo:
    """Say that a parcel is on its way (``out_for_delivery``; not for what is fetched), or that the
    buyer has it (``delivered``; of what is fetched with the buyer's ``code``). Said again, nothing
    changes. Raises ShipmentNotFound, NotByHand, WrongPickupCode, TooMany."""
    row = Shipment.objects.filter(id=shipment_id, merchant_id=merchant_id).first()
    if row is None:
        raise ShipmentNotFound
    fetched = row.carrier == PICKUP
    if what not in SAYABLE or row.carrier not in BY_HAND or (fetched and what != "delivered"):
        raise NotByHand
    if row.state == State.DELIVERED:
        return shipment(shipment_id=shipment_id, merchant_id=merchant_id)
    if fetched:
        _check(shipment_id, code)
    with atomic():
        row = locked_shipment(shipment_id)
        if row.state not in (State.BOOKED, State.IN_TRANSIT, State.DELIVERED):
            raise NotByHand
        at = clock.business()
        keep_reports(row, [Report(f"hand-{what}", row.last_sequence + 1, what, "", "", at)])
    return shipment(shipment_id=shipment_id, merchant_id=merchant_id)


def _check(shipment_id: UUID, code: str) -> None:
    """Codes from before a change of the master key are good until the old key is dropped."""
    verdict = ratelimit.hit_strict(f"pickup:{shipment_id}", limit=TRIES, seconds=3600)
    if not verdict.allowed:
        raise TooMany(_("Too many wrong codes."), retry_after=verdict.reset)
    keys = derived_keys("pickup-code", _salt(shipment_id))
    given = "".join(code.split()).encode()
    if not any(hmac.compare_digest(given, _digits(key).encode()) for key in keys):
        raise WrongPickupCode(field="code")


def _digits(key: bytes) -> str:
    return f"{int.from_bytes(key[:8], 'big') % 1_000_000:06d}"


def _salt(shipment_id: UUID) -> bytes:
    return tenancy.current_id().bytes + shipment_id.bytes
