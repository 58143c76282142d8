"""Shops' holidays: their merchant sets them, everybody sees whether one runs."""

from typing import Annotated, Any

from pydantic import Field

from kernel import clock
from kernel.api import ApiRequest, Schema, Timestamp, check_if_match, set_etag
from kernel.errors import NotFound, PreconditionFailed
from kernel.ids import public_id
from marketplace.api.routes import TAIL, MerchantId, merchant_of, routes
from marketplace.contracts_vacations import VacationInfo
from marketplace.errors import InvalidVacation
from marketplace.selectors import vacations as reads
from marketplace.services.vacations import MESSAGE_LENGTH, end_vacation, set_vacation
from platforms.facade import merchant

Messages = Annotated[
    dict[str, str],
    Field(description=f"By language tag, at most {MESSAGE_LENGTH} characters each"),
]
MESSAGES = {"zh-Hans": "春节放假，初七恢复发货。", "en": "Back after the Spring Festival."}
VACATION: dict[str, Any] = {
    "merchant": f"mer_{TAIL}",
    "state": "planned",
    "starts_at": "2027-02-04T16:00:00Z",
    "ends_at": "2027-02-12T16:00:00Z",
    "messages": MESSAGES,
}
NONE = {**VACATION, "state": "none", "starts_at": None, "ends_at": None}


class VacationIn(Schema):
    starts_at: Timestamp | None = Field(None, description="Business time; now, if not given")
    ends_at: Timestamp
    messages: Messages = Field(default_factory=dict)


class VacationOut(Schema):
    merchant: MerchantId
    state: str = Field(description="none, planned, running, over")
    starts_at: Timestamp | None
    ends_at: Timestamp | None
    messages: Messages


def render(request: ApiRequest, info: VacationInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return {
        "merchant": public_id("mer", info.merchant_id),
        "state": info.state(clock.business()),
        "starts_at": info.starts_at,
        "ends_at": info.ends_at,
        "messages": info.messages,
    }


@routes.get(
    "/shops/{merchant_id}/vacation",
    summary="Whether a shop is on holiday, or will be",
    permission="public",
    response=VacationOut,
    example=VACATION,
)
def get_vacation(request: ApiRequest, merchant_id: MerchantId) -> dict[str, Any]:
    if not merchant(merchant_id).approved:
        raise NotFound
    return render(request, reads.vacation(merchant_id))


@routes.get(
    "/shop/vacation",
    summary="Your own shop's holiday",
    audience={"merchant"},
    scope="offers:read",
    permission="shop",
    response=VacationOut,
    example=VACATION,
)
def get_own_vacation(request: ApiRequest) -> dict[str, Any]:
    return render(request, reads.vacation(merchant_of(request)))


@routes.put(
    "/shop/vacation",
    summary="Sell nothing in this time; what was ordered before goes on",
    audience={"merchant"},
    scope="offers:write",
    permission="shop",
    response=VacationOut,
    errors=(InvalidVacation, PreconditionFailed),
    example=VACATION,
    request_example={"ends_at": VACATION["ends_at"], "messages": MESSAGES},
)
def put_vacation(request: ApiRequest, body: VacationIn) -> dict[str, Any]:
    info = set_vacation(
        merchant_id=merchant_of(request),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        messages=body.messages,
        check=lambda version: check_if_match(request, version),
    )
    return render(request, info)


@routes.delete(
    "/shop/vacation",
    summary="End the holiday now, or call a planned one off",
    audience={"merchant"},
    scope="offers:write",
    permission="shop",
    response=VacationOut,
    errors=(PreconditionFailed,),
    example=NONE,
)
def delete_vacation(request: ApiRequest) -> dict[str, Any]:
    info = end_vacation(
        merchant_id=merchant_of(request),
        check=lambda version: check_if_match(request, version),
    )
    return render(request, info)
