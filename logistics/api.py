"""Routes of logistics: quotes, tariffs, parcels, the carrier's callback."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    Routes,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import Malformed, NotFound, PreconditionFailed, TooMany
from kernel.ids import public_id
from kernel.pagination import PageOf
from logistics import facade
from logistics.contracts import RateInfo, ShipmentInfo
from logistics.services.annotate import annotate_shipment
from logistics.tariff_shapes import (
    QUOTE,
    RULE,
    MerchantId,
    QuoteQuery,
    QuotesOut,
    RatesIn,
    RatesOut,
    render_quote,
)

routes = Routes("logistics", tag="Logistics")
ShipmentId = Annotated[UUID, Id("shp")]
RateId = Annotated[UUID, Id("rat")]
MERCHANT = "mer_01k00000000000000000000000"
SHIPMENT = {
    "id": "shp_01k00000000000000000000000",
    "reference": "ord_01k00000000000000000000000",
    "merchant_id": MERCHANT,
    "state": "in_transit",
    "carrier": "sandbox",
    "rate_code": "standard",
    "waybill": "SBX100000000017",
    "label_url": "",
    "weight_grams": 1200,
    "problem": "",
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T09:00:00Z",
    "tracking": [
        {
            "code": "accepted",
            "description": "Accepted",
            "location": "Changchun",
            "at": "2026-05-01T09:00:00Z",
        }
    ],
}


class RegionOut(Schema):
    code: str
    name: dict[str, str]


class RegionQuery(Schema):
    of: Annotated[str, Field(pattern=r"^\d{2}(\d{4})?$", description="A code")] | None = None


class RegionsOut(Schema):
    data: list[RegionOut]


class TrackingOut(Schema):
    code: str
    description: str
    location: str
    at: Timestamp


class ShipmentOut(Schema):
    id: ShipmentId
    reference: str
    merchant_id: MerchantId
    state: str
    carrier: str
    rate_code: str
    waybill: str
    label_url: str
    weight_grams: int
    problem: str
    external_id: str | None
    metadata: dict[str, str]
    created_at: Timestamp
    updated_at: Timestamp
    tracking: list[TrackingOut]


class ShipmentQuery(ListQuery):
    state: str | None = None


class ShipmentPatch(Schema):
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class HandReport(Schema):
    what: Literal["out_for_delivery", "delivered"]
    code: Annotated[
        str, Field(max_length=12, description="The buyer's six digits, of goods that are fetched")
    ] = ""


class CarrierReceived(Schema):
    new: int


def render_shipment(info: ShipmentInfo) -> dict[str, Any]:
    return {
        "id": public_id("shp", info.id),
        "reference": info.reference,
        "merchant_id": public_id("mer", info.merchant_id),
        "state": info.state,
        "carrier": info.carrier,
        "rate_code": info.rate_code,
        "waybill": info.waybill,
        "label_url": info.label_url,
        "weight_grams": info.weight_grams,
        "problem": info.problem,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
        "tracking": [
            {"code": t.code, "description": t.description, "location": t.location, "at": t.at}
            for t in info.tracking
        ],
    }


def _rates(rows: list[RateInfo]) -> dict[str, Any]:
    return {"data": [row.rule for row in rows], "own": bool(rows)}


@routes.get(
    "/shipping/regions",
    summary="Province-level regions and their codes; of one its cities, of a city its districts",
    permission="public",
    response=RegionsOut,
    errors=(facade.UnknownArea,),
    example={"data": [{"code": "22", "name": {"zh-Hans": "吉林省", "en": "Jilin"}}]},
)
def list_regions(request: ApiRequest, q: RegionQuery = Query(...)) -> dict[str, Any]:
    if q.of:
        found = [(one.code, {"zh-Hans": one.name}) for one in facade.areas_of(q.of)]
    else:
        found = [(code, {"zh-Hans": zh, "en": en}) for code, (zh, en) in facade.REGIONS.items()]
    return {"data": [{"code": code, "name": name} for code, name in found]}


@routes.get(
    "/shipping/quotes",
    summary="What one merchant's parcel would cost",
    permission="public",
    response=QuotesOut,
    errors=(facade.NoRate, facade.TooBig, facade.TooHeavy, facade.UnknownRegion),
    example={"data": [QUOTE]},
)
def get_quotes(request: ApiRequest, q: QuoteQuery = Query(...)) -> dict[str, Any]:
    load = facade.Load(
        weight_grams=q.weight_grams,
        goods_value=q.goods_value,
        volume_mm3=q.volume_cm3 * 1000,
        longest_mm=q.longest_side_mm,
    )
    found = facade.quotes_for(region=q.region, parcels={q.merchant_id: load})
    return {"data": [render_quote(quote) for quote in found[q.merchant_id]]}


@routes.get(
    "/shipping/rates",
    summary="Your own tariffs",
    audience={"merchant"},
    scope="shipments:read",
    permission="orders.see",
    response=RatesOut,
    example={"data": [RULE], "own": True},
)
def get_rates(request: ApiRequest) -> dict[str, Any]:
    return _rates(facade.rates(merchant_id=_merchant(request)))


@routes.put(
    "/shipping/rates",
    summary="Replace your tariffs; an empty list goes back to the platform's",
    audience={"merchant"},
    scope="shipments:write",
    permission="orders",
    response=RatesOut,
    errors=(facade.UnknownRegion,),
    example={"data": [RULE], "own": True},
    request_example={"rates": [RULE]},
)
def put_rates(request: ApiRequest, body: RatesIn) -> dict[str, Any]:
    rules = [rule.rule() for rule in body.rates]
    return _rates(facade.set_rates(merchant_id=_merchant(request), rules=rules))


@routes.get(
    "/shipments",
    summary="Parcels, newest first",
    audience={"merchant", "operator"},
    scope="shipments:read",
    permission="orders.see",
    response=ListOf[ShipmentOut],
    example={"data": [SHIPMENT], "has_more": False, "next_cursor": None},
)
def list_shipments(request: ApiRequest, q: ShipmentQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return facade.shipments(
        merchant_id=request.actor.merchant_id,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order({"-created_at": ("-created_at", "-id")}, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render_shipment)


@routes.get(
    "/shipments/{shipment_id}",
    summary="One parcel with its tracking",
    audience={"merchant", "operator"},
    scope="shipments:read",
    permission="orders.see",
    response=ShipmentOut,
    errors=(facade.ShipmentNotFound,),
    example=SHIPMENT,
)
def get_shipment(request: ApiRequest, shipment_id: ShipmentId) -> dict[str, Any]:
    info = facade.shipment(shipment_id=shipment_id, merchant_id=request.actor.merchant_id)
    set_etag(request, info.version)
    return render_shipment(info)


@routes.patch(
    "/shipments/{shipment_id}",
    summary="Put your own id and data on a parcel",
    audience={"merchant"},
    scope="shipments:write",
    permission="orders",
    response=ShipmentOut,
    errors=(facade.ShipmentNotFound, PreconditionFailed),
    example=SHIPMENT,
    request_example={"external_id": "WMS-881", "metadata": {"dock": "3"}},
)
def patch_shipment(
    request: ApiRequest, shipment_id: ShipmentId, body: ShipmentPatch
) -> dict[str, Any]:
    info = annotate_shipment(
        shipment_id=shipment_id,
        merchant_id=_merchant(request),
        changes=body.model_dump(exclude_unset=True),
        check=lambda version: check_if_match(request, version),
    )
    set_etag(request, info.version)
    return render_shipment(info)


@routes.post(
    "/shipments/{shipment_id}/report",
    summary="Say that a parcel without a carrier is on its way, or that the buyer has it",
    audience={"merchant"},
    scope="shipments:write",
    permission="orders",
    response=ShipmentOut,
    outside=True,  # wrong codes are counted, whatever becomes of the request
    errors=(facade.ShipmentNotFound, facade.NotByHand, facade.WrongPickupCode, TooMany),
    example=SHIPMENT,
    request_example={"what": "delivered", "code": "052917"},
)
def report_shipment(
    request: ApiRequest, shipment_id: ShipmentId, body: HandReport
) -> dict[str, Any]:
    info = facade.report_by_hand(
        shipment_id=shipment_id, merchant_id=_merchant(request), **body.model_dump()
    )
    return render_shipment(info)


@routes.post(
    "/callbacks/carriers/{carrier}",
    summary="Where a carrier reports tracking, signed",
    permission="public",
    response=CarrierReceived,
    takes="application/json",
    errors=(facade.BadSignature, Malformed),
    example={"new": 1},
)
def carrier_callback(request: ApiRequest, carrier: str) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return {"new": facade.receive_callback(carrier=carrier, headers=headers, body=request.body)}


def _merchant(request: ApiRequest) -> UUID:
    if request.actor.merchant_id is None:
        raise NotFound
    return request.actor.merchant_id
