"""What promotions look like on the wire."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from kernel.api import (
    Currency,
    DecimalStr,
    ExternalId,
    ListQuery,
    Metadata,
    MoneyIO,
    Schema,
    Timestamp,
)
from kernel.errors import FieldProblem, NotFound
from kernel.ids import parse_public_id, public_id
from marketplace.api.routes import TAIL, MerchantId, OrderId, PromotionId, shown_id
from marketplace.contracts_promotions import (
    CouponInfo,
    PromotionInfo,
    PromotionInput,
    PromotionUse,
    RedemptionInfo,
)
from marketplace.domain.promotions import Terms, Tier
from marketplace.errors import InvalidPromotion
from marketplace.services.promotions import CODES_MAX

PREFIXES = {"categories": "cat", "products": "prd", "variants": "var", "merchants": "mer"}
SENT: dict[str, Any] = {
    "name": {"zh-Hans": "满百减十", "en": "10 off from 100"},
    "kind": "threshold",
    "terms": {"tiers": [{"spend": 10000, "off": 1000}, {"spend": 30000, "off": 4000}]},
    "scope": {"kind": "all", "ids": []},
    "way": "code",
    "code": "SPRING-10",
    "ends_at": "2026-06-01T00:00:00Z",
    "max_uses_each": 1,
    "budget": 1000000,
}
PROMOTION: dict[str, Any] = {
    "id": f"prm_{TAIL}",
    "state": "active",
    "merchant_id": f"mer_{TAIL}",
    "paid_by": "merchant",
    **SENT,
    "terms": {
        "percent": None, "amount": 0, "repeat": False, "buy": 0, "get": 0, "minimum": 0,
        "most": None, **SENT["terms"],
    },
    "currency": "CNY",
    "starts_at": "2026-05-01T00:00:00Z",
    "priority": 0,
    "exclusive": False,
    "stack_group": "",
    "max_uses": None,
    "external_id": "P-2026-05",
    "metadata": {},
    "created_at": "2026-04-30T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}  # fmt: skip
USE = {
    "purchases": 12,
    "discount": {"amount": 15600, "currency": "CNY"},
    "given_back": 1,
    "codes": 500,
    "codes_used": 12,
}
COUPON = {"code": "7KQ2M9XWHB4T", "once": True, "uses": 0}
REDEMPTION = {
    "order": f"ord_{TAIL}",
    "order_number": "20261124-4K7Q9M2X-1",
    "code": "SPRING-10",
    "amount": {"amount": 1000, "currency": "CNY"},
    "used_at": "2026-05-01T08:00:00Z",
    "returned_at": None,
}
Minor = Annotated[int, Field(ge=0, le=10**15, description="Minor units")]
Count = Annotated[int, Field(ge=1, le=2**31 - 2)]


class TierIO(Schema):
    spend: Minor
    off: Minor


class TermsIO(Schema):
    """Which of these count depends on the kind; amounts in minor units."""

    percent: DecimalStr | None = Field(None, description="percentage, buy_x_get_y (100: free)")
    amount: Minor = Field(0, description="amount_off")
    tiers: Annotated[list[TierIO], Field(max_length=10)] = Field(
        default_factory=list, description="threshold: spend so much, get so much off"
    )
    repeat: bool = Field(False, description="A single step counts as often as it is reached")
    buy: Annotated[int, Field(ge=0, le=100)] = 0
    get: Annotated[int, Field(ge=0, le=100)] = 0
    minimum: Minor = Field(0, description="What the goods must come to")
    most: Minor | None = Field(None, description="It never takes more off than this")


class ScopeIO(Schema):
    kind: Literal["all", "categories", "products", "variants", "merchants"] = "all"
    ids: Annotated[list[str], Field(max_length=500)] = Field(default_factory=list)


class PromotionIn(Schema):
    name: dict[str, str]
    kind: Literal["percentage", "amount_off", "threshold", "buy_x_get_y"]
    terms: TermsIO
    scope: ScopeIO = Field(default_factory=ScopeIO)
    way: Literal["automatic", "code", "codes"] = Field(
        "automatic", description="Without a code; one code for all; codes that work once"
    )
    code: Annotated[str, Field(max_length=60)] = ""
    starts_at: Timestamp | None = Field(None, description="Business time; now, if not given")
    ends_at: Timestamp | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    exclusive: bool = False
    stack_group: Annotated[str, Field(max_length=40)] = Field(
        "", description="A line takes one promotion of a group only"
    )
    max_uses: Count | None = None
    max_uses_each: Count | None = Field(None, description="For one buyer, who must sign in")
    budget: Minor | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None

    def contract(self, external_id: str | None = None) -> PromotionInput:
        """Raises InvalidPromotion for an id that is none."""
        given = self.terms
        return PromotionInput(
            names=self.name,
            kind=self.kind,
            terms=Terms(
                percent=given.percent or Decimal(0),
                tiers=tuple(Tier(one.spend, one.off) for one in given.tiers),
                **{
                    name: getattr(given, name)
                    for name in ("amount", "repeat", "buy", "get", "minimum", "most")
                },
            ),
            scope=self.scope.kind,
            scope_names=_ids(self.scope),
            external_id=external_id or self.external_id,
            metadata=self.metadata,
            **{
                name: getattr(self, name)
                for name in (
                    "way", "code", "starts_at", "ends_at", "priority", "exclusive", "stack_group",
                    "max_uses", "max_uses_each", "budget",
                )
            },
        )  # fmt: skip


def _ids(scope: ScopeIO) -> tuple[str, ...]:
    try:
        return tuple(str(parse_public_id(PREFIXES.get(scope.kind, ""), one)) for one in scope.ids)
    except NotFound as error:
        problem = FieldProblem("scope.ids", str(error.detail or error.title))
        raise InvalidPromotion(problems=[problem]) from error


class PromotionOut(Schema):
    id: PromotionId
    state: str = Field(description="draft, active, paused, ended")
    merchant_id: MerchantId | None = Field(description="null: the platform's")
    paid_by: str = Field(description="merchant, platform")
    name: dict[str, str]
    kind: str
    terms: TermsIO
    scope: ScopeIO
    way: str
    code: str
    currency: Currency
    starts_at: Timestamp
    ends_at: Timestamp | None
    priority: int
    exclusive: bool
    stack_group: str
    max_uses: int | None
    max_uses_each: int | None
    budget: int | None
    external_id: str | None
    metadata: dict[str, Any]
    created_at: Timestamp
    updated_at: Timestamp


class StateIn(Schema):
    state: Literal["active", "paused", "ended"]


class PromotionUseOut(Schema):
    purchases: int = Field(description="That stand: not cancelled before they were sent")
    discount: MoneyIO
    given_back: int
    codes: int
    codes_used: int


class CouponOut(Schema):
    code: str
    once: bool
    uses: int


class DrawIn(Schema):
    count: Annotated[int, Field(ge=1, le=CODES_MAX)]


class DrawnOut(Schema):
    codes: list[str]


class RedemptionOut(Schema):
    order: OrderId
    order_number: str
    code: str
    amount: MoneyIO
    used_at: Timestamp
    returned_at: Timestamp | None


class PromotionQuery(ListQuery):
    state: Literal["draft", "active", "paused", "ended"] | None = None
    q: Annotated[str, Field(max_length=100, description="A code, or part of a name")] = ""
    merchant_id: MerchantId | None = Field(None, description="For operators: only this one's")


def render(info: PromotionInfo) -> dict[str, Any]:
    terms = info.terms
    prefix = PREFIXES.get(info.scope, "")
    return {
        "id": info.public_id,
        "state": info.state,
        "merchant_id": shown_id("mer", info.merchant_id),
        "paid_by": info.paid_by,
        "name": info.names,
        "kind": info.kind,
        "terms": {
            "percent": terms.percent or None,
            "tiers": [{"spend": one.spend, "off": one.off} for one in terms.tiers],
            **{
                name: getattr(terms, name)
                for name in ("amount", "repeat", "buy", "get", "minimum", "most")
            },
        },
        "scope": {
            "kind": info.scope,
            "ids": [public_id(prefix, UUID(one)) for one in info.scope_names],
        },
        **{
            name: getattr(info, name)
            for name in (
                "way", "code", "currency", "starts_at", "ends_at", "priority", "exclusive",
                "stack_group", "max_uses", "max_uses_each", "budget", "external_id", "metadata",
                "created_at", "updated_at",
            )
        },
    }  # fmt: skip


def render_use(use: PromotionUse) -> dict[str, Any]:
    return {name: getattr(use, name) for name in PromotionUseOut.model_fields}


def render_coupon(one: CouponInfo) -> dict[str, Any]:
    return {"code": one.code, "once": one.once, "uses": one.uses}


def render_redemption(one: RedemptionInfo) -> dict[str, Any]:
    return {
        "order": public_id("ord", one.order_id),
        "order_number": one.order_number,
        "code": one.code,
        "amount": one.amount,
        "used_at": one.used_at,
        "returned_at": one.returned_at,
    }
