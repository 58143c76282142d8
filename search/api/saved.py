"""Kept searches with alerts, for buyers and merchants."""

from typing import Annotated, Any

from django.utils.translation import get_language
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    ListOf,
    ListQuery,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import Conflict, PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from search.api.find import ASKING
from search.api.routes import TAIL, ProductId, SavedId, owner_of, routes
from search.contracts.saved import MatchInfo, SavedSearchInfo
from search.errors import TooManySaved
from search.selectors import saved as selectors
from search.services import asking, saved

READ: dict[str, Any] = {"audience": {"buyer", "merchant"}, "scope": "saved-searches:read"}
WRITE: dict[str, Any] = {"audience": {"buyer", "merchant"}, "scope": "saved-searches:write"}
SORTS: dict[str, tuple[str, ...]] = {"-created_at": ("-id",), "created_at": ("id",)}
EXAMPLE = {
    "id": f"sav_{TAIL}",
    "name": "二等玉米，水分不高于 14%",
    "q": "玉米",
    "filter": ["attributes.grade:2", "attributes.moisture:..14"],
    "sort": "relevance",
    "alert": True,
    "unseen": 2,
    "checked_at": "2026-05-01T08:00:00Z",
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}


class SavedSearchOut(Schema):
    id: SavedId
    name: str
    q: str
    filter: list[str]
    sort: str
    alert: bool
    unseen: int = Field(description="New matches that nobody has looked at")
    checked_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp


class SavedSearchIn(Schema):
    q: Annotated[str, Field(max_length=200)] = ""
    filter: Annotated[list[str], Field(max_length=100)] = []
    sort: str = "relevance"
    name: Annotated[str, Field(max_length=100)] = ""
    alert: bool = True


class SavedChange(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    alert: bool | None = None


class MatchOut(Schema):
    product_id: ProductId
    found_at: Timestamp
    seen: bool


class SeenOut(Schema):
    seen: int


def render(info: SavedSearchInfo) -> dict[str, Any]:
    """As sent; filters in the form in which ``/search`` takes them."""
    return {
        "id": public_id("sav", info.id),
        "name": info.name,
        "q": info.text,
        "filter": asking.filter_texts(info.filters),
        "sort": info.sort,
        "alert": info.alert,
        "unseen": info.unseen,
        "checked_at": info.checked_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _out(request: ApiRequest, info: SavedSearchInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/saved-searches",
    summary="Your kept searches",
    permission="own",
    response=ListOf[SavedSearchOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
    **READ,
)
def list_saved(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    page = selectors.saved_searches(
        owner=owner_of(request.actor),
        order=q.order(SORTS, "-created_at"),
        updated_since=q.updated_since,
        cursor=q.cursor,
        limit=q.limit,
    )
    return page.map(render)


@routes.post(
    "/saved-searches",
    summary="Keep a search; with alert you are told of new matches by page and webhook",
    permission="own",
    status=201,
    response=SavedSearchOut,
    errors=(*ASKING, TooManySaved),
    example=EXAMPLE,
    request_example={"q": "玉米", "filter": ["attributes.moisture:..14"], "name": "干玉米"},
    outside=True,
    **WRITE,
)
def save_search(request: ApiRequest, body: SavedSearchIn) -> dict[str, Any]:
    asked = asking.checked(
        text=body.q, filters=body.filter, sort=body.sort, language=get_language() or ""
    )
    info = saved.save_search(
        owner=owner_of(request.actor), text=asked.text, filters=asked.filters, sort=body.sort,
        name=body.name, alert=body.alert,
    )  # fmt: skip
    return _out(request, info)


@routes.get(
    "/saved-searches/{saved_id}",
    summary="One kept search",
    permission="own",
    response=SavedSearchOut,
    example=EXAMPLE,
    **READ,
)
def get_saved(request: ApiRequest, saved_id: SavedId) -> dict[str, Any]:
    info = selectors.saved_search(saved_id=saved_id, owner=owner_of(request.actor))
    return _out(request, info)


@routes.patch(
    "/saved-searches/{saved_id}",
    summary="Rename a kept search, or switch its alert",
    permission="own",
    response=SavedSearchOut,
    errors=(PreconditionFailed,),
    example=EXAMPLE,
    request_example={"alert": False},
    **WRITE,
)
def change_saved(request: ApiRequest, saved_id: SavedId, body: SavedChange) -> dict[str, Any]:
    info = saved.change_saved(
        saved_id=saved_id,
        owner=owner_of(request.actor),
        name=body.name,
        alert=body.alert,
        check=lambda version: check_if_match(request, version),
    )
    return _out(request, info)


@routes.delete(
    "/saved-searches/{saved_id}",
    summary="Forget a kept search",
    permission="own",
    status=204,
    response=None,
    errors=(Conflict,),
    **WRITE,
)
def remove_saved(request: ApiRequest, saved_id: SavedId) -> None:
    saved.remove_saved(saved_id=saved_id, owner=owner_of(request.actor))


@routes.get(
    "/saved-searches/{saved_id}/matches",
    summary="What newly matched a kept search, latest first",
    permission="own",
    response=ListOf[MatchOut],
    example={
        "data": [{"product_id": f"prd_{TAIL}", "found_at": "2026-05-01T08:00:00Z", "seen": False}],
        "has_more": False,
        "next_cursor": None,
    },
    **READ,
)
def list_matches(
    request: ApiRequest, saved_id: SavedId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    page = selectors.matches(
        saved_id=saved_id, owner=owner_of(request.actor), cursor=q.cursor, limit=q.limit
    )
    return page.map(_match)


@routes.post(
    "/saved-searches/{saved_id}/seen",
    summary="Say that you have looked at the new matches",
    permission="own",
    response=SeenOut,
    example={"seen": 2},
    **WRITE,
)
def seen(request: ApiRequest, saved_id: SavedId) -> dict[str, Any]:
    return {"seen": saved.mark_seen(saved_id=saved_id, owner=owner_of(request.actor))}


def _match(info: MatchInfo) -> dict[str, Any]:
    return {
        "product_id": public_id("prd", info.product_id),
        "found_at": info.found_at,
        "seen": info.seen,
    }
