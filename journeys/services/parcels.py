"""Orders are sent: all that is left in one parcel, or in several, part by part."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID, uuid5

from journeys.contracts import JourneyInfo
from journeys.engine import start
from journeys.errors import NotShippable
from journeys.models import Journey
from journeys.selectors import journey_info
from kernel.errors import NotFound
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace

KIND = "fulfil"
ENDED = (Journey.State.DONE, Journey.State.UNDONE)


def ship_order(*, order_id: UUID) -> JourneyInfo:
    """Send all that is left in one parcel: book it with the carrier and mark it as sent. A second
    click joins the first. Raises OrderState, NothingToShip, GoodsAwaited, ContractMissing, and
    NotShippable when the carrier refuses it."""
    # Counted before the order is looked at: what ends in between has left nothing to send.
    runs = Journey.objects.filter(kind=KIND, subject=str(order_id))
    earlier = runs.filter(state__in=ENDED).count()
    order = _order(order_id)
    last = runs.filter(state=Journey.State.DONE).order_by("-id").first()
    if last is not None and order.shipped_at is not None:
        return journey_info(last)
    info = _start(order, uuid5(order_id, f"{KIND}:{earlier}"), None)
    _not_refused(info)
    return info


def send_parcel(
    *, key: UUID, order_id: UUID, lines: Mapping[UUID, Decimal] | None = None
) -> marketplace.ParcelInfo:
    """Send so much of these lines (ids of the order's lines; None: all that is left) in a parcel
    of its own: as it stands when the carrier has answered, ``booking`` while it hasn't.

    The same ``key`` again is the same parcel. Raises OrderState, NothingToShip, GoodsAwaited,
    InvalidParcel, ContractMissing, and NotShippable when the carrier refuses it.
    """
    own = uuid5(order_id, f"{KIND}:{key}")
    info = _start(_order(order_id), own, lines)
    _not_refused(info)
    parcel = marketplace.parcel_by_key(key=own)
    assert parcel is not None  # the first commit made it
    return parcel


def _not_refused(info: JourneyInfo) -> None:
    """Raises NotShippable, with the carrier's reason, when the parcel isn't sent."""
    if info.state in ("undone", "undoing"):
        raise NotShippable(str((info.error or {}).get("detail") or "") or None)


def parcels_with_tracking(
    *, order_id: UUID
) -> list[tuple[marketplace.ParcelInfo, logistics.ShipmentInfo | None]]:
    """An order's parcels, each with where it is; None while the carrier hasn't got it."""
    known = {one.id: one for one in logistics.shipments_for(reference=public_id("ord", order_id))}
    return [
        (one, known.get(one.shipment_id) if one.shipment_id else None)
        for one in marketplace.parcels_of(order_id=order_id)
    ]


def _order(order_id: UUID) -> marketplace.OrderInfo:
    order = marketplace.order(order_id=order_id)
    if order is None:
        raise NotFound
    return order


def _start(
    order: marketplace.OrderInfo, key: UUID, lines: Mapping[UUID, Decimal] | None
) -> JourneyInfo:
    data = {
        "order_id": str(order.id),
        "lines": None if lines is None else [[str(one), str(n)] for one, n in lines.items()],
    }
    return journey_info(start(KIND, key=key, data=data, merchant_id=order.merchant_id))
