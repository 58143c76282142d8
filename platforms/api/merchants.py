"""Merchants: the operator's routes, and a merchant's own."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

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
from kernel.errors import InvalidTransition, NotFound, NotPermitted, PreconditionFailed
from kernel.pagination import PageOf
from kernel.personal import mask
from platforms import lists, selectors
from platforms.api.platform import Names
from platforms.api.routes import MerchantId, routes
from platforms.contracts import BankAccount, MerchantInfo, Sensitive
from platforms.errors import CONFIRMED, AccountNeedsConfirmation, ExternalIdTaken, SlugTaken
from platforms.services import merchants as services
from platforms.services.sensitive import check_confirmed

SORTS: dict[str, tuple[str, ...]] = {"-created_at": ("-id",), "created_at": ("id",)}
EXAMPLE = {
    "id": "mer_01k00000000000000000000000",
    "slug": "river-tea-7qk2m",
    "names": {"zh-Hans": "江茶", "en": "River Tea"},
    "state": "approved",
    "external_id": "A-17",
    "metadata": {"erp": "A-17"},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
DETAIL_EXAMPLE = {
    **EXAMPLE,
    "contact_email": "owner@river-tea.example",
    "payout_account": {"bank": "Bank of Hangzhou", "holder": "江*", "last4": "4321"},
}
REQUEST_EXAMPLE = {
    "names": {"zh-Hans": "江茶", "en": "River Tea"},
    "contact_email": "owner@river-tea.example",
    "external_id": "A-17",
    "metadata": {"erp": "A-17"},
}
TAKEN = (SlugTaken, ExternalIdTaken, AccountNeedsConfirmation)


class PayoutAccountIn(Schema):
    bank: Annotated[str, Field(min_length=1, max_length=100)]
    holder: Annotated[str, Field(min_length=1, max_length=100)]
    number: Annotated[str, Field(min_length=8, max_length=50, description="Never shown again")]

    def contract(self) -> BankAccount:
        return BankAccount(bank=self.bank, holder=self.holder, number=self.number, last4="")


class PayoutAccountOut(Schema):
    bank: str
    holder: str
    last4: str


class MerchantOut(Schema):
    id: Annotated[UUID, Id("mer")]
    slug: str
    names: Names
    state: str = Field(description="applied, in_review, approved, suspended, closed")
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class MerchantDetail(MerchantOut):
    contact_email: str
    payout_account: PayoutAccountOut | None


class MerchantIn(Schema):
    names: Names
    contact_email: str
    slug: str | None = None
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)


class MerchantUpsert(Schema):
    names: Names
    contact_email: str
    slug: str | None = None
    metadata: Metadata = Field(default_factory=dict)


class MerchantChange(Schema):
    names: Names | None = None
    contact_email: str | None = None
    slug: str | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None
    payout_account: PayoutAccountIn | None = None


class OwnChange(Schema):
    names: Names | None = None
    contact_email: str | None = None
    metadata: Metadata | None = None
    payout_account: PayoutAccountIn | None = None


class MerchantReasonIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class MerchantQuery(ListQuery):
    state: Literal["applied", "in_review", "approved", "suspended", "closed"] | None = None


def render(info: MerchantInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "slug": info.slug,
        "names": info.names,
        "state": str(info.state),
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def detail(request: ApiRequest, info: MerchantInfo) -> dict[str, Any]:
    account = selectors.payout_account(info.id)
    set_etag(request, info.version)
    return {
        **render(info),
        "contact_email": selectors.merchant_contact(info.id),
        "payout_account": {
            "bank": account.bank,
            "holder": mask(account.holder),
            "last4": account.last4,
        }
        if account
        else None,
    }


def _change(
    request: ApiRequest, merchant_id: UUID, body: MerchantChange | OwnChange
) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude={"payout_account"})
    account = body.payout_account
    if account and not request.actor.holds("payouts"):
        raise NotPermitted(permission="payouts")
    if account:
        check_confirmed(request, Sensitive.PAYOUT_ACCOUNT)
    return _changed(request, merchant_id, account.contract() if account else None, given)


def _changed(
    request: ApiRequest, merchant_id: UUID, account: BankAccount | None, given: dict[str, Any]
) -> dict[str, Any]:
    info = services.update_merchant(
        merchant_id=merchant_id,
        payout_account=account,
        check=lambda version: check_if_match(request, version),
        **given,
    )
    return detail(request, info)


@routes.get(
    "/merchants",
    summary="Merchants of the platform",
    audience={"operator"},
    scope="merchants:read",
    permission="merchants",
    response=ListOf[MerchantOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_merchants(request: ApiRequest, q: MerchantQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return lists.merchants_page(
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/merchants",
    summary="Take a merchant's application in",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    status=201,
    response=MerchantDetail,
    errors=TAKEN,
    example=DETAIL_EXAMPLE,
    request_example=REQUEST_EXAMPLE,
)
def create_merchant(request: ApiRequest, body: MerchantIn) -> dict[str, Any]:
    return detail(request, services.create_merchant(**body.model_dump()))


@routes.put(
    "/merchants/by-external-id/{external_id}",
    summary="Create or change the merchant with your own id",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    response=MerchantDetail,
    errors=(*TAKEN, PreconditionFailed),
    example=DETAIL_EXAMPLE,
    request_example={
        "names": {"zh-Hans": "江茶", "en": "River Tea"},
        "contact_email": "owner@river-tea.example",
    },
)
def upsert_merchant(
    request: ApiRequest, external_id: ExternalId, body: MerchantUpsert
) -> dict[str, Any]:
    try:
        found = selectors.merchant_by_external_id(external_id)
    except NotFound:
        info = services.create_merchant(external_id=external_id, **body.model_dump())
        return detail(request, info)
    return _changed(request, found.id, None, body.model_dump(exclude_unset=True))


@routes.get(
    "/merchants/{merchant_id}",
    summary="One merchant",
    audience={"operator"},
    scope="merchants:read",
    permission="merchants",
    response=MerchantDetail,
    example=DETAIL_EXAMPLE,
)
def get_merchant(request: ApiRequest, merchant_id: MerchantId) -> dict[str, Any]:
    return detail(request, selectors.merchant(merchant_id))


@routes.patch(
    "/merchants/{merchant_id}",
    summary="Change a merchant",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    response=MerchantDetail,
    errors=(*TAKEN, PreconditionFailed, *CONFIRMED),
    example=DETAIL_EXAMPLE,
    request_example={"metadata": {"erp": "A-18"}},
)
def update_merchant(
    request: ApiRequest, merchant_id: MerchantId, body: MerchantChange
) -> dict[str, Any]:
    return _change(request, merchant_id, body)


@routes.post(
    "/merchants/{merchant_id}/review",
    summary="Take an application up for review",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    response=MerchantDetail,
    errors=(InvalidTransition,),
    example={**DETAIL_EXAMPLE, "state": "in_review"},
)
def review_merchant(request: ApiRequest, merchant_id: MerchantId) -> dict[str, Any]:
    return detail(request, services.start_review(merchant_id=merchant_id))


@routes.post(
    "/merchants/{merchant_id}/return",
    summary="Give an application back, saying what is missing",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    response=MerchantDetail,
    errors=(InvalidTransition,),
    example={**DETAIL_EXAMPLE, "state": "applied"},
    request_example={"reason": "The licence can't be read."},
)
def return_merchant(
    request: ApiRequest, merchant_id: MerchantId, body: MerchantReasonIn
) -> dict[str, Any]:
    info = services.return_application(merchant_id=merchant_id, reason=body.reason)
    return detail(request, info)


@routes.post(
    "/merchants/{merchant_id}/approve",
    summary="Let a merchant sell",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    response=MerchantDetail,
    errors=(InvalidTransition,),
    example=DETAIL_EXAMPLE,
)
def approve_merchant(request: ApiRequest, merchant_id: MerchantId) -> dict[str, Any]:
    return detail(request, services.approve_merchant(merchant_id=merchant_id))


@routes.post(
    "/merchants/{merchant_id}/suspend",
    summary="Stop a merchant",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    response=MerchantDetail,
    errors=(InvalidTransition,),
    example={**DETAIL_EXAMPLE, "state": "suspended"},
    request_example={"reason": "Counterfeit goods reported."},
)
def suspend_merchant(
    request: ApiRequest, merchant_id: MerchantId, body: MerchantReasonIn
) -> dict[str, Any]:
    info = services.suspend_merchant(merchant_id=merchant_id, reason=body.reason)
    return detail(request, info)


@routes.post(
    "/merchants/{merchant_id}/reopen",
    summary="End a merchant's suspension",
    audience={"operator"},
    scope="merchants:write",
    permission="merchants",
    response=MerchantDetail,
    errors=(InvalidTransition,),
    example=DETAIL_EXAMPLE,
)
def reopen_merchant(request: ApiRequest, merchant_id: MerchantId) -> dict[str, Any]:
    return detail(request, services.reopen_merchant(merchant_id=merchant_id))


@routes.get(
    "/merchant",
    summary="Your own merchant",
    audience={"merchant"},
    scope="merchants:read",
    permission="own",
    response=MerchantDetail,
    example=DETAIL_EXAMPLE,
)
def get_own(request: ApiRequest) -> dict[str, Any]:
    return detail(request, selectors.merchant(_own(request)))


@routes.patch(
    "/merchant",
    summary="Change your own merchant",
    audience={"merchant"},
    scope="merchants:write",
    permission="company",
    response=MerchantDetail,
    errors=(PreconditionFailed, *CONFIRMED),
    example=DETAIL_EXAMPLE,
    request_example={
        "payout_account": {
            "bank": "Bank of Hangzhou",
            "holder": "江茶有限公司",
            "number": "6222021234564321",
        }
    },
)
def update_own(request: ApiRequest, body: OwnChange) -> dict[str, Any]:
    return _change(request, _own(request), body)


def _own(request: ApiRequest) -> UUID:
    if request.actor.merchant_id is None:
        raise NotFound
    return request.actor.merchant_id
