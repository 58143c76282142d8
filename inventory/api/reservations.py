"""Reservations: to see what is held; they are made by checkouts."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from inventory import selectors
from inventory.api.routes import STAFF, MerchantId, ReservationId, own_or_any, routes
from inventory.contracts import ReservationInfo
from kernel.api import ApiRequest, DecimalStr, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.ids import public_id
from kernel.pagination import PageOf

SORTS: dict[str, tuple[str, ...]] = {"created_at": ("id",), "-created_at": ("-id",)}
EXAMPLE = {
    "id": "rsv_01k00000000000000000000000",
    "state": "held",
    "expires_at": "2026-05-01T08:30:00Z",
    "lines": [
        {
            "stock": "stk_01k00000000000000000000000",
            "variant": "var_01k00000000000000000000000",
            "warehouse": "whs_01k00000000000000000000000",
            "quantity": "2.000",
        }
    ],
    "created_at": "2026-05-01T08:00:00Z",
}


class ReservationLineOut(Schema):
    stock: Annotated[UUID, Id("stk")]
    variant: Annotated[UUID, Id("var")]
    warehouse: Annotated[UUID, Id("whs")]
    quantity: DecimalStr


class ReservationOut(Schema):
    """A merchant sees its own lines only."""

    id: Annotated[UUID, Id("rsv")]
    state: str = Field(description="held, committed, released, expired")
    expires_at: Timestamp
    lines: list[ReservationLineOut]
    created_at: Timestamp


class ReservationQuery(ListQuery):
    merchant: MerchantId | None = None
    state: Literal["held", "committed", "released", "expired"] | None = None


@routes.get(
    "/reservations",
    summary="What is or was held for buyers, the latest first",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[ReservationOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_reservations(
    request: ApiRequest, q: ReservationQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    return selectors.reservations_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render)


@routes.get(
    "/reservations/{reservation_id}",
    summary="One reservation",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ReservationOut,
    example=EXAMPLE,
)
def get_reservation(request: ApiRequest, reservation_id: ReservationId) -> dict[str, Any]:
    return _render(selectors.reservation(reservation_id, own_or_any(request.actor)))


def _render(info: ReservationInfo) -> dict[str, Any]:
    return {
        "id": public_id("rsv", info.id),
        "state": str(info.state),
        "expires_at": info.expires_at,
        "lines": [
            {
                "stock": public_id("stk", line.stock_id),
                "variant": public_id("var", line.variant_id),
                "warehouse": public_id("whs", line.warehouse_id),
                "quantity": line.quantity,
            }
            for line in info.lines
        ],
        "created_at": info.created_at,
    }
