"""Selling beyond the stock: back-orders and pre-orders, and who waits for what."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query
from pydantic import Field

from inventory import promised
from inventory.api.goods import MERCHANT, MOMENT, VARIANT, Sku
from inventory.api.routes import STAFF, MerchantId, VariantId, own, own_or_any, routes
from inventory.contracts_ahead import AheadInfo, PromiseInfo
from inventory.errors import (
    AheadBelowPromised,
    InvalidDay,
    InvalidStockQuantity,
    NothingPromised,
    VariantUnknown,
)
from inventory.services import ahead
from inventory.services.goods import one_variant
from kernel.api import ApiRequest, Day, DecimalStr, Id, ListOf, ListQuery, Schema, Timestamp, Whole
from kernel.errors import Invalid
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms.facade import MerchantNotApproved

Mode = Literal["none", "backorder", "preorder"]
SORTS: dict[str, tuple[str, ...]] = {"created_at": ("id",), "-created_at": ("-id",)}
DUE: dict[str, tuple[str, ...]] = {"due_on": ("due_on", "id")}
EXAMPLE = {
    "variant": VARIANT,
    "merchant": MERCHANT,
    "mode": "backorder",
    "limit": "50",
    "lead_days": 14,
    "release_on": None,
    "promised": "3",
    "unit": "C62",
    "updated_at": MOMENT,
}
PROMISE = {
    "reservation": "rsv_01k00000000000000000000000",
    "order_group": "ogr_01k00000000000000000000000",
    "merchant": MERCHANT,
    "variant": VARIANT,
    "unit": "C62",
    "mode": "backorder",
    "quantity": "3",
    "filled": "1",
    "released": "0",
    "waiting": "2",
    "due_on": "2026-05-15",
    "agreed_on": "2026-05-15",
}


class AheadOut(Schema):
    """How a variant is sold beyond its stock, in its own unit."""

    variant: Annotated[UUID, Id("var")]
    merchant: Annotated[UUID, Id("mer")]
    mode: str = Field(description="none, backorder, preorder")
    limit: DecimalStr | None = Field(description="How much may be promised at a time; null: any")
    lead_days: int | None = Field(description="A back-order is sent within so many days")
    release_on: date | None = Field(description="A pre-order is sent on this day, not before")
    promised: DecimalStr = Field(description="How much was promised and hasn't come yet")
    unit: str
    updated_at: Timestamp


class AheadIn(Schema):
    """The variant by ``variant`` or by ``sku``. A back-order needs ``lead_days``, a pre-order
    ``release_on``."""

    variant: VariantId | None = None
    sku: Sku | None = None
    mode: Mode
    limit: DecimalStr | None = None
    lead_days: Whole | None = None
    release_on: Day | None = None


class MoveIn(Schema):
    """The variant by ``variant`` or by ``sku``."""

    variant: VariantId | None = None
    sku: Sku | None = None
    due_on: date


class MovedOut(Schema):
    moved: int = Field(description="Of how many orders the day has changed")


class PromisedOut(Schema):
    """What one purchase waits for."""

    reservation: Annotated[UUID, Id("rsv")]
    order_group: Annotated[UUID, Id("ogr")] = Field(description="Where a checkout made it")
    merchant: Annotated[UUID, Id("mer")]
    variant: Annotated[UUID, Id("var")]
    unit: str
    mode: str = Field(description="backorder, preorder")
    quantity: DecimalStr
    filled: DecimalStr = Field(description="How much of it has come")
    released: DecimalStr = Field(description="How much of it was cancelled")
    waiting: DecimalStr
    due_on: date
    agreed_on: date = Field(description="The day that the buyer was told when buying")


class AheadQuery(ListQuery):
    merchant: MerchantId | None = None
    variant: VariantId | None = None
    mode: Mode | None = None


class PromiseQuery(ListQuery):
    merchant: MerchantId | None = None
    variant: VariantId | None = None
    late: bool = Field(False, description="Only what should have come by now")


@routes.get(
    "/stock/ahead",
    summary="How variants are sold beyond their stock: back-orders and pre-orders",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[AheadOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_ahead(request: ApiRequest, q: AheadQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return promised.aheads_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        variant_id=q.variant,
        mode=q.mode,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.put(
    "/stock/ahead",
    summary="Sell a variant beyond its stock, or no longer",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=AheadOut,
    errors=(
        MerchantNotApproved,
        VariantUnknown,
        AheadBelowPromised,
        InvalidStockQuantity,
        InvalidDay,
        Invalid,
    ),
    example=EXAMPLE,
    request_example={"variant": VARIANT, "mode": "backorder", "limit": "50", "lead_days": 14},
)
def put_ahead(request: ApiRequest, body: AheadIn) -> dict[str, Any]:
    merchant_id = own(request.actor)
    return render(
        ahead.set_ahead(
            merchant_id=merchant_id,
            variant_id=_variant(merchant_id, body),
            mode=body.mode,
            limit=body.limit,
            lead_days=body.lead_days,
            release_on=body.release_on,
        )
    )


@routes.post(
    "/stock/ahead/move",
    summary="Give another day for what was promised of a variant; those who bought are told",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=MovedOut,
    errors=(MerchantNotApproved, VariantUnknown, NothingPromised, InvalidDay),
    example={"moved": 3},
    request_example={"variant": VARIANT, "due_on": "2026-06-01"},
)
def move_promises(request: ApiRequest, body: MoveIn) -> dict[str, Any]:
    merchant_id = own(request.actor)
    count = ahead.move_promises(
        merchant_id=merchant_id, variant_id=_variant(merchant_id, body), due_on=body.due_on
    )
    return {"moved": count}


@routes.get(
    "/stock/promises",
    summary="What is paid and waits for goods, by day",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[PromisedOut],
    example={"data": [PROMISE], "has_more": False, "next_cursor": None},
)
def list_promises(request: ApiRequest, q: PromiseQuery = Query(...)) -> PageOf[dict[str, Any]]:
    if q.updated_since is not None:
        raise Invalid(_("Promises are ordered by their day; use cursor."), field="updated_since")
    return promised.promises_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        variant_id=q.variant,
        late=q.late,
        order=q.order(DUE, "due_on"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_promise)


def _variant(merchant_id: UUID, body: AheadIn | MoveIn) -> UUID:
    return one_variant(merchant_id, body.variant, body.sku)


def render(info: AheadInfo) -> dict[str, Any]:
    """A setting as sent."""
    return {
        "variant": public_id("var", info.variant_id),
        "merchant": public_id("mer", info.merchant_id),
        "mode": str(info.mode),
        "limit": info.limit,
        "lead_days": info.lead_days,
        "release_on": info.release_on,
        "promised": info.promised,
        "unit": info.unit,
        "updated_at": info.updated_at,
    }


def _promise(info: PromiseInfo) -> dict[str, Any]:
    return {
        "reservation": public_id("rsv", info.reservation_id),
        "order_group": public_id("ogr", info.key),
        "merchant": public_id("mer", info.merchant_id),
        "variant": public_id("var", info.variant_id),
        "unit": info.unit,
        "mode": str(info.mode),
        "quantity": info.quantity,
        "filled": info.filled,
        "released": info.released,
        "waiting": info.waiting,
        "due_on": info.due_on,
        "agreed_on": info.agreed_on,
    }
