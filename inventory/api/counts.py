"""Stock counts: opened, entered, posted as one adjustment."""

from typing import Annotated, Any, Literal
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
    LineOut,
    Note,
    Sku,
)
from inventory.api.routes import (
    STAFF,
    CountId,
    MerchantId,
    VariantId,
    WarehouseId,
    own,
    own_or_any,
    routes,
)
from inventory.contracts import CountEntry, CountInfo, CountLineInfo
from inventory.errors import (
    CountBelowReserved,
    CountOpen,
    CountOutdated,
    InvalidStockQuantity,
    NothingCounted,
    NothingToCount,
    NotInCount,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.services import counts
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
Cause = Literal["counted", "found", "damaged", "lost", "correction", "other"]
EXAMPLE = {
    "id": "cnt_01k00000000000000000000000",
    "merchant": MERCHANT,
    "warehouse": WAREHOUSE,
    "note": "",
    "state": "open",
    "reason": "",
    "lines": 42,
    "counted": 40,
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
LINE = {
    "variant": VARIANT,
    "unit": "C62",
    "on_hand": "9.000",
    "counted": "8.000",
    "booked": "10.000",
    "difference": "-2.000",
}


class CountOut(Schema):
    """``counted`` of its ``lines`` have a number."""

    id: Annotated[UUID, Id("cnt")]
    merchant: Annotated[UUID, Id("mer")]
    warehouse: Annotated[UUID, Id("whs")]
    note: str
    state: str = Field(description="open, posted, cancelled")
    reason: str = Field(description="For which its differences were posted")
    lines: int
    counted: int
    created_at: Timestamp
    updated_at: Timestamp


class CountLineOut(LineOut):
    """``booked`` is what the books said when ``counted`` was entered, ``on_hand`` what they say
    now; ``difference`` is what posting adds."""

    on_hand: DecimalStr
    counted: DecimalStr | None
    booked: DecimalStr | None
    difference: DecimalStr | None


class CountBegin(Schema):
    """Without ``variants`` and ``skus``: all that has stock there."""

    warehouse: WarehouseId
    variants: Annotated[list[VariantId], Field(max_length=500)] = []
    skus: Annotated[list[Sku], Field(max_length=500)] = []
    note: Note = ""


class CountNumber(Schema):
    """The variant by ``variant`` or by ``sku``; null takes its number back."""

    variant: VariantId | None = None
    sku: Sku | None = None
    counted: DecimalStr | None


class CountNumbers(Schema):
    lines: Annotated[list[CountNumber], Field(min_length=1, max_length=500)]


class CountPost(Schema):
    reason: Cause = "counted"


class CountQuery(ListQuery):
    merchant: MerchantId | None = None
    warehouse: WarehouseId | None = None
    state: Literal["open", "posted", "cancelled"] | None = None


class CountLineQuery(ListQuery):
    show: Literal["open", "different"] | None = Field(
        None, description="Only those without a number, or with a difference"
    )


@routes.get(
    "/stock-counts",
    summary="Stock counts, the latest first",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[CountOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_counts(request: ApiRequest, q: CountQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return documents.counts_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        warehouse_id=q.warehouse,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render)


@routes.post(
    "/stock-counts",
    summary="Begin to count a warehouse",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    status=201,
    response=CountOut,
    errors=(
        MerchantNotApproved,
        WarehouseUnknown,
        VariantUnknown,
        CountOpen,
        NothingToCount,
        Invalid,
    ),
    example=EXAMPLE,
    request_example={"warehouse": WAREHOUSE, "variants": [VARIANT]},
)
def open_count(request: ApiRequest, body: CountBegin) -> dict[str, Any]:
    info = counts.open_count(
        merchant_id=own(request.actor),
        warehouse_id=body.warehouse,
        variant_ids=body.variants,
        skus=body.skus,
        note=body.note,
    )
    return _answer(request, info)


@routes.get(
    "/stock-counts/{count_id}",
    summary="One count",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=CountOut,
    example=EXAMPLE,
)
def get_count(request: ApiRequest, count_id: CountId) -> dict[str, Any]:
    return _answer(request, documents.count(count_id, own_or_any(request.actor)))


@routes.get(
    "/stock-counts/{count_id}/lines",
    summary="What is counted, and how it differs",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[CountLineOut],
    errors=(Invalid,),
    example={"data": [LINE], "has_more": False, "next_cursor": None},
)
def list_count_lines(
    request: ApiRequest, count_id: CountId, q: CountLineQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    if q.updated_since is not None:
        raise Invalid(_("A count's lines have no times; use cursor."), field="updated_since")
    return documents.count_lines_page(
        count_id=count_id,
        merchant_id=own_or_any(request.actor),
        show=q.show,
        order=q.order(SORTS, "created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render_line)


@routes.put(
    "/stock-counts/{count_id}/lines",
    summary="Enter what lies on the shelf",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=CountOut,
    errors=(NotInCount, VariantUnknown, InvalidStockQuantity, Invalid, InvalidTransition),
    example=EXAMPLE,
    request_example={"lines": [{"variant": VARIANT, "counted": "8"}]},
)
def enter_counts(request: ApiRequest, count_id: CountId, body: CountNumbers) -> dict[str, Any]:
    info = counts.enter_counts(
        count_id=count_id,
        merchant_id=own(request.actor),
        entries=[CountEntry(one.counted, one.variant, one.sku) for one in body.lines],
    )
    return _answer(request, info)


@routes.post(
    "/stock-counts/{count_id}/post",
    summary="Book the differences as one adjustment",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=CountOut,
    errors=(
        MerchantNotApproved,
        NothingCounted,
        CountOutdated,
        CountBelowReserved,
        InvalidTransition,
    ),
    example={**EXAMPLE, "state": "posted", "reason": "counted"},
    request_example={"reason": "counted"},
)
def post_count(request: ApiRequest, count_id: CountId, body: CountPost) -> dict[str, Any]:
    info = counts.post_count(count_id=count_id, merchant_id=own(request.actor), cause=body.reason)
    return _answer(request, info)


@routes.post(
    "/stock-counts/{count_id}/cancel",
    summary="End a count without booking anything",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=CountOut,
    errors=(InvalidTransition,),
    example={**EXAMPLE, "state": "cancelled"},
)
def cancel_count(request: ApiRequest, count_id: CountId) -> dict[str, Any]:
    info = counts.cancel_count(count_id=count_id, merchant_id=own(request.actor))
    return _answer(request, info)


def _answer(request: ApiRequest, info: CountInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _render(info)


def _render(info: CountInfo) -> dict[str, Any]:
    return {
        "id": public_id("cnt", info.id),
        "merchant": public_id("mer", info.merchant_id),
        "warehouse": public_id("whs", info.warehouse_id),
        "note": info.note,
        "state": str(info.state),
        "reason": info.cause,
        "lines": info.lines,
        "counted": info.counted,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _render_line(info: CountLineInfo) -> dict[str, Any]:
    return {
        "variant": public_id("var", info.variant_id),
        "unit": info.unit,
        "on_hand": info.on_hand,
        "counted": info.counted,
        "booked": info.booked,
        "difference": info.difference,
    }
