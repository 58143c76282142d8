"""Promotions: a merchant's own, and for operators the platform's."""

from typing import Any
from uuid import UUID

from ninja.params.functions import Query

from kernel.api import ApiRequest, ExternalId, ListOf, ListQuery, check_if_match, set_etag
from kernel.errors import PreconditionFailed
from kernel.pagination import PageOf
from marketplace.api.promotion_shapes import (
    COUPON,
    PROMOTION,
    REDEMPTION,
    SENT,
    USE,
    CouponOut,
    DrawIn,
    DrawnOut,
    PromotionIn,
    PromotionOut,
    PromotionQuery,
    PromotionUseOut,
    RedemptionOut,
    StateIn,
    render,
    render_coupon,
    render_redemption,
    render_use,
)
from marketplace.api.routes import PromotionId, merchant_of, routes
from marketplace.contracts_promotions import PromotionInfo
from marketplace.errors import (
    CodeTaken,
    ExternalIdTaken,
    InvalidPromotion,
    PromotionNotFound,
    PromotionState,
)
from marketplace.selectors import promotions as reads
from marketplace.services import promotions as services
from marketplace.services.promotion_states import move_promotion

BOTH = {"merchant", "operator"}
SORTS = {"-id": ("-id",), "id": ("id",), "updated_at": ("updated_at", "id")}
REFUSALS = (InvalidPromotion, CodeTaken, ExternalIdTaken)


def _owner(request: ApiRequest) -> UUID | None:
    """Whose promotions are written: the merchant's, or (None) the platform's."""
    return None if request.actor.kind == "operator" else merchant_of(request)


def _seen(request: ApiRequest) -> dict[str, Any]:
    """Whose are read: operators see everyone's."""
    if request.actor.kind == "operator":
        return {"any_owner": True}
    return {"merchant_id": merchant_of(request)}


def _answer(request: ApiRequest, info: PromotionInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/promotions",
    summary="Your promotions, newest first; for operators everyone's",
    audience=BOTH,
    scope="promotions:read",
    permission="promotions",
    response=ListOf[PromotionOut],
    example={"data": [PROMOTION], "has_more": False, "next_cursor": None},
)
def list_promotions(request: ApiRequest, q: PromotionQuery = Query(...)) -> PageOf[dict[str, Any]]:
    seen = _seen(request)
    if "any_owner" in seen and q.merchant_id is not None:
        seen = {"merchant_id": q.merchant_id}
    return reads.promotions(
        **seen,
        state=q.state,
        query=q.q.strip(),
        updated_since=q.updated_since,
        order=q.order(SORTS, "-id"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/promotions",
    summary="Make a draft; activate it to let it hold",
    audience=BOTH,
    scope="promotions:write",
    permission="promotions",
    status=201,
    response=PromotionOut,
    errors=REFUSALS,
    example={**PROMOTION, "state": "draft"},
    request_example=SENT,
)
def create_promotion(request: ApiRequest, body: PromotionIn) -> dict[str, Any]:
    made = services.create_promotion(merchant_id=_owner(request), given=body.contract())
    return _answer(request, made)


@routes.put(
    "/promotions/by-external-id/{external_id}",
    summary="Make or change a promotion by your own id",
    audience=BOTH,
    scope="promotions:write",
    permission="promotions",
    response=PromotionOut,
    errors=(*REFUSALS, PromotionState, PreconditionFailed),
    example=PROMOTION,
    request_example=SENT,
)
def put_promotion_by_external_id(
    request: ApiRequest, external_id: ExternalId, body: PromotionIn
) -> dict[str, Any]:
    owner, given = _owner(request), body.contract(external_id)
    known = reads.promotion_by_external_id(merchant_id=owner, external_id=external_id)
    if known is None:
        check_if_match(request, 0)
        return _answer(request, services.create_promotion(merchant_id=owner, given=given))
    changed = services.change_promotion(
        promotion_id=known.id,
        merchant_id=owner,
        given=given,
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, changed)


@routes.get(
    "/promotions/{promotion_id}",
    summary="One promotion",
    audience=BOTH,
    scope="promotions:read",
    permission="promotions",
    response=PromotionOut,
    errors=(PromotionNotFound,),
    example=PROMOTION,
)
def get_promotion(request: ApiRequest, promotion_id: PromotionId) -> dict[str, Any]:
    return _answer(request, reads.promotion(promotion_id=promotion_id, **_seen(request)))


@routes.put(
    "/promotions/{promotion_id}",
    summary="Change a draft; later only names, end, priority, limits and metadata",
    audience=BOTH,
    scope="promotions:write",
    permission="promotions",
    response=PromotionOut,
    errors=(PromotionNotFound, PromotionState, *REFUSALS, PreconditionFailed),
    example=PROMOTION,
    request_example=SENT,
)
def put_promotion(
    request: ApiRequest, promotion_id: PromotionId, body: PromotionIn
) -> dict[str, Any]:
    changed = services.change_promotion(
        promotion_id=promotion_id,
        merchant_id=_owner(request),
        given=body.contract(),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, changed)


@routes.put(
    "/promotions/{promotion_id}/state",
    summary="Activate, pause or end a promotion; orders placed keep what they were given",
    audience=BOTH,
    scope="promotions:write",
    permission="promotions",
    response=PromotionOut,
    errors=(PromotionNotFound, PromotionState, PreconditionFailed),
    example=PROMOTION,
    request_example={"state": "active"},
)
def put_state(request: ApiRequest, promotion_id: PromotionId, body: StateIn) -> dict[str, Any]:
    moved = move_promotion(
        promotion_id=promotion_id,
        merchant_id=_owner(request),
        to=body.state,
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, moved)


@routes.get(
    "/promotions/{promotion_id}/use",
    summary="What came of a promotion",
    audience=BOTH,
    scope="promotions:read",
    permission="promotions",
    response=PromotionUseOut,
    errors=(PromotionNotFound,),
    example=USE,
)
def get_use(request: ApiRequest, promotion_id: PromotionId) -> dict[str, Any]:
    return render_use(reads.promotion_use(promotion_id=promotion_id, **_seen(request)))


@routes.get(
    "/promotions/{promotion_id}/codes",
    summary="A promotion's codes, with how often each was used",
    audience=BOTH,
    scope="promotions:read",
    permission="promotions",
    response=ListOf[CouponOut],
    errors=(PromotionNotFound,),
    example={"data": [COUPON], "has_more": False, "next_cursor": None},
)
def list_codes(
    request: ApiRequest, promotion_id: PromotionId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    return reads.coupons(
        promotion_id=promotion_id, cursor=q.cursor, limit=q.limit, **_seen(request)
    ).map(render_coupon)


@routes.post(
    "/promotions/{promotion_id}/codes",
    summary=f"Draw new codes that each work once; at most {services.CODES_MAX} for a promotion",
    audience=BOTH,
    scope="promotions:write",
    permission="promotions",
    status=201,
    response=DrawnOut,
    errors=(PromotionNotFound, PromotionState, InvalidPromotion),
    example={"codes": [COUPON["code"]]},
    request_example={"count": 500},
)
def draw_codes(request: ApiRequest, promotion_id: PromotionId, body: DrawIn) -> dict[str, Any]:
    codes = services.draw_codes(
        promotion_id=promotion_id, merchant_id=_owner(request), count=body.count
    )
    return {"codes": codes}


@routes.get(
    "/promotions/{promotion_id}/redemptions",
    summary="The orders that used a promotion, the latest first",
    audience=BOTH,
    scope="promotions:read",
    permission="promotions",
    response=ListOf[RedemptionOut],
    errors=(PromotionNotFound,),
    example={"data": [REDEMPTION], "has_more": False, "next_cursor": None},
)
def list_redemptions(
    request: ApiRequest, promotion_id: PromotionId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    return reads.redemptions(
        promotion_id=promotion_id, cursor=q.cursor, limit=q.limit, **_seen(request)
    ).map(render_redemption)
