"""Contract templates: kept in versions, published, previewed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja.params.functions import Query
from pydantic import Field

from certification.api.routes import BOTH, SORTS, MerchantId, routes
from certification.contracts.agreements import TemplateInfo
from certification.errors.agreements import (
    BadTemplate,
    BadValues,
    TemplateNotDraft,
    TypesettingFailed,
)
from certification.selectors import agreements
from certification.services import templates
from kernel.actors import Actor
from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    Schema,
    Timestamp,
    set_etag,
)
from kernel.api.request import check_if_match
from kernel.errors import Conflict, InvalidTransition, NotFound, PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf

TemplateId = Annotated[UUID, Id("ctt")]
Language = Literal["zh-Hans", "en", "both"]
TITLE = {"zh-Hans": "供货合同", "en": "Supply contract"}
DEFINITION: dict[str, Any] = {
    "title": TITLE,
    "roles": [
        {"role": "seller", "label": {"zh-Hans": "甲方", "en": "Seller"}},
        {"role": "buyer", "label": {"zh-Hans": "乙方", "en": "Buyer"}},
    ],
    "fields": [
        {
            "name": "total",
            "type": "money",
            "label": {"zh-Hans": "总价", "en": "Total"},
            "required": True,
            "currency": "CNY",
        }
    ],
    "body": [
        {"kind": "heading", "text": {"zh-Hans": "价款", "en": "Price"}},
        {
            "kind": "clause",
            "text": {
                "zh-Hans": "总价为{{total}}（大写：{{total.capitals}}）。",
                "en": "The total is {{total}}.",
            },
        },
    ],
}
EXAMPLE: dict[str, Any] = {
    "id": "ctt_01k00000000000000000000000",
    "code": "supply",
    "number": 1,
    "state": "draft",
    "merchant": "mer_01k00000000000000000000000",
    "definition": DEFINITION,
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", examples=["supply"])]
Definition = Annotated[
    dict[str, Any],
    Field(description="title, roles, fields, body: see docs/contracts.md", examples=[DEFINITION]),
]


class TemplateOut(Schema):
    id: TemplateId
    code: str
    number: int = Field(description="The version, counted from 1 within its code")
    state: str = Field(description="draft, published, retired")
    merchant: MerchantId | None = Field(description="None: the platform's, for everyone")
    definition: dict[str, Any]
    external_id: str | None
    metadata: dict[str, str]
    created_at: Timestamp
    updated_at: Timestamp


class TemplateIn(Schema):
    code: Code
    definition: Definition
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)


class DefinitionIn(Schema):
    definition: Definition


class TemplatePreviewIn(Schema):
    definition: Definition
    values: dict[str, Any] = Field(default_factory=dict)
    language: Language = "zh-Hans"


class TemplateQuery(ListQuery):
    state: Literal["draft", "published", "retired"] | None = None
    code: str | None = Field(None, max_length=40)


def render_template(info: TemplateInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "code": info.code,
        "number": info.number,
        "state": info.state,
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "definition": info.definition,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/contract-templates",
    summary="Contract templates: your own and the platform's",
    audience={"buyer", *BOTH},
    scope="certification:read",
    permission="contracts",
    response=ListOf[TemplateOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_templates(request: ApiRequest, q: TemplateQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return agreements.templates_page(
        merchant_id=request.actor.merchant_id,
        everything=request.actor.kind == "operator",
        state=q.state,
        code=q.code,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render_template)


@routes.post(
    "/contract-templates",
    summary="A template as a draft: the first version of its code, or the next",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    status=201,
    response=TemplateOut,
    errors=(BadTemplate, Conflict),
    example=EXAMPLE,
    request_example={"code": "supply", "definition": DEFINITION},
)
def create_template(request: ApiRequest, body: TemplateIn) -> dict[str, Any]:
    info = templates.create_template(
        code=body.code,
        definition=body.definition,
        merchant_id=request.actor.merchant_id,
        external_id=body.external_id,
        metadata=body.metadata,
    )
    return _shown(request, info)


@routes.get(
    "/contract-templates/{template_id}",
    summary="One version of a template",
    audience={"buyer", *BOTH},
    scope="certification:read",
    permission="contracts",
    response=TemplateOut,
    example=EXAMPLE,
)
def get_template(request: ApiRequest, template_id: TemplateId) -> dict[str, Any]:
    return _shown(request, _readable(request.actor, template_id))


@routes.put(
    "/contract-templates/{template_id}",
    summary="Replace a draft's definition",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=TemplateOut,
    errors=(BadTemplate, PreconditionFailed, TemplateNotDraft),
    example=EXAMPLE,
    request_example={"definition": DEFINITION},
)
def put_template(
    request: ApiRequest, template_id: TemplateId, body: DefinitionIn
) -> dict[str, Any]:
    check_if_match(request, _own(request.actor, template_id).version)
    info = templates.update_template(template_id=template_id, definition=body.definition)
    return _shown(request, info)


@routes.post(
    "/contract-templates/{template_id}/publish",
    summary="Use this version from now on; the one before is retired",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=TemplateOut,
    errors=(BadTemplate, InvalidTransition),
    example={**EXAMPLE, "state": "published"},
)
def publish_template(request: ApiRequest, template_id: TemplateId) -> dict[str, Any]:
    _own(request.actor, template_id)
    return _shown(request, templates.publish_template(template_id=template_id))


@routes.post(
    "/contract-templates/{template_id}/retire",
    summary="Make no new contracts from this version",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=TemplateOut,
    errors=(InvalidTransition,),
    example={**EXAMPLE, "state": "retired"},
)
def retire_template(request: ApiRequest, template_id: TemplateId) -> dict[str, Any]:
    _own(request.actor, template_id)
    return _shown(request, templates.retire_template(template_id=template_id))


@routes.post(
    "/contract-templates/preview",
    summary="The PDF that a definition and values make; nothing is kept",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=None,
    sends="application/pdf",
    outside=True,
    errors=(BadTemplate, BadValues, TypesettingFailed),
    request_example={"definition": DEFINITION, "values": {}, "language": "zh-Hans"},
)
def preview_template(request: ApiRequest, body: TemplatePreviewIn) -> HttpResponse:
    _data, made = templates.preview(
        definition=body.definition, values=body.values, language=body.language
    )
    return HttpResponse(made.pdf, content_type="application/pdf")


def _readable(actor: Actor, template_id: UUID) -> TemplateInfo:
    info = agreements.template(template_id=template_id)
    shared = info.merchant_id is None and info.state != "draft"
    if (
        actor.kind != "operator"
        and not shared
        and (info.merchant_id is None or info.merchant_id != actor.merchant_id)
    ):
        raise NotFound
    return info


def _own(actor: Actor, template_id: UUID) -> TemplateInfo:
    info = agreements.template(template_id=template_id)
    if actor.kind != "operator" and info.merchant_id != actor.merchant_id:
        raise NotFound
    return info


def _shown(request: ApiRequest, info: TemplateInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render_template(info)
