"""API keys: shown once, listed without their secret, rotated, revoked."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import OPERATIONS, ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp, set_etag
from kernel.errors import Forbidden, InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms import lists, selectors
from platforms.api.routes import STAFF, KeyId, MerchantId, PersonId, own_or_any, routes
from platforms.contracts import IssuedKey, KeyInfo, Sensitive
from platforms.errors import CONFIRMED, UnknownScope
from platforms.services.ceilings import keyable
from platforms.services.keys import issue_api_key, revoke_api_key, rotate_api_key
from platforms.services.sensitive import check_confirmed

EXAMPLE = {
    "id": "key_01k00000000000000000000000",
    "name": "ERP",
    "kind": "merchant",
    "merchant": "mer_01k00000000000000000000000",
    "person": None,
    "hint": "a1B2c3D4e5F6…9fQz",
    "scopes": ["catalog:write", "inventory:write"],
    "state": "active",
    "created_at": "2026-05-01T08:00:00Z",
    "expires_at": None,
    "last_used_at": None,
    "replaced_by": None,
}
RAW = "qk_test_city_<12 characters><32 characters><6 characters>"
SHOWN_EXAMPLE = {**EXAMPLE, "key": RAW}


class KeyOut(Schema):
    id: Annotated[UUID, Id("key")]
    name: str
    kind: str = Field(description="operator, merchant, buyer")
    merchant: Annotated[UUID, Id("mer")] | None
    person: Annotated[UUID, Id("per")] | None
    hint: str = Field(description="The key's public part and its last four characters")
    scopes: list[str]
    state: str = Field(description="active, revoked")
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    replaced_by: Annotated[UUID, Id("key")] | None


class KeyShown(KeyOut):
    key: str = Field(description="The whole key. Keep it: it is not shown again.")


class KeyIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=100)]
    kind: Literal["operator", "merchant", "buyer"] = "merchant"
    merchant: MerchantId | None = None
    person: PersonId | None = None


class RotateIn(Schema):
    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class KeyQuery(ListQuery):
    merchant: MerchantId | None = None


def render(info: KeyInfo) -> dict[str, Any]:
    return {
        "id": public_id("key", info.id),
        "name": info.name,
        "kind": str(info.kind),
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "person": public_id("per", info.person_id) if info.person_id else None,
        "hint": f"{info.key_id}…{info.last4}",
        "scopes": list(info.scopes),
        "state": str(info.state),
        "created_at": info.created_at,
        "expires_at": info.expires_at,
        "last_used_at": info.last_used_at,
        "replaced_by": public_id("key", info.replaced_by) if info.replaced_by else None,
    }


def _shown(issued: IssuedKey) -> dict[str, Any]:
    return {**render(issued.info), "key": issued.raw}


def _readable(request: ApiRequest, key_id: UUID) -> KeyInfo:
    info = selectors.key(key_id)
    if request.actor.kind != "operator" and info.merchant_id != request.actor.merchant_id:
        raise NotFound
    return info


def scopes_of(kind: str) -> frozenset[str]:
    """The scopes that routes for this kind of key name."""
    return frozenset(o.scope for o in OPERATIONS if o.scope and kind in o.audience) | {"*"}


@routes.get(
    "/api-keys",
    summary="API keys, without their secrets",
    audience=STAFF,
    scope="keys:read",
    permission="keys",
    response=ListOf[KeyOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_keys(request: ApiRequest, q: KeyQuery = Query(...)) -> PageOf[dict[str, Any]]:
    merchant_id = own_or_any(request.actor, q.merchant)
    return lists.keys_page(merchant_id=merchant_id, cursor=q.cursor, limit=q.limit).map(render)


@routes.post(
    "/api-keys",
    summary="Make an API key; it is shown this once",
    audience=STAFF,
    scope="keys:write",
    permission="keys",
    status=201,
    response=KeyShown,
    errors=(UnknownScope, NotFound, *CONFIRMED),
    example=SHOWN_EXAMPLE,
    request_example={"name": "ERP", "scopes": ["catalog:write", "inventory:write"]},
)
def create_key(request: ApiRequest, body: KeyIn) -> dict[str, Any]:
    actor = request.actor
    merchant_id = own_or_any(actor, body.merchant)
    if actor.kind == "merchant" and (body.kind != "merchant" or body.person is not None):
        raise Forbidden(_("A merchant makes keys of its own only."))
    allowed = scopes_of(body.kind)
    if not set(body.scopes) <= allowed:
        raise UnknownScope(field="scopes", allowed=sorted(allowed))
    check_confirmed(request, Sensitive.API_KEYS)
    return _shown(
        issue_api_key(
            kind=body.kind,
            name=body.name,
            scopes=body.scopes,
            merchant_id=merchant_id,
            person_id=body.person,
            ceiling=keyable(actor, body.kind),
        )
    )


@routes.get(
    "/api-keys/{key_id}",
    summary="One API key, without its secret",
    audience=STAFF,
    scope="keys:read",
    permission="keys",
    response=KeyOut,
    example=EXAMPLE,
)
def get_key(request: ApiRequest, key_id: KeyId) -> dict[str, Any]:
    info = _readable(request, key_id)
    set_etag(request, info.version)
    return render(info)


@routes.post(
    "/api-keys/{key_id}/rotate",
    summary="Make a successor; the old key goes on for the overlap",
    audience=STAFF,
    scope="keys:write",
    permission="keys",
    status=201,
    response=KeyShown,
    errors=(InvalidTransition, UnknownScope, *CONFIRMED),
    example=SHOWN_EXAMPLE,
    request_example={"overlap_hours": 24},
)
def rotate_key(request: ApiRequest, key_id: KeyId, body: RotateIn) -> dict[str, Any]:
    info = _readable(request, key_id)
    check_confirmed(request, Sensitive.API_KEYS)
    issued = rotate_api_key(
        key_id=key_id,
        overlap=timedelta(hours=body.overlap_hours),
        ceiling=keyable(request.actor, str(info.kind)),
    )
    return _shown(issued)


@routes.post(
    "/api-keys/{key_id}/revoke",
    summary="Stop a key at once",
    audience=STAFF,
    scope="keys:write",
    permission="keys",
    response=KeyOut,
    errors=(InvalidTransition, *CONFIRMED),
    example={**EXAMPLE, "state": "revoked"},
)
def revoke_key(request: ApiRequest, key_id: KeyId) -> dict[str, Any]:
    _readable(request, key_id)
    check_confirmed(request, Sensitive.API_KEYS)
    return render(revoke_api_key(key_id=key_id))
