"""What people search for: the operator's report, and the synonyms proposed from it."""

from typing import Annotated, Any

from django.utils.translation import get_language
from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, DecimalStr, ListOf, ListQuery, Schema, Whole
from kernel.errors import Invalid
from kernel.ids import public_id
from kernel.pagination import PageOf
from search.api.find import ASKING
from search.api.routes import TAIL, ProductId, routes
from search.api.tuning import READ, WRITE
from search.api.tuning_shapes import SYNONYM_EXAMPLE, SynonymOut, synonym_out
from search.errors import TooManyRules
from search.selectors import queries
from search.services import preview, proposals

STANDING = {
    "place": 1, "was": 3, "product_id": f"prd_{TAIL}", "title": "二等玉米", "points": "112.40",
    "reasons": [{"text": "“玉米”出现在标题中", "points": "11.90"}],
}  # fmt: skip


class ReportQuery(ListQuery):
    kind: str = Field("popular", description="popular, empty (found nothing) or unclicked")
    days: Whole = Field(30, description="How many days back, today included")
    language: str | None = Field(None, description="zh or en: by the script of the query")


class QueryOut(Schema):
    query: str
    language: str
    searches: int = Field(description="Visits in which it was searched")
    empty: int = Field(description="Of these, how many found nothing")
    clicks: int = Field(description="Of these, how many opened a product")


class DaysQuery(ListQuery):
    days: Whole = 90


class SynonymProposalOut(Schema):
    before: str
    after: str
    language: str
    times: int = Field(description="Visits in which after was typed straight after before")
    clicks: int = Field(description="Of these, how many then opened a product")
    empty: int = Field(description="Visits in which before found nothing")


class PairIn(Schema):
    before: Annotated[str, Field(min_length=1, max_length=60)]
    after: Annotated[str, Field(min_length=1, max_length=60)]


class PairAcceptedOut(Schema):
    synonym: SynonymOut
    published: int | None = Field(description="The version it is published in; null: in the draft")


class PreviewQuery(NinjaSchema):
    q: str = ""
    category: str = Field("", description="A category's path", max_length=500)
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class ReasonOut(Schema):
    text: str
    points: DecimalStr


class StandingOut(Schema):
    place: int
    was: int | None = Field(description="Its place on the other side")
    product_id: ProductId
    title: str
    points: DecimalStr
    reasons: list[ReasonOut]


class SearchPreviewOut(Schema):
    current: list[StandingOut]
    draft: list[StandingOut]
    degraded: bool


@routes.get("/search/reports/queries", summary="What is searched for; no rare query, no person",
            response=ListOf[QueryOut],
            example={"data": [{"query": "玉米", "language": "zh", "searches": 420, "empty": 0,
                               "clicks": 260}], "has_more": False, "next_cursor": None},
            **READ)  # fmt: skip
def report(request: ApiRequest, q: ReportQuery = Query(...)) -> PageOf[dict[str, Any]]:
    page = queries.report(
        kind=q.kind, days=q.days, language=q.language, cursor=q.cursor, limit=q.limit
    )
    return page.map(
        lambda row: {"query": row.query, "language": row.language, "searches": row.searches,
                     "empty": row.empty, "clicks": row.clicks}
    )  # fmt: skip


@routes.get("/search/reports/synonyms", summary="Synonyms proposed from what people typed next",
            response=ListOf[SynonymProposalOut],
            example={"data": [{"before": "苞米", "after": "玉米", "language": "zh", "times": 12,
                               "clicks": 11, "empty": 12}], "has_more": False,
                     "next_cursor": None}, **READ)  # fmt: skip
def proposed(request: ApiRequest, q: DaysQuery = Query(...)) -> PageOf[dict[str, Any]]:
    found = queries.proposals(days=q.days)
    rows = [
        {"before": one.before, "after": one.after, "language": one.language, "times": one.times,
         "clicks": one.clicks, "empty": one.empty}
        for one in found[: q.limit]
    ]  # fmt: skip
    return PageOf(rows, False, None)


@routes.post("/search/reports/synonyms/accept", summary="Make a proposed synonym one",
             response=PairAcceptedOut, errors=(TooManyRules, Invalid),
             example={"synonym": SYNONYM_EXAMPLE, "published": 4},
             request_example={"before": "苞米", "after": "玉米"}, **WRITE)  # fmt: skip
def accept(request: ApiRequest, body: PairIn) -> dict[str, Any]:
    made, version = proposals.accept(before=body.before, after=body.after)
    return {"synonym": synonym_out(made), "published": version.number if version else None}


@routes.post("/search/reports/synonyms/decline", summary="Don't propose a pair again", status=204,
             response=None, request_example={"before": "苞米", "after": "棒子面"},
             **WRITE)  # fmt: skip
def decline(request: ApiRequest, body: PairIn) -> None:
    proposals.decline(before=body.before, after=body.after)


@routes.get("/search/preview", summary="What is published beside the draft, and why",
            response=SearchPreviewOut, errors=ASKING,
            example={"current": [STANDING], "draft": [STANDING], "degraded": False},
            **READ)  # fmt: skip
def compare(request: ApiRequest, q: PreviewQuery = Query(...)) -> dict[str, Any]:
    language = get_language() or ""
    found = preview.preview(text=q.q, category=q.category, language=language, size=q.limit)
    return {
        "current": [_standing(one) for one in found.current],
        "draft": [_standing(one) for one in found.draft],
        "degraded": found.degraded,
    }


def _standing(one: preview.Standing) -> dict[str, Any]:
    return {
        "place": one.place,
        "was": one.was,
        "product_id": public_id("prd", one.product.id),
        "title": one.product.listing.card.title,
        "points": f"{one.points:.2f}",
        "reasons": [{"text": text, "points": f"{points:.2f}"} for text, points in one.reasons],
    }
