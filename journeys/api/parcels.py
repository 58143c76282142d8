"""Routes by which an order is sent, in one parcel or in several, and followed."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from journeys import facade
from journeys.api.orders import visible_order
from journeys.api.routes import routes
from journeys.shapes import ORDER, STEP, JourneyOut, OrderId, render_journey
from kernel.api import (
    ApiRequest,
    DecimalStr,
    Id,
    ListOf,
    ListQuery,
    PositiveDecimalStr,
    Schema,
    Timestamp,
)
from kernel.ids import public_id
from kernel.pagination import PageOf
from kernel.quantity import Quantity
from logistics import facade as logistics
from marketplace import facade as marketplace

STATES = "booking (the carrier hasn't answered yet), sent, delivered"
VARIANT = "var_01k00000000000000000000000"
PARCEL = {
    "number": "20261124-4K7Q9M2X-1-P1",
    "order": ORDER,
    "state": "sent",
    "shipment": "shp_01k00000000000000000000000",
    "carrier": "sandbox",
    "waybill": "SBX100000000017",
    "lines": [
        {
            "variant_id": VARIANT,
            "sku": "TEA-50",
            "title": {"zh-Hans": "长白山红茶", "en": "Changbai black tea"},
            "quantity": "1",
            "unit": "C62",
        }
    ],
    "begun_at": "2026-05-01T08:59:59Z",
    "sent_at": "2026-05-01T09:00:00Z",
    "delivered_at": None,
    "pickup_code": None,
    "tracking": [
        {
            "code": "accepted",
            "description": "Accepted",
            "location": "Changchun",
            "at": "2026-05-01T09:30:00Z",
        }
    ],
}


class ParcelWantedLine(Schema):
    variant_id: Annotated[UUID, Id("var")]
    quantity: PositiveDecimalStr


class ParcelIn(Schema):
    lines: Annotated[list[ParcelWantedLine], Field(min_length=1, max_length=200)] | None = Field(
        None, description="What goes into the parcel; all that is left unless named"
    )

    def wanted(self, order: marketplace.OrderInfo) -> dict[UUID, Decimal] | None:
        """Quantities by the order's lines. Raises InvalidParcel for what it has none of, and for
        what is named twice."""
        if self.lines is None:
            return None
        lines = {line.variant_id: line.id for line in order.lines}
        found: dict[UUID, Decimal] = {}
        for place, one in enumerate(self.lines):
            line = lines.pop(one.variant_id, None)
            if line is None:
                raise marketplace.InvalidParcel(field=f"lines.{place}.variant_id")
            found[line] = one.quantity
        return found


class ParcelLineOut(Schema):
    variant_id: Annotated[UUID, Id("var")]
    sku: str
    title: dict[str, str]
    quantity: DecimalStr
    unit: str


class StepOut(Schema):
    code: str
    description: str
    location: str
    at: Timestamp


class ParcelOut(Schema):
    number: str
    order: OrderId
    state: str = Field(description=STATES)
    shipment: Annotated[UUID, Id("shp")] | None = Field(
        description="For merchants: see /shipments/{shipment_id}, with the label"
    )
    carrier: str
    waybill: str
    lines: list[ParcelLineOut]
    begun_at: Timestamp
    sent_at: Timestamp | None
    delivered_at: Timestamp | None
    pickup_code: str | None = Field(
        description="For buyers, while it waits to be fetched: the code to show there"
    )
    tracking: list[StepOut] = Field(description="What the carrier reported, oldest first")


def _render(
    parcel: marketplace.ParcelInfo,
    shipment: logistics.ShipmentInfo | None,
    *,
    for_buyer: bool = False,
) -> dict[str, Any]:
    waits = shipment is not None and (shipment.carrier, shipment.state) == ("pickup", "booked")
    return {
        "number": parcel.number,
        "order": public_id("ord", parcel.order_id),
        "state": parcel.state,
        "shipment": public_id("shp", parcel.shipment_id) if parcel.shipment_id else None,
        "carrier": shipment.carrier if shipment else "",
        "waybill": parcel.waybill,
        "lines": [
            {
                "variant_id": public_id("var", line.variant_id),
                "sku": line.sku,
                "title": line.titles,
                "quantity": Quantity(line.quantity, line.unit).text(),
                "unit": line.unit,
            }
            for line in parcel.lines
        ],
        "begun_at": parcel.begun_at,
        "sent_at": parcel.sent_at,
        "delivered_at": parcel.delivered_at,
        "pickup_code": logistics.pickup_code(shipment.id)
        if for_buyer and shipment is not None and waits
        else None,
        "tracking": [
            {"code": t.code, "description": t.description, "location": t.location, "at": t.at}
            for t in (shipment.tracking if shipment else ())
        ],
    }


SHIPPING = (
    marketplace.OrderNotFound,
    marketplace.OrderState,
    marketplace.NothingToShip,
    marketplace.GoodsAwaited,
    facade.NotShippable,
    facade.ContractMissing,
)


@routes.post(
    "/orders/{order_id}/ship",
    summary="Send all that is left of an order in one parcel",
    audience={"merchant"},
    scope="orders:write",
    permission="orders",
    response=JourneyOut,
    outside=True,
    errors=SHIPPING,
    example={**STEP, "kind": "fulfil", "step": "mark"},
)
def ship_order(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = visible_order(request, order_id)
    return render_journey(facade.ship_order(order_id=order.id))


@routes.post(
    "/orders/{order_id}/parcels",
    summary="Send some of an order in a parcel of its own; the rest can follow in others",
    audience={"merchant"},
    scope="orders:write",
    permission="orders",
    status=201,
    response=ParcelOut,
    outside=True,
    errors=(*SHIPPING, marketplace.InvalidParcel),
    example={**PARCEL, "tracking": []},
    request_example={"lines": [{"variant_id": VARIANT, "quantity": "1"}]},
)
def create_parcel(request: ApiRequest, order_id: OrderId, body: ParcelIn) -> dict[str, Any]:
    order = visible_order(request, order_id)
    made = facade.send_parcel(
        key=request.idempotency_token, order_id=order.id, lines=body.wanted(order)
    )
    found = facade.parcels_with_tracking(order_id=order.id)
    return next(_render(*one) for one in found if one[0].id == made.id)


@routes.get(
    "/orders/{order_id}/parcels",
    summary="An order's parcels: what is in each, and where it is",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:read",
    permission="orders.see",
    response=ListOf[ParcelOut],
    errors=(marketplace.OrderNotFound,),
    example={"data": [PARCEL], "has_more": False, "next_cursor": None},
)
def list_parcels(
    request: ApiRequest, order_id: OrderId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    order = visible_order(request, order_id)
    found = facade.parcels_with_tracking(order_id=order.id)
    buyer = request.actor.kind in ("buyer", "guest")
    rows = [_render(parcel, shipment, for_buyer=buyer) for parcel, shipment in found]
    return PageOf(rows, False, None)
