"""Shapes of contracts in the API."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from certification.api.routes import MerchantId, PersonId
from certification.api.templates import Language, TemplateId
from certification.contracts.agreements import ContractInfo, PartyInfo, ProposalInfo
from kernel.api import ExternalId, Id, ListQuery, Metadata, Schema, Timestamp, Whole
from kernel.ids import public_id

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, hex")]
Order = Literal["parallel", "sequential"]
Role = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$", examples=["seller"])]
Values = Annotated[dict[str, Any], Field(description="By the template's field names")]
State = Literal[
    "draft", "negotiating", "agreed", "signing", "effective", "amended", "terminated", "expired",
    "rejected", "withdrawn",
]  # fmt: skip
AT = "2026-05-01T08:00:00Z"


def _example_party(role: str, name: str, number: int) -> dict[str, Any]:
    return {
        "role": role, "merchant": f"mer_01k0000000000000000000000{number}", "person": None,
        "name": name, "detail": "", "joined": True, "agreed": False, "signed_at": None,
        "consent": None, "rejected": False,
    }  # fmt: skip


EXAMPLE: dict[str, Any] = {
    "id": "ctr_01k00000000000000000000000",
    "number": "HT202605010A1B2C3D",
    "title": "供货合同",
    "state": "draft",
    "kind": "original",
    "language": "zh-Hans",
    "template": "ctt_01k00000000000000000000000",
    "parent": None,
    "parent_sha256": None,
    "drafter": "seller",
    "round": 0,
    "turn": None,
    "values": {"total": {"amount": 46_200_000, "currency": "CNY"}},
    "parties": [_example_party("seller", "丰泽粮贸", 0), _example_party("buyer", "金牧饲料", 1)],
    "order": "parallel",
    "sign_by": None,
    "ends_at": None,
    "agreed_sha256": None,
    "document_sha256": None,
    "signatures": 0,
    "agreed_at": None,
    "effective_at": None,
    "ended_at": None,
    "reason": None,
    "external_id": None,
    "metadata": {},
    "created_at": AT,
    "updated_at": AT,
}
PROPOSAL: dict[str, Any] = {
    "id": "cpr_01k00000000000000000000000",
    "number": 1,
    "role": "seller",
    "values": EXAMPLE["values"],
    "message": "",
    "changes": [{"field": "total", "label": "总价", "before": "¥1.00", "after": "¥462,000.00"}],
    "created_at": AT,
}


class SigningConsentOut(Schema):
    person: PersonId
    method: str = Field(description="totp, recovery, passkey")
    sha256: str = Field(description="Of the document that was shown")
    confirmed_at: Timestamp
    business_at: Timestamp


class PartyOut(Schema):
    role: str
    merchant: MerchantId | None
    person: PersonId | None
    name: str
    detail: str | None = Field(description="None for an operator")
    joined: bool
    agreed: bool = Field(description="To the present round")
    signed_at: Timestamp | None
    consent: SigningConsentOut | None
    rejected: bool


class ContractOut(Schema):
    id: Annotated[UUID, Id("ctr")]
    number: str
    title: str
    state: str
    kind: str = Field(description="original, amendment, termination")
    language: str
    template: TemplateId | None
    parent: Annotated[UUID, Id("ctr")] | None
    parent_sha256: str | None = Field(description="The document that this one changes or ends")
    drafter: str
    round: int
    turn: str | None = Field(description="The role that is to answer")
    values: dict[str, Any] | None = Field(
        description="None for an operator: see /contracts/{id}/inspection/terms"
    )
    parties: list[PartyOut]
    order: str
    sign_by: Timestamp | None
    ends_at: Timestamp | None
    agreed_sha256: str | None = Field(description="Of the document before any signature")
    document_sha256: str | None = Field(description="Of the document with the signatures so far")
    signatures: int
    agreed_at: Timestamp | None
    effective_at: Timestamp | None
    ended_at: Timestamp | None
    reason: str | None = Field(description="Why it ended; None for an operator")
    external_id: str | None
    metadata: dict[str, str]
    created_at: Timestamp
    updated_at: Timestamp


class PartyIn(Schema):
    """A merchant, a person, or (name and e-mail) someone to invite."""

    role: Role
    merchant: MerchantId | None = None
    person: PersonId | None = None
    name: str = Field("", max_length=120)
    email: str = Field("", max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")
    detail: str = Field("", max_length=300, description="Printed below the name: address, code")
    language: Literal["zh-Hans", "en"] | None = Field(
        None, description="Of letters to who is invited by e-mail; else the platform's first"
    )


class ContractIn(Schema):
    template: TemplateId | None = Field(None, description="None: your own PDF follows")
    title: str = Field("", max_length=200)
    drafter: Role
    parties: Annotated[list[PartyIn], Field(min_length=2, max_length=6)]
    values: Values = Field(default_factory=dict)
    language: Language = "zh-Hans"
    order: Order = "parallel"
    ends_at: Timestamp | None = None
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)


class ValuesIn(Schema):
    values: Values


class ProposeIn(Schema):
    values: Values | None = Field(None, description="None: as they stand")
    message: str = Field("", max_length=2000)
    round: Whole | None = Field(None, description="The round that you answer")


class RoundIn(Schema):
    round: Annotated[Whole, Field(ge=1)]


class OpenSigningIn(Schema):
    sign_by: Timestamp | None = Field(None, description="In fourteen days, if not given")
    order: Order | None = None


class SignIn(Schema):
    sha256: Digest
    code: str = Field(min_length=6, max_length=40, description="From the signer's app")
    signer: PersonId | None = Field(None, description="Needed with a key that is no person's")
    certificate: Annotated[UUID, Id("cer")] | None = None
    seal: Annotated[UUID, Id("sea")] | None = None


class ContractReasonIn(Schema):
    reason: str = Field(min_length=1, max_length=1000)


class WithdrawIn(Schema):
    reason: str = Field("", max_length=1000)


class RemindIn(Schema):
    party: Role


class AmendIn(Schema):
    values: Values | None = None
    text: str = Field("", max_length=4000)
    external_id: ExternalId | None = None


class TerminateIn(Schema):
    end_day: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    reason: str = Field(min_length=1, max_length=1000)
    settlement: str = Field("", max_length=4000)
    external_id: ExternalId | None = None


class ContractJoinIn(Schema):
    secret: str = Field(min_length=20, max_length=100)


class ContractChangeOut(Schema):
    field: str
    label: str
    before: str
    after: str


class ContractProposalOut(Schema):
    id: Annotated[UUID, Id("cpr")]
    number: int
    role: str
    values: dict[str, Any]
    message: str
    changes: list[ContractChangeOut]
    created_at: Timestamp


class ContractTermsOut(Schema):
    """What a contract says, for operators."""

    contract: ContractOut
    proposals: list[ContractProposalOut] = Field(description="Every round, the last first")


class HistoryOut(Schema):
    at: Timestamp
    action: str
    actor: str
    detail: dict[str, str]


class ContractQuery(ListQuery):
    box: Literal["to_do", "waiting", "in_force", "ended"] | None = None
    state: State | None = None
    kind: Literal["original", "amendment", "termination"] | None = None
    parent: Annotated[UUID, Id("ctr")] | None = None
    number: str | None = Field(None, max_length=40)


def _id(prefix: str, value: UUID | None) -> str | None:
    return public_id(prefix, value) if value else None


def _party(party: PartyInfo, *, withheld: bool) -> dict[str, Any]:
    consent = party.consent
    return {
        "role": party.role,
        "merchant": _id("mer", party.merchant_id),
        "person": _id("per", party.person_id),
        "name": party.name,
        "detail": None if withheld else party.detail,
        "joined": party.joined,
        "agreed": party.agreed,
        "signed_at": party.signed_at,
        "consent": consent and {
            "person": public_id("per", consent.person_id),
            "method": consent.method,
            "sha256": consent.digest,
            "confirmed_at": consent.confirmed_at,
            "business_at": consent.business_at,
        },
        "rejected": party.rejected,
    }  # fmt: skip


def render_contract(info: ContractInfo) -> dict[str, Any]:
    return {
        "id": info.public_id, "number": info.number, "title": info.title, "state": info.state,
        "kind": info.kind, "language": info.language, "template": _id("ctt", info.template_id),
        "parent": _id("ctr", info.parent_id), "parent_sha256": info.parent_sha256 or None,
        "drafter": info.drafter, "round": info.round, "turn": info.turn or None,
        "values": None if info.withheld else info.values,
        "parties": [_party(party, withheld=info.withheld) for party in info.parties],
        "order": info.order, "sign_by": info.sign_by, "ends_at": info.ends_at,
        "agreed_sha256": info.agreed_sha256 or None,
        "document_sha256": info.document_sha256 or None, "signatures": info.signatures,
        "agreed_at": info.agreed_at, "effective_at": info.effective_at,
        "ended_at": info.ended_at, "reason": info.reason or None,
        "external_id": info.external_id, "metadata": info.metadata,
        "created_at": info.created_at, "updated_at": info.updated_at,
    }  # fmt: skip


def render_proposal(info: ProposalInfo) -> dict[str, Any]:
    return {
        "id": public_id("cpr", info.id), "number": info.number, "role": info.role,
        "values": info.values, "message": info.message, "created_at": info.created_at,
        "changes": [
            {"field": c.field, "label": c.label, "before": c.before, "after": c.after}
            for c in info.changes
        ],
    }  # fmt: skip
