"""Expected receipts: what is to arrive, received in parts, closed or cancelled."""

from datetime import date
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query
from pydantic import Field

from inventory import documents
from inventory.api.goods import (
    MERCHANT,
    MOMENT,
    VARIANT,
    WAREHOUSE,
    Code,
    LineOut,
    Lines,
    Note,
    lines_of,
)
from inventory.api.routes import STAFF, MerchantId, ReceiptId, WarehouseId, own, own_or_any, routes
from inventory.contracts import DeliveryInfo, ReceiptInfo
from inventory.errors import (
    InvalidStockQuantity,
    KeyMismatch,
    NotExpected,
    OverDelivery,
    ReceiptBegun,
    ReferenceTaken,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.services import incoming
from inventory.services.incoming import ReceiptChanges
from kernel.api import (
    ApiRequest,
    Day,
    DecimalStr,
    Id,
    ListOf,
    ListQuery,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import Invalid, InvalidTransition, PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms.facade import MerchantNotApproved

SORTS: dict[str, tuple[str, ...]] = {"created_at": ("id",), "-created_at": ("-id",)}
WRITING = (
    MerchantNotApproved,
    VariantUnknown,
    WarehouseUnknown,
    InvalidStockQuantity,
    Invalid,
)
EXAMPLE = {
    "id": "rcp_01k00000000000000000000000",
    "merchant": MERCHANT,
    "warehouse": WAREHOUSE,
    "reference": "PO-2026-118",
    "expected_on": "2026-05-08",
    "note": "",
    "state": "partly_received",
    "lines": [
        {
            "variant": VARIANT,
            "unit": "C62",
            "expected": "100.000",
            "received": "60.000",
            "missing": "40.000",
            "over": "0.000",
        }
    ],
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
REQUEST = {
    "warehouse": WAREHOUSE,
    "reference": "PO-2026-118",
    "expected_on": "2026-05-08",
    "lines": [{"variant": VARIANT, "quantity": "100"}],
    "confirm": True,
}


class ReceiptLineOut(LineOut):
    """``missing`` is still to come, or never came; ``over`` came on top."""

    expected: DecimalStr
    received: DecimalStr
    missing: DecimalStr
    over: DecimalStr


class ReceiptOut(Schema):
    id: Annotated[UUID, Id("rcp")]
    merchant: Annotated[UUID, Id("mer")]
    warehouse: Annotated[UUID, Id("whs")]
    reference: str
    expected_on: date | None
    note: str
    state: str = Field(description="draft, expected, partly_received, received, cancelled")
    lines: list[ReceiptLineOut]
    created_at: Timestamp
    updated_at: Timestamp


class ReceiptIn(Schema):
    """``reference`` is your own number of the purchase; ``confirm`` makes it expected at once."""

    warehouse: WarehouseId
    reference: Code
    expected_on: Day | None = None
    note: Note = ""
    lines: Lines
    confirm: bool = False


class ReceiptChange(Schema):
    """Warehouse, reference and lines only until goods have arrived."""

    warehouse: WarehouseId | None = None
    reference: Code | None = None
    expected_on: Day | None = None
    note: Note | None = None
    lines: Lines | None = None


class ExpectedDeliveryIn(Schema):
    """``delivery`` is the number of the delivery note: the same again books nothing."""

    delivery: Code
    lines: Lines
    accept_over: bool = Field(False, description="Take more than is expected, too")
    note: Note = ""


class DeliveryLineOut(Schema):
    variant: Annotated[UUID, Id("var")]
    quantity: DecimalStr


class ExpectedDeliveryOut(Schema):
    delivery: str
    note: str
    lines: list[DeliveryLineOut]
    created_at: Timestamp


class ReceiptQuery(ListQuery):
    merchant: MerchantId | None = None
    warehouse: WarehouseId | None = None
    state: Literal["draft", "expected", "partly_received", "received", "cancelled"] | None = None


@routes.get(
    "/stock-receipts",
    summary="What is to arrive or has arrived, the latest first",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[ReceiptOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_receipts(request: ApiRequest, q: ReceiptQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return documents.receipts_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        warehouse_id=q.warehouse,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render)


@routes.post(
    "/stock-receipts",
    summary="Write down what is to arrive",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    status=201,
    response=ReceiptOut,
    errors=(*WRITING, ReferenceTaken),
    example=EXAMPLE,
    request_example=REQUEST,
)
def create_receipt(request: ApiRequest, body: ReceiptIn) -> dict[str, Any]:
    info = incoming.create_receipt(
        merchant_id=own(request.actor),
        warehouse_id=body.warehouse,
        reference=body.reference,
        expected_on=body.expected_on,
        note=body.note,
        lines=lines_of(body.lines),
        confirm=body.confirm,
    )
    return _answer(request, info)


@routes.get(
    "/stock-receipts/{receipt_id}",
    summary="One receipt",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ReceiptOut,
    example=EXAMPLE,
)
def get_receipt(request: ApiRequest, receipt_id: ReceiptId) -> dict[str, Any]:
    return _answer(request, documents.receipt(receipt_id, own_or_any(request.actor)))


@routes.patch(
    "/stock-receipts/{receipt_id}",
    summary="Change a receipt",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=ReceiptOut,
    errors=(*WRITING, ReferenceTaken, ReceiptBegun, PreconditionFailed),
    example=EXAMPLE,
    request_example={"expected_on": "2026-05-09"},
)
def change_receipt(
    request: ApiRequest, receipt_id: ReceiptId, body: ReceiptChange
) -> dict[str, Any]:
    changes: dict[str, Any] = {
        name: getattr(body, name)
        for name in body.model_fields_set
        if name == "expected_on" or getattr(body, name) is not None
    }
    if "warehouse" in changes:
        changes["warehouse_id"] = changes.pop("warehouse")
    if "lines" in changes:
        changes["lines"] = lines_of(changes["lines"])
    info = incoming.change_receipt(
        receipt_id=receipt_id,
        merchant_id=own(request.actor),
        changes=cast(ReceiptChanges, changes),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.post(
    "/stock-receipts/{receipt_id}/confirm",
    summary="Expect it: from now on its goods are incoming",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=ReceiptOut,
    errors=(MerchantNotApproved, InvalidTransition),
    example=EXAMPLE,
)
def confirm_receipt(request: ApiRequest, receipt_id: ReceiptId) -> dict[str, Any]:
    info = incoming.confirm_receipt(receipt_id=receipt_id, merchant_id=own(request.actor))
    return _answer(request, info)


@routes.post(
    "/stock-receipts/{receipt_id}/receive",
    summary="Book one delivery; its goods are on hand at once",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=ReceiptOut,
    errors=(*WRITING, OverDelivery, NotExpected, KeyMismatch, InvalidTransition),
    example=EXAMPLE,
    request_example={"delivery": "DN-7731", "lines": [{"variant": VARIANT, "quantity": "60"}]},
)
def receive_goods(
    request: ApiRequest, receipt_id: ReceiptId, body: ExpectedDeliveryIn
) -> dict[str, Any]:
    info = incoming.receive_goods(
        receipt_id=receipt_id,
        merchant_id=own(request.actor),
        delivery=body.delivery,
        lines=lines_of(body.lines),
        accept_over=body.accept_over,
        note=body.note,
    )
    return _answer(request, info)


@routes.get(
    "/stock-receipts/{receipt_id}/deliveries",
    summary="What was booked of a receipt, the latest first",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[ExpectedDeliveryOut],
    errors=(Invalid,),
    example={
        "data": [
            {
                "delivery": "DN-7731",
                "note": "",
                "lines": [{"variant": VARIANT, "quantity": "60.000"}],
                "created_at": MOMENT,
            }
        ],
        "has_more": False,
        "next_cursor": None,
    },
)
def list_deliveries(
    request: ApiRequest, receipt_id: ReceiptId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    if q.updated_since is not None:
        raise Invalid(_("Deliveries never change; use cursor."), field="updated_since")
    return documents.deliveries_page(
        receipt_id=receipt_id,
        merchant_id=own_or_any(request.actor),
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render_delivery)


@routes.post(
    "/stock-receipts/{receipt_id}/close",
    summary="Nothing more will come",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=ReceiptOut,
    errors=(InvalidTransition,),
    example={**EXAMPLE, "state": "received"},
)
def close_receipt(request: ApiRequest, receipt_id: ReceiptId) -> dict[str, Any]:
    info = incoming.close_receipt(receipt_id=receipt_id, merchant_id=own(request.actor))
    return _answer(request, info)


@routes.post(
    "/stock-receipts/{receipt_id}/cancel",
    summary="It won't come at all",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=ReceiptOut,
    errors=(InvalidTransition,),
    example={**EXAMPLE, "state": "cancelled"},
)
def cancel_receipt(request: ApiRequest, receipt_id: ReceiptId) -> dict[str, Any]:
    info = incoming.cancel_receipt(receipt_id=receipt_id, merchant_id=own(request.actor))
    return _answer(request, info)


def _answer(request: ApiRequest, info: ReceiptInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _render(info)


def _render(info: ReceiptInfo) -> dict[str, Any]:
    return {
        "id": public_id("rcp", info.id),
        "merchant": public_id("mer", info.merchant_id),
        "warehouse": public_id("whs", info.warehouse_id),
        "reference": info.reference,
        "expected_on": info.expected_on,
        "note": info.note,
        "state": str(info.state),
        "lines": [
            {
                "variant": public_id("var", line.variant_id),
                "unit": line.unit,
                "expected": line.expected,
                "received": line.received,
                "missing": line.missing,
                "over": line.over,
            }
            for line in info.lines
        ],
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _render_delivery(info: DeliveryInfo) -> dict[str, Any]:
    return {
        "delivery": info.delivery,
        "note": info.note,
        "lines": [
            {"variant": public_id("var", line.variant_id), "quantity": line.quantity}
            for line in info.lines
        ],
        "created_at": info.created_at,
    }
