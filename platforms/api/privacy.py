"""A person's own data: a copy of it, and its end."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from pydantic import Field

from kernel.api import ApiRequest, Id, Schema, Timestamp, person_of
from kernel.errors import NotFound
from kernel.files import file_answer
from platforms.api.routes import routes
from platforms.contracts_privacy import ErasureInfo, ExportInfo
from platforms.errors import ErasureHeld, TooManyAttempts, TooManyCodes, WrongCode, WrongCredentials
from platforms.services import erasure, exports

PEOPLE = {"buyer", "merchant", "operator"}
READ, WRITE = "personal_data:read", "personal_data:write"
EXAMPLE: dict[str, Any] = {
    "id": "dtx_01k00000000000000000000000",
    "state": "ready",
    "size": 48213,
    "requested_at": "2026-05-01T08:00:00Z",
    "ready_at": "2026-05-01T08:00:04Z",
    "expires_at": "2026-05-08T08:00:04Z",
}
ERASURE: dict[str, Any] = {
    "id": "ers_01k00000000000000000000000",
    "state": "waiting",
    "requested_at": "2026-05-01T08:00:00Z",
    "due_at": "2026-05-08T08:00:00Z",
    "held_by": [],
}
Password = Annotated[str, Field(min_length=1, max_length=256, description="Your password of now")]
ExportId = Annotated[UUID, Id("dtx")]
ErasureId = Annotated[UUID, Id("ers")]


class ExportOut(Schema):
    id: ExportId
    state: str = Field(description="requested, ready, expired")
    size: int = Field(description="Bytes of the ZIP; 0 until it is ready")
    requested_at: Timestamp
    ready_at: Timestamp | None
    expires_at: Timestamp | None = Field(description="Until when it can be fetched")


class ExportsOut(Schema):
    data: list[ExportOut]


class PersonalDataAskIn(Schema):
    password: Password


class EraseIn(PersonalDataAskIn):
    code: str = Field("", max_length=40, description="Of the second factor, if you have one")


class ErasureOut(Schema):
    id: ErasureId
    state: str = Field(description="waiting, withdrawn, held, done")
    requested_at: Timestamp
    due_at: Timestamp = Field(description="Until then it can be withdrawn")
    held_by: list[str] = Field(description="Why it wasn't possible then, in your language")


class Withdrawn(Schema):
    id: ErasureId
    deleted: bool


def _export(info: ExportInfo) -> dict[str, Any]:
    names = ("id", "state", "size", "requested_at", "ready_at", "expires_at")
    return {name: getattr(info, name) for name in names} | {"id": info.public_id}


def _erasure(info: ErasureInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "requested_at": info.requested_at,
        "due_at": info.due_at,
        "held_by": list(info.held_by),
    }


@routes.get(
    "/personal-data/exports",
    summary="Copies of your data, the latest first",
    audience=PEOPLE,
    scope=READ,
    permission="own",
    response=ExportsOut,
    example={"data": [EXAMPLE]},
)
def list_exports(request: ApiRequest) -> dict[str, Any]:
    found = exports.exports_of(person_id=person_of(request))
    return {"data": [_export(one) for one in found]}


@routes.post(
    "/personal-data/exports",
    summary="Have a copy of your data made",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    outside=True,  # attempts with a wrong password are counted though it fails
    status=201,
    response=ExportOut,
    errors=(WrongCredentials, TooManyAttempts),
    example={**EXAMPLE, "state": "requested", "size": 0, "ready_at": None, "expires_at": None},
    request_example={"password": "a short sentence"},
)
def request_export(request: ApiRequest, body: PersonalDataAskIn) -> dict[str, Any]:
    made = exports.request_export(person_id=person_of(request), password=body.password)
    return _export(made)


@routes.get(
    "/personal-data/exports/{export_id}",
    summary="One copy of your data",
    audience=PEOPLE,
    scope=READ,
    permission="own",
    response=ExportOut,
    errors=(NotFound,),
    example=EXAMPLE,
)
def get_export(request: ApiRequest, export_id: ExportId) -> dict[str, Any]:
    return _export(exports.export(person_id=person_of(request), export_id=export_id))


@routes.get(
    "/personal-data/exports/{export_id}/content",
    summary="The copy itself: a ZIP with data.json and index.html",
    audience=PEOPLE,
    scope=READ,
    permission="own",
    response=None,
    sends="application/zip",
    errors=(NotFound,),
)
def get_export_content(request: ApiRequest, export_id: ExportId) -> HttpResponse:
    name, content = exports.export_content(person_id=person_of(request), export_id=export_id)
    return file_answer(content, "application/zip", name)


@routes.get(
    "/personal-data/erasure",
    summary="The end of your data that you wished for last",
    audience=PEOPLE,
    scope=READ,
    permission="own",
    response=ErasureOut,
    errors=(NotFound,),
    example=ERASURE,
)
def get_erasure(request: ApiRequest) -> dict[str, Any]:
    found = erasure.last_erasure(person_id=person_of(request))
    if found is None:
        raise NotFound
    return _erasure(found)


@routes.post(
    "/personal-data/erasure",
    summary="Plan the end of your data; your key stops with it",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    outside=True,  # attempts with a wrong password are counted though it fails
    status=201,
    response=ErasureOut,
    errors=(WrongCredentials, TooManyAttempts, WrongCode, TooManyCodes, ErasureHeld),
    example=ERASURE,
    request_example={"password": "a short sentence", "code": "123456"},
)
def request_erasure(request: ApiRequest, body: EraseIn) -> dict[str, Any]:
    made = erasure.request_erasure(
        person_id=person_of(request), password=body.password, code=body.code
    )
    return _erasure(made)


@routes.delete(
    "/personal-data/erasure",
    summary="Withdraw it",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=Withdrawn,
    errors=(NotFound,),
    example={"id": ERASURE["id"], "deleted": True},
)
def withdraw_erasure(request: ApiRequest) -> dict[str, Any]:
    person_id = person_of(request)
    return {"id": erasure.withdraw_erasure(person_id=person_id).public_id, "deleted": True}
