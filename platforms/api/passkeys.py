"""A person's own passkeys: add, use, name, remove.

The browser that makes or uses one stands at one of this platform's own addresses: what it signs
names the address (docs/identity.md).
"""

import json
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kernel.api import ApiRequest, Id, Schema, Timestamp, person_of
from kernel.errors import NotFound
from platforms import selectors_factors
from platforms.addresses import passkey_site
from platforms.api.routes import routes
from platforms.api.second_factor import PEOPLE, READ, TAKES_CODE, WRITE, Code
from platforms.contracts_passkeys import PasskeyInfo
from platforms.errors import (
    ChallengeSpent,
    LastFactor,
    NoPasskey,
    PasskeyPresent,
    PasskeyRefused,
    PasskeysImpossible,
    PasskeySuspended,
    TooManyAttempts,
    TooManyPasskeys,
    WrongCredentials,
)
from platforms.services import passkey_answers, passkeys

PasskeyId = Annotated[UUID, Id("psk")]
Name = Annotated[str, Field(min_length=1, max_length=60)]
EXAMPLE: dict[str, Any] = {
    "id": "psk_01k00000000000000000000000",
    "name": "Phone",
    "state": "active",
    "host": "market.example",
    "synced": True,
    "created_at": "2026-05-01T08:00:00Z",
    "last_used_at": None,
}
CREDENTIAL: dict[str, Any] = {
    "id": "dGVh",
    "rawId": "dGVh",
    "type": "public-key",
    "response": {"clientDataJSON": "e30", "attestationObject": "oA"},
}
USED: dict[str, Any] = CREDENTIAL | {
    "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"},
}
Credential = Annotated[
    str,
    Field(
        min_length=2,
        max_length=20_000,
        description="What navigator.credentials answered, as JSON (PublicKeyCredential.toJSON)",
    ),
]
TAKES_ANSWER = (ChallengeSpent, PasskeyRefused)


class PasskeyOut(Schema):
    id: PasskeyId
    name: str
    state: str = Field(description="active, suspended (it may have been copied)")
    host: str = Field(description="Where it works")
    synced: bool = Field(description="Whether your other devices have it, too")
    created_at: Timestamp
    last_used_at: Timestamp | None


class PasskeysOut(Schema):
    data: list[PasskeyOut]


class OptionsOut(Schema):
    options: dict[str, Any] = Field(description="For navigator.credentials, as JSON; 5 minutes")


class BeginIn(Schema):
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: str = Field("", max_length=40, description="Of the second factor, if you have one")


class AddIn(Schema):
    name: Name
    credential: Credential


class AddedOut(Schema):
    passkey: PasskeyOut
    recovery_codes: list[str] = Field(description="With your first factor; shown once")


class NameIn(Schema):
    name: Name


class RemoveIn(Schema):
    code: Code


class Removed(Schema):
    id: PasskeyId
    deleted: bool


class ProveIn(Schema):
    credential: Credential


class ProofOut(Schema):
    code: str = Field(description="Goes once where a code of the second factor is asked for")
    expires_at: Timestamp


def render(info: PasskeyInfo) -> dict[str, Any]:
    names = ("name", "state", "host", "synced", "created_at", "last_used_at")
    return {"id": info.public_id} | {name: getattr(info, name) for name in names}


def _holder(request: ApiRequest) -> str:
    """Who was asked, and so must answer: the key, or the person's browser."""
    return f"api:{request.actor.kind}:{request.actor.id}"


@routes.get(
    "/passkeys",
    summary="Your passkeys, the oldest first",
    audience=PEOPLE,
    scope=READ,
    permission="own",
    response=PasskeysOut,
    example={"data": [EXAMPLE]},
)
def list_passkeys(request: ApiRequest) -> dict[str, Any]:
    return {"data": [render(one) for one in selectors_factors.passkeys_of(person_of(request))]}


@routes.post(
    "/passkeys/options",
    summary="Begin to add a passkey; POST /passkeys takes what the browser makes of it",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=OptionsOut,
    errors=(WrongCredentials, TooManyAttempts, *TAKES_CODE, PasskeysImpossible, TooManyPasskeys),
    example={"options": {"challenge": "AAECAwQ", "rp": {"id": "market.example"}}},
    request_example={"password": "a short sentence", "code": "287082"},
    outside=True,
)
def begin_passkey(request: ApiRequest, body: BeginIn) -> dict[str, Any]:
    options = passkeys.begin_passkey(
        person_id=person_of(request),
        password=body.password,
        code=body.code,
        site=passkey_site(request),
        holder=_holder(request),
    )
    return {"options": options}


@routes.post(
    "/passkeys",
    summary="Add the passkey that the browser made",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    status=201,
    response=AddedOut,
    errors=(*TAKES_ANSWER, PasskeyPresent, TooManyPasskeys),
    example={"passkey": EXAMPLE, "recovery_codes": ["7KQ2-M9XA-DRT4-PW3H"]},
    request_example={"name": "Phone", "credential": json.dumps(CREDENTIAL)},
    outside=True,
)
def add_passkey(request: ApiRequest, body: AddIn) -> dict[str, Any]:
    added = passkeys.finish_passkey(
        person_id=person_of(request),
        name=body.name,
        answer=body.credential,
        site=passkey_site(request),
        holder=_holder(request),
    )
    return {"passkey": render(added.passkey), "recovery_codes": list(added.recovery_codes)}


@routes.post(
    "/passkeys/challenges",
    summary="Begin to confirm with a passkey; POST /passkeys/proofs takes the browser's answer",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=OptionsOut,
    errors=(NoPasskey,),
    example={"options": {"challenge": "AAECAwQ", "rpId": "market.example"}},
)
def ask_passkey(request: ApiRequest) -> dict[str, Any]:
    options = passkey_answers.ask_to_prove(
        person_id=person_of(request), site=passkey_site(request), holder=_holder(request)
    )
    return {"options": options}


@routes.post(
    "/passkeys/proofs",
    summary="What a passkey signed, for a code that goes where one of the app is asked for",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    status=201,
    response=ProofOut,
    errors=(*TAKES_ANSWER, PasskeySuspended),
    example={"code": "PK7KQ2M9XADRT4PW3H7KQ2M9XADRT4PW3H", "expires_at": "2026-05-01T08:05:00Z"},
    request_example={"credential": json.dumps(USED)},
    outside=True,
)
def prove(request: ApiRequest, body: ProveIn) -> dict[str, Any]:
    proof = passkey_answers.prove(
        person_id=person_of(request),
        answer=body.credential,
        site=passkey_site(request),
        holder=_holder(request),
    )
    return {"code": proof.code, "expires_at": proof.expires_at}


@routes.put(
    "/passkeys/{passkey_id}",
    summary="Name a passkey",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=PasskeyOut,
    errors=(NotFound,),
    example=EXAMPLE,
    request_example={"name": "Phone"},
)
def rename_passkey(request: ApiRequest, passkey_id: PasskeyId, body: NameIn) -> dict[str, Any]:
    return render(
        passkeys.rename_passkey(person_id=person_of(request), passkey_id=passkey_id, name=body.name)
    )


@routes.post(
    "/passkeys/{passkey_id}/remove",
    summary="Remove a passkey, confirmed by a code of any of your second factors",
    audience=PEOPLE,
    scope=WRITE,
    permission="own",
    response=Removed,
    errors=(NotFound, LastFactor, *TAKES_CODE),
    example={"id": EXAMPLE["id"], "deleted": True},
    request_example={"code": "287082"},
    outside=True,
)
def remove_passkey(request: ApiRequest, passkey_id: PasskeyId, body: RemoveIn) -> dict[str, Any]:
    info = selectors_factors.passkey(person_id=person_of(request), passkey_id=passkey_id)
    passkeys.remove_passkey(person_id=person_of(request), passkey_id=passkey_id, code=body.code)
    return {"id": info.public_id, "deleted": True}
