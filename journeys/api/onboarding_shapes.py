"""How applications to become a merchant look on the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema as NinjaSchema
from pydantic import Field

from journeys.contracts_onboarding import (
    ApplicationFields,
    ApplicationInfo,
    ApplicationRow,
    DocumentInfo,
    DocumentKind,
    OnboardingTerms,
)
from kernel.api import Id, ListQuery, Schema, Timestamp
from kernel.ids import public_id

ApplicationId = Annotated[UUID, Id("map")]
DocumentId = Annotated[UUID, Id("mad")]
CategoryId = Annotated[UUID, Id("cat")]
Names = Annotated[
    dict[str, Annotated[str, Field(max_length=200)]],
    Field(description="What the shop is called, by language of the platform"),
]
STATES = (
    "draft, submitted (identity and agreement), in_review, needs_more, approved, open, refused, "
    "withdrawn, closed (nobody answered in time)"
)
PAPERS = ", ".join(DocumentKind.values)
CATEGORY = "cat_01k00000000000000000000000"
SORTS: dict[str, tuple[str, ...]] = {
    "-created_at": ("-id",),
    "created_at": ("id",),
}
FIELDS: dict[str, Any] = {
    "names": {"zh-Hans": "江茶", "en": "River Tea"},
    "company": "长春江茶贸易有限公司",
    "credit_code": "91220101MA00000013",
    "representative": "王芳",
    "contact_name": "李秀英",
    "contact_phone": "13844445678",
    "contact_email": "owner@river-tea.example",
    "categories": [CATEGORY],
}
DOCUMENT: dict[str, Any] = {
    "id": "mad_01k00000000000000000000000",
    "kind": "business_licence",
    "name": "licence.pdf",
    "content_type": "application/pdf",
    "size": 120000,
    "sha256": "0" * 64,
    "uploaded_at": "2026-05-01T08:00:00Z",
}
APPLICATION: dict[str, Any] = {
    "id": "map_01k00000000000000000000000",
    "state": "in_review",
    "attempt": 1,
    "merchant": "mer_01k00000000000000000000000",
    "contract": None,
    "level": "verified",
    "level_needed": "verified",
    **FIELDS,
    "documents": [DOCUMENT],
    "missing": [],
    "asked": {},
    "answer_by": None,
    "reason": "",
    "submitted_at": "2026-05-01T08:00:00Z",
    "decided_at": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
    "timeline": [{"what": "submitted", "at": "2026-05-01T08:00:00Z", "actor": "buyer",
                  "text": "", "kind": ""}],
}  # fmt: skip
ROW: dict[str, Any] = {
    name: APPLICATION[name]
    for name in ("id", "state", "merchant", "names", "company", "submitted_at", "answer_by",
                 "created_at", "updated_at")
}  # fmt: skip
TERMS: dict[str, Any] = {
    "open": True,
    "documents": ["business_licence"],
    "categories": [{"category": CATEGORY, "documents": ["food_licence"]}],
    "level": "verified",
    "agreement": False,
    "answer_days": 14,
}


class FieldsIn(Schema):
    names: Names = Field(default_factory=dict)
    company: Annotated[str, Field(max_length=300)] = ""
    credit_code: Annotated[
        str, Field(max_length=60, description="Unified social credit code, GB 32100")
    ] = ""
    representative: Annotated[str, Field(max_length=200, description="Legal representative")] = ""
    contact_name: Annotated[str, Field(max_length=200)] = ""
    contact_phone: Annotated[str, Field(max_length=60)] = ""
    contact_email: Annotated[str, Field(max_length=300)] = ""
    categories: Annotated[list[CategoryId], Field(max_length=100)] = []

    def contract(self) -> ApplicationFields:
        texts = self.model_dump(exclude={"categories"})
        return ApplicationFields(**texts, categories=tuple(self.categories))


class ApplicationAnswerIn(Schema):
    text: Annotated[str, Field(max_length=1000, description="Why a paper can't be shown")] = ""


class ApplicationApproveIn(Schema):
    note: Annotated[str, Field(max_length=1000, description="The applicant reads it")] = ""


class ApplicationAskIn(Schema):
    asked: dict[str, Annotated[str, Field(max_length=1000)]] = Field(
        description=f'Words by kind of paper; "": about the rest. Kinds: {PAPERS}'
    )


class ApplicationRefuseIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class DocumentQuery(NinjaSchema):
    kind: DocumentKind
    name: str = Field("", max_length=200, description="The file's name")


class ApplicationsQuery(ListQuery):
    state: (
        Literal[
            "draft", "submitted", "in_review", "needs_more", "approved", "open", "refused",
            "withdrawn", "closed",
        ]
        | None
    ) = Field(None, description="Without it all but drafts")  # fmt: skip
    q: str | None = Field(
        None, max_length=100, description="Its id, a unified social credit code, or a shop's name"
    )
    older_than: Annotated[int, Field(ge=0, le=3650)] | None = Field(
        None, description="Handed in at least so many days ago"
    )


class DocumentOut(Schema):
    id: DocumentId
    kind: str
    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: Timestamp


class MissingOut(Schema):
    kind: str
    category: CategoryId | None = Field(description="Which asks for it; null: the platform does")


class ApplicationEntryOut(Schema):
    what: str
    at: Timestamp
    actor: str
    text: str
    kind: str


class ApplicationRowOut(Schema):
    id: ApplicationId
    state: str = Field(description=STATES)
    merchant: Annotated[UUID, Id("mer")] | None
    names: dict[str, str]
    company: str
    submitted_at: Timestamp | None
    answer_by: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class ApplicationOut(ApplicationRowOut):
    attempt: int
    contract: Annotated[UUID, Id("ctr")] | None = Field(description="The merchant agreement")
    level: str
    level_needed: str = Field(description="Of the company's identity; see /identity")
    credit_code: str
    representative: str
    contact_name: str
    contact_phone: str
    contact_email: str
    categories: list[CategoryId]
    documents: list[DocumentOut]
    missing: list[MissingOut] = Field(description="Papers that are needed and aren't there")
    asked: dict[str, str] = Field(description="What the operator wants, by kind of paper")
    reason: str = Field(description="The operator's words on the decision")
    decided_at: Timestamp | None
    timeline: list[ApplicationEntryOut]


class CategoryTerms(Schema):
    category: CategoryId
    documents: list[str]


class OnboardingTermsOut(Schema):
    open: bool
    documents: list[str]
    categories: list[CategoryTerms] = Field(description="Each with all below it")
    level: str
    agreement: bool
    answer_days: int


def render_row(info: ApplicationRow) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": str(info.state),
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "names": dict(info.names),
        "company": info.company,
        "submitted_at": info.submitted_at,
        "answer_by": info.answer_by,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def render_document(info: DocumentInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "kind": str(info.kind),
        "name": info.name,
        "content_type": info.content_type,
        "size": info.size,
        "sha256": info.sha256,
        "uploaded_at": info.uploaded_at,
    }


def render(info: ApplicationInfo) -> dict[str, Any]:
    fields = info.fields
    return {
        "id": info.public_id,
        "state": str(info.state),
        "attempt": info.attempt,
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "contract": public_id("ctr", info.contract_id) if info.contract_id else None,
        "level": info.level,
        "level_needed": info.level_needed,
        "names": dict(fields.names),
        **{
            name: getattr(fields, name)
            for name in ("company", "credit_code", "representative", "contact_name",
                         "contact_phone", "contact_email")
        },
        "categories": [public_id("cat", one) for one in fields.categories],
        "documents": [render_document(one) for one in info.documents],
        "missing": [
            {
                "kind": str(one.kind),
                "category": public_id("cat", one.category) if one.category else None,
            }
            for one in info.missing
        ],
        "asked": dict(info.asked),
        "answer_by": info.answer_by,
        "reason": info.reason,
        "submitted_at": info.submitted_at,
        "decided_at": info.decided_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
        "timeline": [vars(one) for one in info.entries],
    }  # fmt: skip


def render_terms(info: OnboardingTerms) -> dict[str, Any]:
    return {
        "open": info.open,
        "documents": [str(one) for one in info.documents],
        "categories": [
            {"category": public_id("cat", key), "documents": [str(one) for one in kinds]}
            for key, kinds in info.categories.items()
        ],
        "level": info.level,
        "agreement": info.agreement,
        "answer_days": info.answer_days,
    }
