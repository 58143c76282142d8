"""What seals look like on the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from certification.api.certificates import CertificateId
from certification.api.routes import MerchantId, PersonId
from kernel.api import ExternalId, Id, ListQuery, Metadata, Schema, Timestamp

SealId = Annotated[UUID, Id("sea")]
GrantId = Annotated[UUID, Id("sgr")]
UseId = Annotated[UUID, Id("sus")]
EXAMPLE: dict[str, Any] = {
    "id": "sea_01k00000000000000000000000",
    "state": "valid",
    "expired": False,
    "kind": "contract",
    "name": "黑龙江玉米贸易有限公司",
    "merchant": "mer_01k00000000000000000000000",
    "person": None,
    "certificate": "cer_01k00000000000000000000000",
    "width_mm": 42,
    "height_mm": 42,
    "valid_from": "2026-05-01T08:00:00Z",
    "valid_until": "2028-04-30T08:00:00Z",
    "note": "",
    "uses": 12,
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
GRANT: dict[str, Any] = {
    "id": "sgr_01k00000000000000000000000",
    "person": "per_01k00000000000000000000000",
    "valid_from": "2026-05-01T08:00:00Z",
    "valid_until": None,
    "revoked_at": None,
}
USE: dict[str, Any] = {
    "id": "sus_01k00000000000000000000000",
    "at": "2026-05-02T08:00:00Z",
    "document": "ctr_01k00000000000000000000000",
    "digest": "00" * 32,
    "person": "per_01k00000000000000000000000",
    "grant": "sgr_01k00000000000000000000000",
    "signature_sha256": "00" * 32,
}


class SealOut(Schema):
    id: SealId
    state: str = Field(description="applied, refused, valid, suspended, revoked")
    expired: bool
    kind: str = Field(description="company, contract, finance, person")
    name: str
    merchant: MerchantId
    person: PersonId | None
    certificate: CertificateId
    width_mm: int
    height_mm: int
    valid_from: Timestamp | None
    valid_until: Timestamp | None
    note: str
    uses: int
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class SealIn(Schema):
    kind: Literal["company", "contract", "finance", "person"]
    name: str = Field(min_length=1, max_length=60, description="As it stands on the seal")
    certificate: CertificateId = Field(description="Your SM2 certificate, its key held here")
    picture: str | None = Field(
        None, max_length=280_000, description="A PNG in Base64; without, one is drawn"
    )
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)


class SealNoteIn(Schema):
    note: str = Field("", max_length=500)


class GrantIn(Schema):
    person: PersonId | None = Field(None, description="Without: every key of yours")
    valid_until: Timestamp | None = None


class GrantOut(Schema):
    id: GrantId
    person: PersonId | None
    valid_from: Timestamp
    valid_until: Timestamp | None
    revoked_at: Timestamp | None


class UseIn(Schema):
    digest: str = Field(pattern="^[0-9a-f]{64}$", description="SM3 of the document, hexadecimal")
    document: str = Field(pattern="^[ -~]{1,200}$", description="Your name for the document")


class UsedOut(Schema):
    signature: str = Field(description="SES_Signature (GB/T 38540) in DER, Base64")


class SealUseOut(Schema):
    id: UseId
    at: Timestamp
    document: str
    digest: str
    person: PersonId | None
    grant: GrantId | None
    signature_sha256: str


class SealQuery(ListQuery):
    state: Literal["applied", "refused", "valid", "suspended", "revoked"] | None = None
