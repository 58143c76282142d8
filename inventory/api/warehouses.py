"""Warehouses: the merchant's own; operators read."""

from typing import Annotated, Any, cast
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from inventory import selectors
from inventory.api.routes import STAFF, MerchantId, WarehouseId, own, own_or_any, routes
from inventory.contracts import WarehouseInfo
from inventory.errors import ExternalIdTaken
from inventory.services import warehouses
from inventory.services.warehouses import WarehouseChanges
from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms.facade import MerchantNotApproved

SORTS: dict[str, tuple[str, ...]] = {"created_at": ("id",), "-created_at": ("-id",)}
Names = Annotated[dict[str, str], Field(description="By language tag")]
Priority = Annotated[int, Field(strict=True, ge=-1000, le=1000, description="Lowest gives first")]
EXAMPLE = {
    "id": "whs_01k00000000000000000000000",
    "merchant": "mer_01k00000000000000000000000",
    "names": {"zh-Hans": "杭州仓", "en": "Hangzhou"},
    "region": "CN-ZJ",
    "address": "文一西路 1 号",
    "priority": 0,
    "active": True,
    "external_id": "W-1",
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
REQUEST_EXAMPLE = {"names": {"zh-Hans": "杭州仓", "en": "Hangzhou"}, "region": "CN-ZJ"}


class WarehouseOut(Schema):
    id: Annotated[UUID, Id("whs")]
    merchant: Annotated[UUID, Id("mer")]
    names: Names
    region: str
    address: str
    priority: int
    active: bool
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class WarehousePut(Schema):
    names: Names
    region: Annotated[str, Field(max_length=20)] = ""
    address: Annotated[str, Field(max_length=300)] = ""
    priority: Priority = 0
    active: bool = True
    metadata: Metadata = Field(default_factory=dict)


class WarehouseIn(WarehousePut):
    external_id: ExternalId | None = None


class WarehouseChange(Schema):
    names: Names | None = None
    region: Annotated[str, Field(max_length=20)] | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    priority: Priority | None = None
    active: bool | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class WarehouseQuery(ListQuery):
    merchant: MerchantId | None = None


@routes.get(
    "/warehouses",
    summary="Warehouses, your own or (operators) the platform's",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=ListOf[WarehouseOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_warehouses(request: ApiRequest, q: WarehouseQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return selectors.warehouses_page(
        merchant_id=own_or_any(request.actor, q.merchant),
        updated_since=q.updated_since,
        order=q.order(SORTS, "created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_render)


@routes.post(
    "/warehouses",
    summary="Make a warehouse",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    status=201,
    response=WarehouseOut,
    errors=(MerchantNotApproved, ExternalIdTaken),
    example=EXAMPLE,
    request_example={**REQUEST_EXAMPLE, "external_id": "W-1"},
)
def create_warehouse(request: ApiRequest, body: WarehouseIn) -> dict[str, Any]:
    info = warehouses.create_warehouse(merchant_id=own(request.actor), **body.model_dump())
    return _answer(request, info)


@routes.put(
    "/warehouses/by-external-id/{external_id}",
    summary="Create or change the warehouse with your own id",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=WarehouseOut,
    errors=(MerchantNotApproved, ExternalIdTaken, PreconditionFailed),
    example=EXAMPLE,
    request_example=REQUEST_EXAMPLE,
)
def put_warehouse(
    request: ApiRequest, external_id: ExternalId, body: WarehousePut
) -> dict[str, Any]:
    info = warehouses.put_warehouse(
        merchant_id=own(request.actor),
        external_id=external_id,
        values=cast(WarehouseChanges, body.model_dump()),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.get(
    "/warehouses/{warehouse_id}",
    summary="One warehouse",
    audience=STAFF,
    scope="inventory:read",
    permission={"merchant": "stock", "operator": "orders.see"},
    response=WarehouseOut,
    example=EXAMPLE,
)
def get_warehouse(request: ApiRequest, warehouse_id: WarehouseId) -> dict[str, Any]:
    return _answer(request, selectors.warehouse(warehouse_id, own_or_any(request.actor)))


@routes.patch(
    "/warehouses/{warehouse_id}",
    summary="Change a warehouse; an inactive one gives no more goods",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=WarehouseOut,
    errors=(MerchantNotApproved, ExternalIdTaken, PreconditionFailed),
    example=EXAMPLE,
    request_example={"active": False},
)
def update_warehouse(
    request: ApiRequest, warehouse_id: WarehouseId, body: WarehouseChange
) -> dict[str, Any]:
    changes = {
        name: getattr(body, name)
        for name in body.model_fields_set
        if name == "external_id" or getattr(body, name) is not None
    }
    info = warehouses.update_warehouse(
        warehouse_id=warehouse_id,
        changes=cast(WarehouseChanges, changes),
        merchant_id=own(request.actor),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


def _answer(request: ApiRequest, info: WarehouseInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _render(info)


def _render(info: WarehouseInfo) -> dict[str, Any]:
    return {
        "id": public_id("whs", info.id),
        "merchant": public_id("mer", info.merchant_id),
        "names": info.names,
        "region": info.region,
        "address": info.address,
        "priority": info.priority,
        "active": info.active,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }
