"""Prices: public reads, and a merchant's own writing."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    Currency,
    DecimalStr,
    ExternalId,
    ListOf,
    ListQuery,
    Metadata,
    Schema,
    Timestamp,
    check_if_match,
    headers,
    set_etag,
)
from kernel.api.problems import problem
from kernel.errors import DomainError, Invalid, PreconditionFailed, TooLarge
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace.api.routes import (
    TAIL,
    MerchantId,
    OfferId,
    VariantId,
    merchant_of,
    needs,
    routes,
)
from marketplace.contracts import OfferInfo, PriceChange, PriceInput
from marketplace.errors import (
    ExternalIdTaken,
    InvalidPrice,
    OfferNotFound,
    UnknownVariant,
    WrongCurrency,
)
from marketplace.selectors import offers as reads
from marketplace.services.prices import BATCH_MAX, set_price, set_prices, withdraw_offer

ASKED_MAX = 100
SORTS = {"id": ("id",), "-id": ("-id",), "updated_at": ("updated_at", "id")}
OFFER = {
    "id": f"off_{TAIL}",
    "variant_id": f"var_{TAIL}",
    "merchant_id": f"mer_{TAIL}",
    "unit_price": "19.90",
    "currency": "CNY",
    "state": "active",
    "external_id": "PRICE-1",
    "metadata": {"list": "spring"},
    "regular_price": "24.90",
    "lowest_before": "22.90",
    "sale_ends_at": "2026-05-08T00:00:00Z",
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
SENT = {"unit_price": "19.90", "currency": "CNY"}
REFUSALS = (UnknownVariant, InvalidPrice, WrongCurrency, ExternalIdTaken)


class OfferOut(Schema):
    id: OfferId
    variant_id: VariantId
    merchant_id: MerchantId
    unit_price: DecimalStr = Field(description="Per unit, in major units")
    currency: Currency
    state: str = Field(description="active, withdrawn")
    external_id: str | None = Field(description="Only shown to its merchant and the operator")
    metadata: dict[str, Any]
    regular_price: DecimalStr | None = Field(description="What it costs otherwise; null: no sale")
    lowest_before: DecimalStr | None = Field(description="Lowest of the 30 days before the sale")
    sale_ends_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class PriceIn(Schema):
    unit_price: DecimalStr
    currency: Currency
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class NamedPriceIn(PriceIn):
    variant_id: VariantId


class UpsertIn(Schema):
    variant_id: VariantId
    unit_price: DecimalStr
    currency: Currency
    metadata: Metadata | None = None


class BatchIn(Schema):
    prices: Annotated[list[NamedPriceIn], Field(min_length=1)] = Field(
        description=f"At most {BATCH_MAX}; each row stands or falls alone"
    )


class PriceRowOut(Schema):
    index: int
    status: int
    object: OfferOut | None = None
    error: dict[str, Any] | None = None


class PriceBatchOut(Schema):
    data: list[PriceRowOut]
    succeeded: int
    failed: int


class PriceChangeOut(Schema):
    unit_price: DecimalStr | None = Field(description="null: withdrawn from then on")
    currency: Currency
    valid_from: Timestamp


class OfferQuery(ListQuery):
    variant_id: list[VariantId] = Field(
        default_factory=list, description=f"May be repeated, at most {ASKED_MAX} times"
    )
    state: Literal["active", "withdrawn"] | None = None


def render(info: OfferInfo, *, private: bool = True) -> dict[str, Any]:
    return {
        "id": public_id("off", info.id),
        "variant_id": public_id("var", info.variant_id),
        "merchant_id": public_id("mer", info.merchant_id),
        "unit_price": info.unit_price,
        "currency": info.currency,
        "state": info.state,
        "external_id": info.external_id if private else None,
        "metadata": info.metadata if private else {},
        "regular_price": info.regular_price,
        "lowest_before": info.lowest_before,
        "sale_ends_at": info.sale_ends_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def render_change(change: PriceChange) -> dict[str, Any]:
    return {
        "unit_price": change.unit_price,
        "currency": change.currency,
        "valid_from": change.valid_from,
    }


@routes.get(
    "/offers",
    summary="Prices: of named variants for everyone, all of their own for merchants",
    permission="public",
    response=ListOf[OfferOut],
    errors=(Invalid, TooLarge),
    example={"data": [OFFER], "has_more": False, "next_cursor": None},
)
def list_offers(request: ApiRequest, q: OfferQuery = Query(...)) -> PageOf[dict[str, Any]]:
    if len(q.variant_id) > ASKED_MAX:
        raise TooLarge(
            _("At most %(most)s variants at once.") % {"most": ASKED_MAX}, limit=ASKED_MAX
        )
    private = request.actor.kind in ("merchant", "operator")
    if private:
        needs(request, "offers:read")
    elif not q.variant_id:
        raise Invalid(_("Name the variants whose prices you want."), field="variant_id")
    page = reads.offers(
        merchant_id=merchant_of(request) if request.actor.kind == "merchant" else None,
        variant_ids=q.variant_id or None,
        state=q.state if private else "active",
        updated_since=q.updated_since,
        order=q.order(SORTS, "id"),
        cursor=q.cursor,
        limit=q.limit,
    )
    return page.map(lambda info: render(info, private=private))


# Before /offers/{offer_id}, which would take "batch" for an id.
@routes.post(
    "/offers/batch",
    summary=f"Set up to {BATCH_MAX} prices; a result for each row",
    audience={"merchant"},
    scope="offers:write",
    permission="prices",
    response=PriceBatchOut,
    errors=(TooLarge,),
    example={
        "data": [{"index": 0, "status": 200, "object": OFFER}],
        "succeeded": 1,
        "failed": 0,
    },
    request_example={"prices": [{"variant_id": f"var_{TAIL}", **SENT}]},
)
def batch_prices(request: ApiRequest, body: BatchIn) -> dict[str, Any]:
    rows = [
        PriceInput(
            variant_id=row.variant_id,
            unit_price=row.unit_price,
            currency=row.currency,
            external_id=row.external_id,
            metadata=row.metadata,
        )
        for row in body.prices
    ]
    outcomes = set_prices(merchant_id=merchant_of(request), rows=rows)
    data: list[dict[str, Any]] = []
    for index, found in enumerate(outcomes):
        if isinstance(found, DomainError):
            data.append({"index": index, "status": found.status, "error": problem(found)})
        else:
            data.append({"index": index, "status": 200, "object": render(found)})
    failed = sum("error" in row for row in data)
    return {"data": data, "succeeded": len(data) - failed, "failed": failed}


@routes.get(
    "/offers/{offer_id}",
    summary="One of your prices",
    audience={"merchant", "operator"},
    scope="offers:read",
    permission={"merchant": "prices", "operator": "catalogue"},
    response=OfferOut,
    errors=(OfferNotFound,),
    example=OFFER,
)
def get_offer(request: ApiRequest, offer_id: OfferId) -> dict[str, Any]:
    info = reads.offer(offer_id=offer_id, merchant_id=request.actor.merchant_id)
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/offers/{offer_id}/history",
    summary="What it cost before, newest first",
    audience={"merchant", "operator"},
    scope="offers:read",
    permission={"merchant": "prices", "operator": "catalogue"},
    response=ListOf[PriceChangeOut],
    errors=(OfferNotFound,),
    example={
        "data": [{"unit_price": "19.90", "currency": "CNY", "valid_from": "2026-05-01T08:00:00Z"}],
        "has_more": False,
        "next_cursor": None,
    },
)
def list_history(
    request: ApiRequest, offer_id: OfferId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    return reads.price_history(
        offer_id=offer_id,
        merchant_id=request.actor.merchant_id,
        cursor=q.cursor,
        limit=q.limit,
    ).map(render_change)


def _set(
    request: ApiRequest,
    variant_id: UUID,
    unit_price: Decimal,
    currency: str,
    external_id: str | None,
    metadata: dict[str, str] | None,
) -> dict[str, Any]:
    info = set_price(
        merchant_id=merchant_of(request),
        variant_id=variant_id,
        unit_price=unit_price,
        currency=currency,
        external_id=external_id,
        metadata=metadata,
        check=(lambda version: check_if_match(request, version))
        if headers.sent(request, headers.IF_MATCH)
        else None,
    )
    set_etag(request, info.version)
    return render(info)


@routes.put(
    "/variants/{variant_id}/price",
    summary="Set what a variant costs",
    audience={"merchant"},
    scope="offers:write",
    permission="prices",
    response=OfferOut,
    errors=(*REFUSALS, PreconditionFailed),
    example=OFFER,
    request_example=SENT,
)
def put_price(request: ApiRequest, variant_id: VariantId, body: PriceIn) -> dict[str, Any]:
    return _set(
        request, variant_id, body.unit_price, body.currency, body.external_id, body.metadata
    )


@routes.put(
    "/offers/by-external-id/{external_id}",
    summary="Create or change a price by your own id",
    audience={"merchant"},
    scope="offers:write",
    permission="prices",
    response=OfferOut,
    errors=(*REFUSALS, PreconditionFailed),
    example=OFFER,
    request_example={"variant_id": f"var_{TAIL}", **SENT},
)
def put_offer(request: ApiRequest, external_id: ExternalId, body: UpsertIn) -> dict[str, Any]:
    return _set(
        request, body.variant_id, body.unit_price, body.currency, external_id, body.metadata
    )


@routes.delete(
    "/variants/{variant_id}/price",
    summary="Withdraw a price; the variant can't be bought then",
    audience={"merchant"},
    scope="offers:write",
    permission="prices",
    response=OfferOut,
    errors=(OfferNotFound, PreconditionFailed),
    example={**OFFER, "state": "withdrawn"},
)
def delete_price(request: ApiRequest, variant_id: VariantId) -> dict[str, Any]:
    info = withdraw_offer(
        merchant_id=merchant_of(request),
        variant_id=variant_id,
        check=lambda version: check_if_match(request, version),
    )
    set_etag(request, info.version)
    return render(info)
