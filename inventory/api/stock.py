"""Stock: read, set with the expected value, adjust with a reason, and what moved."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query
from pydantic import Field, ValidationError

from inventory import selectors
from inventory.api.routes import (
    STAFF,
    MerchantId,
    StockId,
    VariantId,
    WarehouseId,
    own,
    own_or_any,
    routes,
)
from inventory.contracts import MovementInfo, StockInfo, StockSetting
from inventory.errors import (
    InvalidStockQuantity,
    StockChanged,
    StockReserved,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.services import stock
from kernel.api import ApiRequest, DecimalStr, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.api.problems import problem
from kernel.errors import DomainError, FieldProblem, Invalid, TooLarge
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms.facade import MerchantNotApproved

SORTS: dict[str, tuple[str, ...]] = {"created_at": ("id",), "-created_at": ("-id",)}
WRITING = (
    MerchantNotApproved,
    VariantUnknown,
    WarehouseUnknown,
    StockReserved,
    InvalidStockQuantity,
)
ReasonName = Literal[
    "counted", "received", "returned", "found", "damaged", "lost", "correction", "other"
]
Note = Annotated[str, Field(max_length=300)]
Sku = Annotated[str, Field(min_length=1, max_length=64)]
EXAMPLE = {
    "id": "stk_01k00000000000000000000000",
    "merchant": "mer_01k00000000000000000000000",
    "variant": "var_01k00000000000000000000000",
    "warehouse": "whs_01k00000000000000000000000",
    "on_hand": "40.000",
    "reserved": "2.000",
    "available": "38.000",
    "incoming": "20.000",
    "promised": "0.000",
    "low_at": "5.000",
    "low": False,
    "unit": "C62",
    "updated_at": "2026-05-01T08:00:00Z",
}
PLACE = {
    "variant": "var_01k00000000000000000000000",
    "warehouse": "whs_01k00000000000000000000000",
}


class StockOut(Schema):
    """Quantities are in the variant's unit (Rec 20)."""

    id: Annotated[UUID, Id("stk")]
    merchant: Annotated[UUID, Id("mer")]
    variant: Annotated[UUID, Id("var")]
    warehouse: Annotated[UUID, Id("whs")]
    on_hand: DecimalStr
    reserved: DecimalStr
    available: DecimalStr
    incoming: DecimalStr = Field(description="Still to come by receipts and transfers")
    promised: DecimalStr = Field(description="Of the variant, sold beyond all of its stock")
    low_at: DecimalStr | None = Field(description="Fewer available than this is low")
    low: bool
    unit: str
    updated_at: Timestamp


class StockSet(Schema):
    """The variant by ``variant`` or by ``sku``. ``expected`` is what you believe is on hand."""

    warehouse: WarehouseId
    variant: VariantId | None = None
    sku: Sku | None = None
    on_hand: DecimalStr
    expected: DecimalStr | None = None
    note: Note = ""


class StockAdjust(Schema):
    """The variant by ``variant`` or by ``sku``."""

    warehouse: WarehouseId
    variant: VariantId | None = None
    sku: Sku | None = None
    delta: DecimalStr
    reason: ReasonName
    note: Note = ""


class StockRow(Schema):
    """Set (``on_hand``, perhaps ``expected``) or adjust (``delta`` and ``reason``)."""

    warehouse: WarehouseId
    variant: VariantId | None = None
    sku: Sku | None = None
    on_hand: DecimalStr | None = None
    expected: DecimalStr | None = None
    delta: DecimalStr | None = None
    reason: ReasonName | None = None
    note: Note = ""


class StockBatch(Schema):
    stock: Annotated[
        list[dict[str, Any]],
        Field(description="Up to 500; each as PUT /stock or POST /stock/adjust takes it"),
    ]


class StockResult(Schema):
    """What became of one row: ``object``, or ``error`` as a problem document."""

    index: int
    status: int
    object: StockOut | None = None
    error: dict[str, Any] | None = None


class StockBatchOut(Schema):
    data: list[StockResult]
    succeeded: int
    failed: int


class StockMovementOut(Schema):
    """One change of what is on hand; ``on_hand`` is the figure after it."""

    id: Annotated[UUID, Id("stm")]
    stock: Annotated[UUID, Id("stk")]
    variant: Annotated[UUID, Id("var")]
    warehouse: Annotated[UUID, Id("whs")]
    delta: DecimalStr
    on_hand: DecimalStr
    reason: str = Field(
        description="set, sold, restocked, transferred_out, transferred_in, transfer_back, "
        "or the reason of an adjustment"
    )
    note: str
    business_at: Timestamp
    created_at: Timestamp


class StockQuery(ListQuery):
    merchant: MerchantId | None = None
    variant: VariantId | None = None
    warehouse: WarehouseId | None = None
    low: bool = Field(False, description="Only what is below its limit")


class StockMovementQuery(ListQuery):
    merchant: MerchantId | None = None
    stock: StockId | None = None


@routes.get(
    "/stock",
    summary="Stock by variant and warehouse, your own or (operators) the platform's",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[StockOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_stock(request: ApiRequest, q: StockQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return selectors.stock_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        variant_id=q.variant,
        warehouse_id=q.warehouse,
        low=q.low,
        updated_since=q.updated_since,
        order=q.order(SORTS, "created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.put(
    "/stock",
    summary="Set what is on hand, if it is what you expect",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=StockOut,
    errors=(*WRITING, StockChanged),
    example=EXAMPLE,
    request_example={**PLACE, "on_hand": "40", "expected": "38"},
)
def set_stock(request: ApiRequest, body: StockSet) -> dict[str, Any]:
    return _one(request, StockRow(**body.model_dump()))


@routes.post(
    "/stock/adjust",
    summary="Change what is on hand, for a reason",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=StockOut,
    errors=WRITING,
    example=EXAMPLE,
    request_example={**PLACE, "delta": "-2", "reason": "damaged"},
)
def adjust_stock(request: ApiRequest, body: StockAdjust) -> dict[str, Any]:
    return _one(request, StockRow(**body.model_dump()))


@routes.post(
    "/stock/batch",
    summary="Set or adjust up to 500 at once; a result for each",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=StockBatchOut,
    errors=(MerchantNotApproved, TooLarge),
    example={
        "data": [{"index": 0, "status": 200, "object": EXAMPLE}],
        "succeeded": 1,
        "failed": 0,
    },
    request_example={
        "stock": [
            {
                "sku": "LJ-500",
                "warehouse": "whs_01k00000000000000000000000",
                "on_hand": "40",
                "expected": "38",
            }
        ]
    },
)
def batch_stock(request: ApiRequest, body: StockBatch) -> dict[str, Any]:
    if len(body.stock) > stock.BATCH_MAX:
        raise TooLarge(limit=stock.BATCH_MAX)
    results: list[StockInfo | DomainError | None] = []
    settings: list[StockSetting] = []
    for row in body.stock:
        try:
            settings.append(_setting(StockRow.model_validate(row)))
            results.append(None)
        except ValidationError as error:
            results.append(_problem(error))
    written = iter(stock.write_stock(merchant_id=own(request.actor), settings=settings))
    data = [_result(i, found or next(written)) for i, found in enumerate(results)]
    failed = sum(1 for row in data if "error" in row)
    return {"data": data, "succeeded": len(data) - failed, "failed": failed}


@routes.get(
    "/stock/movements",
    summary="What changed the stock, the latest first",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[StockMovementOut],
    errors=(Invalid,),
    example={
        "data": [
            {
                "id": "stm_01k00000000000000000000000",
                "stock": EXAMPLE["id"],
                **PLACE,
                "delta": "-2.000",
                "on_hand": "38.000",
                "reason": "sold",
                "note": "",
                "business_at": "2026-05-01T08:00:00Z",
                "created_at": "2026-05-01T08:00:00Z",
            }
        ],
        "has_more": False,
        "next_cursor": None,
    },
)
def list_movements(
    request: ApiRequest, q: StockMovementQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    if q.updated_since is not None:
        raise Invalid(_("Movements never change; use cursor."), field="updated_since")
    return selectors.movements_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        stock_id=q.stock,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render_movement)


def _one(request: ApiRequest, row: StockRow) -> dict[str, Any]:
    result = stock.write_stock(merchant_id=own(request.actor), settings=[_setting(row)])[0]
    if isinstance(result, DomainError):
        raise result
    return render(result)


def _setting(row: StockRow) -> StockSetting:
    return StockSetting(
        warehouse_id=row.warehouse,
        variant_id=row.variant,
        sku=row.sku,
        on_hand=row.on_hand,
        expected=row.expected,
        delta=row.delta,
        reason=row.reason or "",
        note=row.note,
    )


def _result(index: int, found: StockInfo | DomainError) -> dict[str, Any]:
    if isinstance(found, DomainError):
        return {"index": index, "status": found.status, "error": problem(found)}
    return {"index": index, "status": 200, "object": render(found)}


def _problem(error: ValidationError) -> Invalid:
    return Invalid(
        problems=[
            FieldProblem(
                ".".join(str(part) for part in item["loc"]) or "body",
                str(item["msg"]).removeprefix("Value error, "),
            )
            for item in error.errors()
        ]
    )


def render(info: StockInfo) -> dict[str, Any]:
    """One stock row."""
    return {
        "id": public_id("stk", info.id),
        "merchant": public_id("mer", info.merchant_id),
        "variant": public_id("var", info.variant_id),
        "warehouse": public_id("whs", info.warehouse_id),
        "on_hand": info.on_hand,
        "reserved": info.reserved,
        "available": info.available,
        "incoming": info.incoming,
        "promised": info.promised,
        "low_at": info.low_at,
        "low": info.low,
        "unit": info.unit,
        "updated_at": info.updated_at,
    }


def _render_movement(info: MovementInfo) -> dict[str, Any]:
    return {
        "id": public_id("stm", info.id),
        "stock": public_id("stk", info.stock_id),
        "variant": public_id("var", info.variant_id),
        "warehouse": public_id("whs", info.warehouse_id),
        "delta": info.delta,
        "on_hand": info.on_hand,
        "reason": info.reason,
        "note": info.note,
        "business_at": info.business_at,
        "created_at": info.created_at,
    }
