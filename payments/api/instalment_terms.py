"""The platform's terms for paying in parts, and an operator's hold on payouts."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp, Whole
from kernel.errors import Conflict, Invalid, NotFound
from kernel.pagination import PageOf
from payments.api.routes import BOTH, SORTS, MerchantId, routes
from payments.api.terms import PLAN, PayoutPlanOut, plan_out
from payments.contracts_instalments import InstalmentTermsInfo
from payments.services import instalment_terms, plans

TermsId = Annotated[UUID, Id("itm")]
GIVEN: dict[str, Any] = {
    "first_percent": 20,
    "most_parts": 6,
    "longest_days": 180,
    "most_grace_days": 7,
    "valid_from": "2026-06-01T00:00:00Z",
    "note": "Autumn season",
}
EXAMPLE = {
    "id": "itm_01k00000000000000000000000",
    **GIVEN,
    "holds": False,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}


class TermsIn(Schema):
    first_percent: Annotated[Whole, Field(description="Of the whole, at least as first part")]
    most_parts: Whole
    longest_days: Annotated[Whole, Field(description="Until the last part is due")]
    most_grace_days: Whole
    valid_from: Timestamp | None = Field(None, description="Business time; now, if not given")
    note: Annotated[str, Field(max_length=200)] = ""


class InstalmentTermsOut(Schema):
    id: TermsId
    first_percent: int
    most_parts: int
    longest_days: int
    most_grace_days: int
    valid_from: Timestamp
    note: str
    holds: bool = Field(description="Whether plans opened now are looked at by them")
    created_at: Timestamp
    updated_at: Timestamp


class HoldIn(Schema):
    merchant: MerchantId
    until: Timestamp | None = Field(None, description="Business time; none: until it is ended")
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class MerchantTermsIn(Schema):
    merchant: MerchantId


def _out(info: InstalmentTermsInfo) -> dict[str, Any]:
    names = tuple(name for name in InstalmentTermsOut.model_fields if name != "id")
    return {"id": info.public_id, **{name: getattr(info, name) for name in names}}


@routes.get(
    "/instalment-terms", summary="The platform's terms for paying in parts", audience=BOTH,
    scope="payments:read", permission="money.see", response=ListOf[InstalmentTermsOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_terms(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return instalment_terms.terms_page(
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_out)


@routes.post(
    "/instalment-terms", summary="Set the terms from a day on; plans opened before stay",
    audience={"operator"}, scope="payments:write",
    permission="terms", status=201, response=InstalmentTermsOut,
    errors=(Invalid,), example=EXAMPLE, request_example=GIVEN,
)  # fmt: skip
def set_terms(request: ApiRequest, body: TermsIn) -> dict[str, Any]:
    return _out(instalment_terms.set_terms(**body.model_dump()))


@routes.delete(
    "/instalment-terms/{terms_id}", summary="Terms that haven't begun won't",
    audience={"operator"}, scope="payments:write", permission="terms", status=204, response=None,
    errors=(NotFound, Invalid),
)  # fmt: skip
def remove_terms(request: ApiRequest, terms_id: TermsId) -> None:
    instalment_terms.remove_terms(terms_id=terms_id)


@routes.post(
    "/payout-plan/hold", summary="Hold a merchant's payouts",
    audience={"operator"}, scope="payouts:write",
    permission="payouts", response=PayoutPlanOut, errors=(NotFound, Invalid),
    example={**PLAN, "pause": "operator"},
    request_example={"merchant": PLAN["merchant"], "reason": "Open investigation"},
)  # fmt: skip
def hold(request: ApiRequest, body: HoldIn) -> dict[str, Any]:
    return plan_out(
        plans.hold_payouts(merchant_id=body.merchant, until=body.until, reason=body.reason)
    )


@routes.post(
    "/payout-plan/resume", summary="End your hold on a merchant's payouts",
    audience={"operator"}, scope="payouts:write",
    permission="payouts", response=PayoutPlanOut, errors=(NotFound, Conflict),
    example=PLAN, request_example={"merchant": PLAN["merchant"]},
)  # fmt: skip
def resume(request: ApiRequest, body: MerchantTermsIn) -> dict[str, Any]:
    return plan_out(plans.resume_payouts(merchant_id=body.merchant))
