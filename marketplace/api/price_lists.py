"""Price lists of groups of buyers, and the prices in them."""

from typing import Any
from uuid import UUID

from ninja.params.functions import Query

from kernel.api import ApiRequest, ListOf, check_if_match, set_etag
from kernel.errors import PreconditionFailed, TooLarge
from kernel.pagination import PageOf
from marketplace.api.applied_lists import PriceListId
from marketplace.api.price_list_shapes import (
    ENTRY,
    LIST,
    SENT_ENTRIES,
    SENT_LIST,
    EntriesIn,
    EntriesOut,
    EntryId,
    ListsQuery,
    PriceEntryOut,
    PriceEntryQuery,
    PriceListIn,
    PriceListOut,
    render_entry,
    render_list,
)
from marketplace.api.routes import merchant_of, routes
from marketplace.contracts_price_lists import PriceListInfo
from marketplace.errors import InvalidPriceList, PriceEntryNotFound, PriceListNotFound
from marketplace.selectors import price_lists as reads
from marketplace.services import price_lists as services
from marketplace.services.price_lists import BATCH_MAX

SHOP = {"merchant"}
BOTH = {"merchant", "operator"}
READERS = {"merchant": "prices", "operator": "catalogue"}


def _whose(request: ApiRequest) -> UUID | None:
    """Whose are read: operators see everyone's."""
    return None if request.actor.kind == "operator" else merchant_of(request)


def _answer(request: ApiRequest, info: PriceListInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render_list(info)


@routes.get(
    "/price-lists",
    summary="Your price lists, the latest first; for operators everyone's",
    audience=BOTH,
    scope="offers:read",
    permission=READERS,
    response=ListOf[PriceListOut],
    example={"data": [LIST], "has_more": False, "next_cursor": None},
)
def list_price_lists(request: ApiRequest, q: ListsQuery = Query(...)) -> PageOf[dict[str, Any]]:
    found = reads.price_lists(
        merchant_id=_whose(request),
        group_id=q.buyer_group_id,
        active=q.active,
        cursor=q.cursor,
        limit=q.limit,
    )
    return found.map(render_list)


@routes.post(
    "/price-lists",
    summary="Make a price list for a group of buyers",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    status=201,
    response=PriceListOut,
    errors=(InvalidPriceList,),
    example={**LIST, "entries": 0},
    request_example=SENT_LIST,
)
def create_price_list(request: ApiRequest, body: PriceListIn) -> dict[str, Any]:
    made = services.create_price_list(merchant_id=merchant_of(request), given=body.contract())
    return _answer(request, made)


@routes.get(
    "/price-lists/{list_id}",
    summary="One price list",
    audience=BOTH,
    scope="offers:read",
    permission=READERS,
    response=PriceListOut,
    errors=(PriceListNotFound,),
    example=LIST,
)
def get_price_list(request: ApiRequest, list_id: PriceListId) -> dict[str, Any]:
    return _answer(request, reads.price_list(list_id=list_id, merchant_id=_whose(request)))


@routes.put(
    "/price-lists/{list_id}",
    summary="Change a price list but for its entries, or switch it off and on",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    response=PriceListOut,
    errors=(PriceListNotFound, InvalidPriceList, PreconditionFailed),
    example=LIST,
    request_example=SENT_LIST,
)
def put_price_list(request: ApiRequest, list_id: PriceListId, body: PriceListIn) -> dict[str, Any]:
    changed = services.change_price_list(
        list_id=list_id,
        merchant_id=merchant_of(request),
        given=body.contract(),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, changed)


@routes.delete(
    "/price-lists/{list_id}",
    summary="Delete a price list with its entries; orders keep its name",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    response=None,
    status=204,
    errors=(PriceListNotFound, PreconditionFailed),
)
def delete_price_list(request: ApiRequest, list_id: PriceListId) -> None:
    services.delete_price_list(
        list_id=list_id,
        merchant_id=merchant_of(request),
        check=lambda version: check_if_match(request, version),
    )


@routes.get(
    "/price-lists/{list_id}/entries",
    summary="What a price list names, the latest first",
    audience=BOTH,
    scope="offers:read",
    permission=READERS,
    response=ListOf[PriceEntryOut],
    errors=(PriceListNotFound,),
    example={"data": [ENTRY], "has_more": False, "next_cursor": None},
)
def list_price_entries(
    request: ApiRequest, list_id: PriceListId, q: PriceEntryQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    found = reads.price_entries(
        list_id=list_id,
        merchant_id=_whose(request),
        variant_id=q.variant_id,
        cursor=q.cursor,
        limit=q.limit,
    )
    return found.map(render_entry)


@routes.put(
    "/price-lists/{list_id}/entries",
    summary=f"Set up to {BATCH_MAX} entries, all or none; others stay unless replace says so",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    response=EntriesOut,
    errors=(PriceListNotFound, InvalidPriceList, PreconditionFailed, TooLarge),
    example={"data": [ENTRY]},
    request_example=SENT_ENTRIES,
)
def put_price_entries(request: ApiRequest, list_id: PriceListId, body: EntriesIn) -> dict[str, Any]:
    made = services.put_price_entries(
        list_id=list_id,
        merchant_id=merchant_of(request),
        rows=body.contracts(),
        replace=body.replace,
        check=lambda version: check_if_match(request, version),
    )
    return {"data": [render_entry(one) for one in made]}


@routes.delete(
    "/price-lists/{list_id}/entries/{entry_id}",
    summary="Take one entry out of a price list",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    response=None,
    status=204,
    errors=(PriceListNotFound, PriceEntryNotFound),
)
def delete_price_entry(request: ApiRequest, list_id: PriceListId, entry_id: EntryId) -> None:
    services.delete_price_entry(
        list_id=list_id, merchant_id=merchant_of(request), entry_id=entry_id
    )
