"""Searching, suggestions while typing, and telling which hit was opened."""

from typing import Annotated, Any

from django.utils.translation import get_language
from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Schema, Whole
from kernel.errors import Conflict
from search.api.routes import TAIL, ProductId, routes, visit_of
from search.api.shapes import (
    FACET_EXAMPLE,
    PRODUCT_EXAMPLE,
    SearchOut,
    SuggestOut,
    render_found,
)
from search.contracts.found import SORTS
from search.errors import (
    BadCursor,
    BadPage,
    CursorOfAnotherQuery,
    CursorOutdated,
    QueryTooLong,
    TooDeep,
    TooManyFilters,
    UnknownRef,
    WrongValue,
)
from search.services import asking, offering, querylog

ASKING = (
    QueryTooLong, UnknownRef, WrongValue, TooManyFilters, BadPage, TooDeep, BadCursor,
    CursorOfAnotherQuery, CursorOutdated,
)  # fmt: skip


class SearchQuery(NinjaSchema):
    """What is searched for. Everything is optional: nothing asked lists everything."""

    q: str = Field("", description="What was typed")
    type: str = Field("product", description="product, or merchant", max_length=40)
    filter: list[str] = Field(
        [],
        description="field:value or field:low..high, repeated; values of one field are"
        " alternatives. Fields: category (path), brand, merchant, origin, region, stock,"
        " prices (major units), attributes.<code>",
    )
    facets: str | None = Field(
        None, description="Comma-separated fields to count; left out: those of the platform's pages"
    )
    sort: str = Field("relevance", description=", ".join(SORTS), max_length=40)
    page: Whole = 1
    limit: Whole = Field(20, description="1 to 100")
    cursor: str = Field("", description="next_cursor of the page before; takes page's place")
    group: str = Field("", description="product or merchant: one hit of each", max_length=40)
    correct: bool = Field(True, description="Read unknown words as similar known ones")
    fields: str | None = Field(None, description="Comma-separated top-level fields to send")


class SuggestParams(NinjaSchema):
    q: str = ""
    limit: Annotated[int, Field(ge=1, le=20)] = 8


class ClickIn(Schema):
    q: Annotated[str, Field(min_length=1, max_length=200)]
    product_id: ProductId


@routes.get(
    "/search",
    summary="Find products, with facets; type for other kinds", permission="public",
    response=SearchOut,
    errors=ASKING,
    example={
        "data": [PRODUCT_EXAMPLE], "has_more": False, "next_cursor": None, "total": 1, "full": 1,
        "groups": None, "facets": [FACET_EXAMPLE], "corrected": None, "redirect": None,
        "degraded": False, "notices": [],
    },
)  # fmt: skip
def search(request: ApiRequest, q: SearchQuery = Query(...)) -> dict[str, Any]:
    language = get_language() or ""
    result = asking.ask(
        text=q.q, doc_type=q.type, filters=q.filter, facets=q.facets, sort=q.sort, page=q.page,
        size=q.limit, cursor=q.cursor, group=q.group, correct=q.correct, language=language,
    )  # fmt: skip
    whole = not q.cursor and q.page == 1 and not result.filters
    if whole and q.type == "product" and not result.found.degraded:
        querylog.note_search(text=q.q, total=result.found.total, visit=visit_of(request))
    return render_found(result.found, result.panels, language=language, redirect=result.redirect)


@routes.get(
    "/suggest",
    summary="What could be meant: popular queries, categories, products", permission="public",
    response=SuggestOut,
    errors=(QueryTooLong,),
    example={
        "data": [
            {"kind": "query", "text": "玉米", "marked": "<mark>玉米</mark>"},
            {"kind": "category", "text": "玉米", "marked": "<mark>玉米</mark>", "path": "corn",
             "id": f"cat_{TAIL}"},
            {"kind": "product", "text": "二等玉米", "marked": "二等<mark>玉米</mark>",
             "id": f"prd_{TAIL}", "path": "corn-grade-2"},
        ]
    },
)  # fmt: skip
def suggest(request: ApiRequest, q: SuggestParams = Query(...)) -> dict[str, Any]:
    found = offering.offer(text=q.q, language=get_language() or "", size=q.limit)
    return {
        "data": [
            {"kind": one.kind, "text": one.text, "marked": one.marked, "id": one.id or None,
             "path": one.path or None}
            for one in found
        ]
    }  # fmt: skip


@routes.post(
    "/search/clicks",
    summary="Tell that a hit was opened, so that reports and popular queries get better",
    permission="public",
    status=204,
    response=None,
    errors=(Conflict,),
    request_example={"q": "玉米", "product_id": f"prd_{TAIL}"},
)
def click(request: ApiRequest, body: ClickIn) -> None:
    querylog.note_click(text=body.q, visit=visit_of(request))
