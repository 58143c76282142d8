"""Confirming a change of accounts, keys, providers or staff; what changes it takes the id."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from kernel.api import ApiRequest, Id, Schema, Timestamp
from platforms.api.routes import routes
from platforms.api.second_factor import PEOPLE, TAKES_CODE, WRITE
from platforms.contracts import Sensitive
from platforms.errors import TooManyAttempts, WrongCredentials
from platforms.services import sensitive

CONFIRMATION: dict[str, Any] = {
    "id": "cnf_01k00000000000000000000000",
    "change": "api_keys",
    "method": "passkey",
    "confirmed_at": "2026-05-01T08:00:00Z",
    "expires_at": "2026-05-01T08:05:00Z",
}


class ChangeConfirmIn(Schema):
    change: Literal[
        "payout_account",
        "api_keys",
        "webhooks",
        "providers",
        "sign_in",
        "staff",
        "second_factors",
    ]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(max_length=40)] = Field(
        "", description="Of whoever has a second factor: the app's, a recovery code, a proof"
    )


class ChangeConfirmationOut(Schema):
    id: Annotated[UUID, Id("cnf")] = Field(description="For the header Confirmation, once")
    change: str
    method: str = Field(description="totp, recovery, passkey; password where none is required")
    confirmed_at: Timestamp
    expires_at: Timestamp


@routes.post(
    "/change-confirmations",
    summary="Confirm one change of accounts, keys, providers or staff in this session",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    status=201,
    response=ChangeConfirmationOut,
    errors=(*TAKES_CODE, WrongCredentials, TooManyAttempts),
    example=CONFIRMATION,
    request_example={"change": "api_keys", "password": "a short sentence", "code": "287082"},
    outside=True,
)
def confirm_change(request: ApiRequest, body: ChangeConfirmIn) -> dict[str, Any]:
    info = sensitive.confirm_change(
        who=sensitive.must_be_session(request),
        change=Sensitive(body.change),
        password=body.password,
        code=body.code,
    )
    return {
        "id": info.public_id,
        "change": body.change,
        "method": info.method,
        "confirmed_at": info.confirmed_at,
        "expires_at": info.expires_at,
    }
