"""A person's own second factor: set up, confirm with it, renew, remove."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kernel.api import ApiRequest, Id, Schema, Timestamp, person_of
from kernel.errors import NotFound
from platforms import selectors_factors
from platforms.api.routes import PersonId, routes
from platforms.contracts import ConfirmationInfo, SecondFactorInfo, Sensitive
from platforms.errors import (
    CONFIRMED,
    BeyondOwn,
    SecondFactorMissing,
    SecondFactorPresent,
    TooManyAttempts,
    TooManyCodes,
    WrongCode,
    WrongCredentials,
)
from platforms.services import enrolment
from platforms.services import second_factor as services
from platforms.services.ceilings import held_by
from platforms.services.sensitive import check_confirmed
from platforms.services.staff_roles import check_over

PEOPLE = {"buyer", "merchant", "operator"}
READ, WRITE = "second_factor:read", "second_factor:write"
TAKES_CODE = (WrongCode, TooManyCodes, SecondFactorMissing)
EXAMPLE: dict[str, Any] = {
    "enrolled": True,
    "since": "2026-05-01T08:00:00Z",
    "recovery_codes_left": 10,
    "app_since": "2026-05-01T08:00:00Z",
    "passkeys": 1,
}
NONE: dict[str, Any] = {
    "enrolled": False,
    "since": None,
    "recovery_codes_left": 0,
    "app_since": None,
    "passkeys": 0,
}
CODES = {"recovery_codes": ["7KQ2-M9XA-DRT4-PW3H"]}
DIGEST = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="Six digits of the app, a recovery code, or a passkey's proof",
    ),
]


class SecondFactorOut(Schema):
    enrolled: bool
    since: Timestamp | None
    recovery_codes_left: int
    app_since: Timestamp | None = Field(description="Of the authenticator app; null without one")
    passkeys: int = Field(description="How many you have; see /passkeys")


class EnrolmentOut(Schema):
    secret: str = Field(description="Base32, shown once")
    uri: str = Field(description="otpauth:// address, as in the QR code")
    qr_svg: str


class BeginAppIn(Schema):
    password: Annotated[str, Field(max_length=256)] = Field(
        "", description="Of whoever has no second factor yet"
    )
    code: Annotated[str, Field(max_length=40)] = Field(
        "", description="Of whoever has passkeys: a proof, or a recovery code"
    )


class AppCodeIn(Schema):
    code: Code


class CodesOut(Schema):
    recovery_codes: list[str] = Field(description="Shown once; each works once")


class AppConfirmIn(Schema):
    code: Code
    purpose: Annotated[
        str,
        Field(
            pattern="^[a-z_]+(\\.[a-z_]+)+$",
            max_length=60,
            description="What is confirmed, as the route that uses it names it",
        ),
    ]
    digest: Annotated[
        str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of what is confirmed, hex")
    ]


class ConfirmationOut(Schema):
    id: Annotated[UUID, Id("cnf")]
    purpose: str
    digest: str
    method: str = Field(description="totp, recovery, passkey")
    confirmed_at: Timestamp
    expires_at: Timestamp


class ResetIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=300)]


def render(info: SecondFactorInfo) -> dict[str, Any]:
    return {
        "enrolled": info.enrolled,
        "since": info.since,
        "recovery_codes_left": info.recovery_codes_left,
        "app_since": info.app_since,
        "passkeys": info.passkeys,
    }


def render_confirmation(info: ConfirmationInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "purpose": info.purpose,
        "digest": info.digest,
        "method": info.method,
        "confirmed_at": info.confirmed_at,
        "expires_at": info.expires_at,
    }


@routes.get(
    "/second-factor",
    summary="Your second factor: app, passkeys, recovery codes",
    audience=PEOPLE,
    scope=READ,
    permission="own",
    response=SecondFactorOut,
    example=EXAMPLE,
)
def get_second_factor(request: ApiRequest) -> dict[str, Any]:
    return render(selectors_factors.second_factor(person_of(request)))


@routes.post(
    "/second-factor",
    summary="Begin to set up an authenticator app",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    status=201,
    response=EnrolmentOut,
    errors=(SecondFactorPresent, WrongCredentials, TooManyAttempts, *TAKES_CODE),
    example={
        "secret": "JBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/Market:fang%40tea.example?secret=JBSWY3DPEHPK3PXP&issuer=Market",
        "qr_svg": "<svg></svg>",
    },
    request_example={"password": "a short sentence"},
    outside=True,
)
def begin_second_factor(request: ApiRequest, body: BeginAppIn | None = None) -> dict[str, Any]:
    password, code = (body.password, body.code) if body else ("", "")
    made = enrolment.begin_second_factor(person_id=person_of(request), password=password, code=code)
    return {"secret": made.secret, "uri": made.uri, "qr_svg": made.qr_svg}


@routes.post(
    "/second-factor/activate",
    summary="Show that the app works by a first code; answers the recovery codes",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=CodesOut,
    errors=TAKES_CODE,
    example=CODES,
    request_example={"code": "287082"},
    outside=True,
)
def activate_second_factor(request: ApiRequest, body: AppCodeIn) -> dict[str, Any]:
    codes = services.finish_second_factor(person_id=person_of(request), code=body.code)
    return {"recovery_codes": codes}


@routes.post(
    "/second-factor/recovery-codes",
    summary="Ten new recovery codes in the place of the old ones",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=CodesOut,
    errors=TAKES_CODE,
    example=CODES,
    request_example={"code": "287082"},
    outside=True,
)
def renew_recovery_codes(request: ApiRequest, body: AppCodeIn) -> dict[str, Any]:
    codes = services.new_recovery_codes(person_id=person_of(request), code=body.code)
    return {"recovery_codes": codes}


@routes.post(
    "/second-factor/remove",
    summary="Do without the authenticator app, confirmed by a last code; passkeys stay",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=SecondFactorOut,
    errors=TAKES_CODE,
    example=NONE,
    request_example={"code": "287082"},
    outside=True,
)
def remove_second_factor(request: ApiRequest, body: AppCodeIn) -> dict[str, Any]:
    services.remove_second_factor(person_id=person_of(request), code=body.code)
    return render(selectors_factors.second_factor(person_of(request)))


@routes.post(
    "/second-factor/confirmations",
    summary="Confirm one thing with a code, now; what needs it takes the confirmation's id",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    status=201,
    response=ConfirmationOut,
    errors=TAKES_CODE,
    example={
        "id": "cnf_01k00000000000000000000000",
        "purpose": "certification.contract.sign",
        "digest": DIGEST,
        "method": "totp",
        "confirmed_at": "2026-05-01T08:00:00Z",
        "expires_at": "2026-05-01T08:05:00Z",
    },
    request_example={
        "code": "287082",
        "purpose": "certification.contract.sign",
        "digest": DIGEST,
    },
    outside=True,
)
def confirm(request: ApiRequest, body: AppConfirmIn) -> dict[str, Any]:
    return render_confirmation(
        services.confirm_second_factor(
            person_id=person_of(request), code=body.code, purpose=body.purpose, digest=body.digest
        )
    )


@routes.post(
    "/people/{person_id}/second-factor/reset",
    summary="Take a person's lost app and passkeys away, after making sure who asks",
    audience={"operator"},
    scope="people:write",
    permission="staff",
    response=SecondFactorOut,
    errors=(BeyondOwn, NotFound, *CONFIRMED),
    example=NONE,
    request_example={"reason": "Lost phone; identity checked in person"},
)
def reset_second_factor(request: ApiRequest, person_id: PersonId, body: ResetIn) -> dict[str, Any]:
    check_over(person_id, held_by(request.actor))
    check_confirmed(request, Sensitive.SECOND_FACTORS)
    services.reset_second_factor(person_id=person_id, reason=body.reason)
    return render(selectors_factors.second_factor(person_id))
