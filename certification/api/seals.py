"""Seals (电子印章): application, review, authorisation, the log of use."""

import base64
import binascii
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja.params.functions import Query

from certification.api.routes import BOTH, SORTS, merchant_of, routes
from certification.api.seal_schemas import (
    EXAMPLE,
    GRANT,
    USE,
    GrantId,
    GrantIn,
    GrantOut,
    SealId,
    SealIn,
    SealNoteIn,
    SealOut,
    SealQuery,
    SealUseOut,
    UsedOut,
    UseIn,
)
from certification.contracts.seals import SealGrantInfo, SealInfo
from certification.errors.seals import (
    InvalidSealPicture,
    SealNeedsSm2,
    SealNotGranted,
    SealNotUsable,
)
from certification.selectors import seals as reads
from certification.services import seals, use_seal
from kernel.api import (
    ApiRequest,
    ListOf,
    ListQuery,
    set_etag,
)
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf


def render(info: SealInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "expired": info.expired,
        "kind": info.kind,
        "name": info.name,
        "merchant": public_id("mer", info.merchant_id),
        "person": public_id("per", info.person_id) if info.person_id else None,
        "certificate": public_id("cer", info.certificate_id),
        "width_mm": info.width_mm,
        "height_mm": info.height_mm,
        "valid_from": info.valid_from,
        "valid_until": info.valid_until,
        "note": info.note,
        "uses": info.uses,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/seals",
    summary="Your seals; all of the platform for operators (state=applied is the queue)",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=ListOf[SealOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_seals(request: ApiRequest, q: SealQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return reads.seals_page(
        merchant_id=None if request.actor.kind == "operator" else merchant_of(request.actor),
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/seals",
    summary="Apply for a seal",
    audience={"merchant"},
    scope="certification:write", permission="company",
    status=201,
    response=SealOut,
    errors=(SealNeedsSm2, InvalidSealPicture),
    example={**EXAMPLE, "state": "applied"},
    request_example={
        "kind": "contract", "name": "黑龙江玉米贸易有限公司",
        "certificate": "cer_01k00000000000000000000000",
    },
)  # fmt: skip
def create_seal(request: ApiRequest, body: SealIn) -> dict[str, Any]:
    info = seals.apply(
        key=request.idempotency_token,
        merchant_id=merchant_of(request.actor),
        kind=body.kind,
        name=body.name,
        certificate_id=body.certificate,
        person_id=request.actor.person_id if body.kind == "person" else None,
        picture=_picture(body.picture),
        external_id=body.external_id,
        metadata=body.metadata,
    )
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/seals/{seal_id}",
    summary="One seal",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=SealOut,
    example=EXAMPLE,
)
def get_seal(request: ApiRequest, seal_id: SealId) -> dict[str, Any]:
    info = _visible(request, seal_id)
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/seals/{seal_id}/picture",
    summary="The seal's picture (PNG)",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=None,
    sends="image/png",
)
def get_picture(request: ApiRequest, seal_id: SealId) -> HttpResponse:
    response = HttpResponse(_visible(request, seal_id).picture, content_type="image/png")
    response["Cache-Control"] = "private, max-age=300"
    return response


@routes.post(
    "/seals/{seal_id}/make",
    summary="Approve the application: the seal is made and signed by the maker",
    audience={"operator"},
    scope="certification:write",
    permission="contracts",
    response=SealOut,
    errors=(InvalidTransition, SealNeedsSm2),
    example=EXAMPLE,
)
def make_seal(request: ApiRequest, seal_id: SealId) -> dict[str, Any]:
    return render(seals.make(seal_id=seal_id))


@routes.post(
    "/seals/{seal_id}/refuse",
    summary="Refuse the application, with the reason",
    audience={"operator"},
    scope="certification:write",
    permission="contracts",
    response=SealOut,
    errors=(InvalidTransition,),
    example={**EXAMPLE, "state": "refused"},
    request_example={"note": "The name isn't the one in the licence."},
)
def refuse_seal(request: ApiRequest, seal_id: SealId, body: SealNoteIn) -> dict[str, Any]:
    return render(seals.refuse(seal_id=seal_id, note=body.note))


@routes.post(
    "/seals/{seal_id}/suspend",
    summary="Suspend a seal",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=SealOut,
    errors=(InvalidTransition,),
    example={**EXAMPLE, "state": "suspended"},
    request_example={"note": "The keeper is away."},
)
def suspend_seal(request: ApiRequest, seal_id: SealId, body: SealNoteIn) -> dict[str, Any]:
    _visible(request, seal_id)
    return render(seals.change(seal_id=seal_id, state="suspended", note=body.note))


@routes.post(
    "/seals/{seal_id}/resume",
    summary="Let a suspended seal be used again",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=SealOut,
    errors=(InvalidTransition,),
    example=EXAMPLE,
)
def resume_seal(request: ApiRequest, seal_id: SealId) -> dict[str, Any]:
    _visible(request, seal_id)
    return render(seals.change(seal_id=seal_id, state="valid"))


@routes.post(
    "/seals/{seal_id}/revoke",
    summary="Revoke a seal for good; what it signed before keeps its worth",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=SealOut,
    errors=(InvalidTransition,),
    example={**EXAMPLE, "state": "revoked"},
    request_example={"note": "The company has another name."},
)
def revoke_seal(request: ApiRequest, seal_id: SealId, body: SealNoteIn) -> dict[str, Any]:
    _visible(request, seal_id)
    return render(seals.change(seal_id=seal_id, state="revoked", note=body.note))


@routes.post(
    "/seals/{seal_id}/use",
    summary="Seal a document by its SM3 digest; entered in the log",
    audience={"merchant"},
    scope="certification:write",
    permission="contracts",
    response=UsedOut,
    errors=(SealNotUsable, SealNotGranted),
    example={"signature": "MIIb…"},
    request_example={"digest": "00" * 32, "document": "HT-2026-0001"},
)
def use(request: ApiRequest, seal_id: SealId, body: UseIn) -> dict[str, Any]:
    _visible(request, seal_id)
    der = use_seal.apply_seal(
        seal_id=seal_id,
        digest=bytes.fromhex(body.digest),
        document=body.document,
        key=request.idempotency_token,
        actor=request.actor,
    )
    return {"signature": base64.b64encode(der).decode()}


@routes.get(
    "/seals/{seal_id}/uses",
    summary="The log of a seal's use, newest first",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=ListOf[SealUseOut],
    example={"data": [USE], "has_more": False, "next_cursor": None},
)
def list_uses(
    request: ApiRequest, seal_id: SealId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    _visible(request, seal_id)
    page = reads.seal_uses_page(seal_id=seal_id, cursor=q.cursor, limit=q.limit)
    return page.map(
        lambda one: {
            "id": public_id("sus", one.id),
            "at": one.at,
            "document": one.document,
            "digest": one.digest,
            "person": public_id("per", one.person_id) if one.person_id else None,
            "grant": public_id("sgr", one.grant_id) if one.grant_id else None,
            "signature_sha256": one.signature_sha256,
        }
    )


@routes.get(
    "/seals/{seal_id}/grants",
    summary="Who may use the seal",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=ListOf[GrantOut],
    example={"data": [GRANT], "has_more": False, "next_cursor": None},
)
def list_grants(
    request: ApiRequest, seal_id: SealId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    _visible(request, seal_id)
    return PageOf([_grant(one) for one in reads.seal_grants(seal_id=seal_id)], False, None)


@routes.post(
    "/seals/{seal_id}/grants",
    summary="Authorise someone to use the seal",
    audience={"merchant"},
    scope="certification:write",
    permission="company",
    status=201,
    response=GrantOut,
    example=GRANT,
    request_example={"person": "per_01k00000000000000000000000"},
)
def create_grant(request: ApiRequest, seal_id: SealId, body: GrantIn) -> dict[str, Any]:
    _visible(request, seal_id)
    made = seals.grant(seal_id=seal_id, person_id=body.person, valid_until=body.valid_until)
    return _grant(made)


@routes.delete(
    "/seals/{seal_id}/grants/{grant_id}",
    summary="Take an authorisation back",
    audience={"merchant"},
    scope="certification:write",
    permission="company",
    response=GrantOut,
    example={**GRANT, "revoked_at": "2026-05-03T08:00:00Z"},
)
def delete_grant(request: ApiRequest, seal_id: SealId, grant_id: GrantId) -> dict[str, Any]:
    _visible(request, seal_id)
    return _grant(seals.withdraw_grant(seal_id=seal_id, grant_id=grant_id))


def _grant(info: SealGrantInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "person": public_id("per", info.person_id) if info.person_id else None,
        "valid_from": info.valid_from,
        "valid_until": info.valid_until,
        "revoked_at": info.revoked_at,
    }


def _picture(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Invalid(_("Send the PNG in Base64."), field="picture") from error


def _visible(request: ApiRequest, seal_id: UUID) -> SealInfo:
    info = reads.seal(seal_id=seal_id)
    if request.actor.kind != "operator" and info.merchant_id != request.actor.merchant_id:
        raise NotFound
    return info
