"""Merchants' terms: commission rules and payout plan."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    DecimalStr,
    Id,
    ListOf,
    ListQuery,
    Minor,
    MoneyIO,
    Schema,
    Timestamp,
)
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments.api.routes import BOTH, SORTS, MerchantId, Positive, merchant_of, routes
from payments.contracts_terms import PlanInfo, RuleInfo
from payments.services import plans, rates

RuleId = Annotated[UUID, Id("cmr")]
RULE: dict[str, Any] = {
    "id": "cmr_01k00000000000000000000000",
    "level": "merchant_category",
    "merchant": "mer_01k00000000000000000000000",
    "category": "fresh/fruit",
    "rate": "3.5",
    "fixed": 0,
    "minimum": 100,
    "currency": "CNY",
    "valid_from": "2026-05-01T00:00:00Z",
    "valid_until": None,
    "note": "",
}
QUOTE = {
    "commission": {"amount": 452, "currency": "CNY"},
    "rate": "3.5",
    "level": "merchant_category",
    "rule": "cmr_01k00000000000000000000000",
}
PLAN: dict[str, Any] = {
    "merchant": "mer_01k00000000000000000000000",
    "interval": "weekly",
    "day": 1,
    "minimum": {"amount": 10000, "currency": "CNY"},
    "hold_days": 2,
    "next_run_at": "2026-05-04T18:00:00Z",
    "paused_until": None,
    "pause": None,
    "failures": 0,
    "upcoming": None,
}


class CommissionRuleOut(Schema):
    id: RuleId
    level: str = Field(description="merchant_category, merchant, category, platform")
    merchant: MerchantId | None
    category: str
    rate: DecimalStr = Field(description="Per cent")
    fixed: int = Field(description="Minor units on top")
    minimum: int
    currency: str
    valid_from: Timestamp
    valid_until: Timestamp | None
    note: str


class CommissionRuleIn(Schema):
    merchant: MerchantId | None = None
    category: Annotated[str, Field(max_length=200)] = ""
    rate: DecimalStr
    fixed: Minor = 0
    minimum: Minor = 0
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    valid_from: Timestamp | None = Field(None, description="Business time; now, if not given")
    valid_until: Timestamp | None = None
    note: Annotated[str, Field(max_length=200)] = ""


class RuleEnd(Schema):
    valid_until: Timestamp | None = Field(None, description="Now, if not given")


class QuoteIn(Schema):
    amount: Positive
    category: Annotated[str, Field(max_length=200)] = ""
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class CommissionQuoteOut(Schema):
    commission: MoneyIO
    rate: DecimalStr
    level: str = Field(description="The rule's level, or blueprint for the basic setting")
    rule: RuleId | None


class WhoseQuery(NinjaSchema):
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class UpcomingOut(Schema):
    interval: str
    day: int
    minimum: MoneyIO
    hold_days: int
    valid_from: Timestamp


class PayoutPlanOut(Schema):
    merchant: MerchantId
    interval: str
    day: int
    minimum: MoneyIO
    hold_days: int
    next_run_at: Timestamp | None
    paused_until: Timestamp | None
    pause: str | None = Field(description="changed_account; account: the bank refused it; operator")
    failures: int
    upcoming: UpcomingOut | None = Field(description="What holds from valid_from on")


class PayoutPlanIn(Schema):
    interval: Literal["manual", "daily", "weekly", "monthly"]
    day: Annotated[int, Field(ge=1, le=28, description="1 Monday … 7, or 1 … 28 of a month")] = 1
    minimum: Minor = 0
    hold_days: Annotated[int, Field(ge=0, le=90)] = 0
    valid_from: Timestamp | None = Field(None, description="Business time; now, if not given")
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


def _rule(info: RuleInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "level": info.level,
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "category": info.category,
        "rate": format(info.rate.normalize(), "f"),
        "fixed": info.fixed,
        "minimum": info.minimum,
        "currency": info.currency,
        "valid_from": info.valid_from,
        "valid_until": info.valid_until,
        "note": info.note,
    }


def plan_out(info: PlanInfo) -> dict[str, Any]:
    """The plan as it is shown."""
    return {
        "merchant": public_id("mer", info.merchant_id),
        "interval": info.interval,
        "day": info.day,
        "minimum": info.minimum,
        "hold_days": info.hold_days,
        "next_run_at": info.next_run_at,
        "paused_until": info.paused_until,
        "pause": info.pause or None,
        "failures": info.failures,
        "upcoming": None
        if info.upcoming is None
        else {name: getattr(info.upcoming, name) for name in UpcomingOut.model_fields},
    }


@routes.get(
    "/commission-rules",
    summary="Commission rules: yours and those for all",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[CommissionRuleOut],
    example={"data": [RULE], "has_more": False, "next_cursor": None},
)
def list_rules(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return rates.rules_page(
        merchant_id=request.actor.merchant_id,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_rule)


@routes.post(
    "/commission-rules",
    summary="A new commission rule; the most specific one that is valid holds",
    audience={"operator"},
    scope="payments:write",
    permission="terms",
    status=201,
    response=CommissionRuleOut,
    errors=(Invalid, NotFound),
    example=RULE,
    request_example={
        "merchant": "mer_01k00000000000000000000000",
        "category": "fresh/fruit",
        "rate": "3.5",
        "minimum": 100,
        "currency": "CNY",
    },
)
def add_rule(request: ApiRequest, body: CommissionRuleIn) -> dict[str, Any]:
    row = rates.add_rule(
        rate=Decimal(body.rate),
        merchant_id=body.merchant,
        category=body.category,
        fixed=body.fixed,
        minimum=body.minimum,
        currency=body.currency,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        note=body.note,
    )
    return _rule(rates.rule_info(row))


@routes.post(
    "/commission-rules/{rule_id}/end",
    summary="Let a commission rule end",
    audience={"operator"},
    scope="payments:write",
    permission="terms",
    response=CommissionRuleOut,
    errors=(Invalid, NotFound),
    example={**RULE, "valid_until": "2026-06-01T00:00:00Z"},
    request_example={"valid_until": "2026-06-01T00:00:00Z"},
)
def end_rule(request: ApiRequest, rule_id: RuleId, body: RuleEnd) -> dict[str, Any]:
    return _rule(rates.rule_info(rates.end_rule(rule_id=rule_id, at=body.valid_until)))


@routes.post(
    "/commission-quotes",
    summary="What would be taken of a sale now, and by which rule",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=CommissionQuoteOut,
    errors=(Invalid,),
    example=QUOTE,
    request_example={"amount": {"amount": 12900, "currency": "CNY"}, "category": "fresh/fruit"},
)
def quote(request: ApiRequest, body: QuoteIn) -> dict[str, Any]:
    found = rates.commission_for(
        merchant_id=merchant_of(request.actor, body.merchant),
        amount=body.amount.money(),
        category=body.category,
    )
    return {
        "commission": found.amount,
        "rate": format(found.rate.normalize(), "f"),
        "level": found.level,
        "rule": found.rule or None,
    }


@routes.get(
    "/payout-plan",
    summary="When you are paid out by itself",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=PayoutPlanOut,
    example=PLAN,
)
def get_payoutplan_out(request: ApiRequest, q: WhoseQuery = Query(...)) -> dict[str, Any]:
    return plan_out(plans.plan(merchant_id=merchant_of(request.actor, q.merchant)))


@routes.put(
    "/payout-plan",
    summary="Choose when you are paid out",
    audience=BOTH,
    scope="payouts:write",
    permission="payouts",
    response=PayoutPlanOut,
    errors=(Invalid, NotFound),
    example=PLAN,
    request_example={"interval": "weekly", "day": 1, "minimum": 10000, "hold_days": 2},
)
def set_plan(request: ApiRequest, body: PayoutPlanIn) -> dict[str, Any]:
    info = plans.set_plan(
        merchant_id=merchant_of(request.actor, body.merchant),
        interval=body.interval,
        day=body.day,
        minimum=body.minimum,
        hold_days=body.hold_days,
        valid_from=body.valid_from,
    )
    return plan_out(info)
