"""Transfers between a merchant's warehouses."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from inventory import documents
from inventory.api.goods import (
    MERCHANT,
    MOMENT,
    VARIANT,
    WAREHOUSE,
    LineOut,
    Lines,
    Note,
    lines_of,
)
from inventory.api.routes import (
    STAFF,
    MerchantId,
    TransferId,
    WarehouseId,
    own,
    own_or_any,
    routes,
)
from inventory.contracts import TransferInfo
from inventory.errors import (
    InvalidStockQuantity,
    LossUnexplained,
    MoreThanSent,
    OutOfStock,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.services import transfers
from kernel.api import (
    ApiRequest,
    DecimalStr,
    Id,
    ListOf,
    ListQuery,
    Schema,
    Timestamp,
    set_etag,
)
from kernel.errors import Invalid, InvalidTransition
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms.facade import MerchantNotApproved

SORTS: dict[str, tuple[str, ...]] = {"created_at": ("id",), "-created_at": ("-id",)}
LossCause = Literal["damaged", "lost", "stolen", "miscounted", "other"]
TARGET = "whs_01k00000000000000000000001"
EXAMPLE = {
    "id": "trf_01k00000000000000000000000",
    "merchant": MERCHANT,
    "source": WAREHOUSE,
    "target": TARGET,
    "note": "",
    "state": "received",
    "loss_cause": "damaged",
    "loss_note": "",
    "lines": [
        {
            "variant": VARIANT,
            "unit": "C62",
            "quantity": "12.000",
            "received": "11.000",
            "lost": "1.000",
        }
    ],
    "created_at": MOMENT,
    "updated_at": MOMENT,
}


class TransferLineOut(LineOut):
    """``received`` is null until the transfer has arrived."""

    quantity: DecimalStr
    received: DecimalStr | None
    lost: DecimalStr


class TransferOut(Schema):
    id: Annotated[UUID, Id("trf")]
    merchant: Annotated[UUID, Id("mer")]
    source: Annotated[UUID, Id("whs")]
    target: Annotated[UUID, Id("whs")]
    note: str
    state: str = Field(description="requested, sent, received, cancelled")
    loss_cause: str = Field(description="damaged, lost, stolen, miscounted, other; empty: no loss")
    loss_note: str
    lines: list[TransferLineOut]
    created_at: Timestamp
    updated_at: Timestamp


class TransferIn(Schema):
    source: WarehouseId
    target: WarehouseId
    lines: Lines
    note: Note = ""


class TransferReceive(Schema):
    """Without ``lines`` all of it arrived; what isn't named in them didn't."""

    lines: Lines | None = None
    loss_cause: LossCause | None = None
    loss_note: Note = ""


class TransferQuery(ListQuery):
    merchant: MerchantId | None = None
    warehouse: WarehouseId | None = Field(None, description="Source or target")
    state: Literal["requested", "sent", "received", "cancelled"] | None = None


@routes.get(
    "/stock-transfers",
    summary="Transfers between warehouses, the latest first",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[TransferOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_transfers(request: ApiRequest, q: TransferQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return documents.transfers_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        warehouse_id=q.warehouse,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render)


@routes.post(
    "/stock-transfers",
    summary="Ask for goods to be moved; nothing moves yet",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    status=201,
    response=TransferOut,
    errors=(MerchantNotApproved, VariantUnknown, WarehouseUnknown, InvalidStockQuantity, Invalid),
    example={
        **EXAMPLE,
        "state": "requested",
        "loss_cause": "",
        "lines": [
            {
                "variant": VARIANT,
                "unit": "C62",
                "quantity": "12.000",
                "received": None,
                "lost": "0",
            }
        ],
    },
    request_example={
        "source": WAREHOUSE,
        "target": TARGET,
        "lines": [{"variant": VARIANT, "quantity": "12"}],
    },
)
def create_transfer(request: ApiRequest, body: TransferIn) -> dict[str, Any]:
    info = transfers.create_transfer(
        merchant_id=own(request.actor),
        source_id=body.source,
        target_id=body.target,
        lines=lines_of(body.lines),
        note=body.note,
    )
    return _answer(request, info)


@routes.get(
    "/stock-transfers/{transfer_id}",
    summary="One transfer",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=TransferOut,
    example=EXAMPLE,
)
def get_transfer(request: ApiRequest, transfer_id: TransferId) -> dict[str, Any]:
    return _answer(request, documents.transfer(transfer_id, own_or_any(request.actor)))


@routes.post(
    "/stock-transfers/{transfer_id}/send",
    summary="The goods leave the source",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=TransferOut,
    errors=(MerchantNotApproved, OutOfStock, InvalidTransition),
    example=EXAMPLE,
)
def send_transfer(request: ApiRequest, transfer_id: TransferId) -> dict[str, Any]:
    info = transfers.send_transfer(transfer_id=transfer_id, merchant_id=own(request.actor))
    return _answer(request, info)


@routes.post(
    "/stock-transfers/{transfer_id}/receive",
    summary="The goods arrive in the target; what is missing is lost",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=TransferOut,
    errors=(
        MerchantNotApproved,
        LossUnexplained,
        MoreThanSent,
        VariantUnknown,
        InvalidStockQuantity,
        Invalid,
        InvalidTransition,
    ),
    example=EXAMPLE,
    request_example={
        "lines": [{"variant": VARIANT, "quantity": "11"}],
        "loss_cause": "damaged",
    },
)
def receive_transfer(
    request: ApiRequest, transfer_id: TransferId, body: TransferReceive
) -> dict[str, Any]:
    info = transfers.receive_transfer(
        transfer_id=transfer_id,
        merchant_id=own(request.actor),
        lines=None if body.lines is None else lines_of(body.lines),
        loss_cause=body.loss_cause or "",
        loss_note=body.loss_note,
    )
    return _answer(request, info)


@routes.post(
    "/stock-transfers/{transfer_id}/cancel",
    summary="It doesn't take place; what was sent goes back into the source",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=TransferOut,
    errors=(MerchantNotApproved, InvalidTransition),
    example={**EXAMPLE, "state": "cancelled"},
)
def cancel_transfer(request: ApiRequest, transfer_id: TransferId) -> dict[str, Any]:
    info = transfers.cancel_transfer(transfer_id=transfer_id, merchant_id=own(request.actor))
    return _answer(request, info)


def _answer(request: ApiRequest, info: TransferInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _render(info)


def _render(info: TransferInfo) -> dict[str, Any]:
    return {
        "id": public_id("trf", info.id),
        "merchant": public_id("mer", info.merchant_id),
        "source": public_id("whs", info.source_id),
        "target": public_id("whs", info.target_id),
        "note": info.note,
        "state": str(info.state),
        "loss_cause": info.loss_cause,
        "loss_note": info.loss_note,
        "lines": [
            {
                "variant": public_id("var", line.variant_id),
                "unit": line.unit,
                "quantity": line.quantity,
                "received": line.received,
                "lost": line.lost,
            }
            for line in info.lines
        ],
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }
