"""Rows of every certification table, as a merchant's contracts, seals and signings leave them."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from certification import facade
from certification.contracts.authority import Algorithm
from certification.models import (
    Authority,
    AutomaticConsent,
    BulkRow,
    BulkSigning,
    CertificateProfile,
    EvidencePackage,
    Signing,
    VerificationLink,
)
from certification.services import seals, statuses
from certification.services.agreements import negotiate
from certification.services.enrol import enrol
from kernel import clock, personal
from kernel.actors import Actor

NAME = "长春江茶贸易有限公司"
VALUES: dict[str, Any] = {
    "grade": "2", "crop_year": "2026", "origin": "吉林省公主岭市",
    "quantity": {"value": "200", "unit": "TNE"}, "tolerance": "1",
    "unit_price": {"amount": 231_000, "currency": "CNY"},
    "total": {"amount": 46_200_000, "currency": "CNY"}, "moisture": "14.0",
    "bulk_density": "690", "impurity": "1.0", "imperfect": "8.0", "mould": "2.0",
    "warehouse": "长春一号粮库", "delivery_from": "2026-11-25", "delivery_to": "2026-12-20",
    "delivery_mode": "receipt", "inspector": "省粮油检验站", "payment_days": "5",
    "deposit": {"amount": 4_620_000, "currency": "CNY"}, "breach_rate": "0.5",
    "breach_share": "10", "dispute": "changchun",
}  # fmt: skip


def make_certification_rows(*, merchant_id: UUID, other_id: UUID, external: str) -> dict[str, UUID]:
    """One row of each at least, on the platform in scope; ids by prefix. ``external`` is the
    merchant's own id of each, and the code printed on the signed contract."""
    ids: dict[str, UUID] = {}
    names = {"common_name": NAME, "organization_name": NAME}
    certificate = enrol(
        key=uuid4(), profile="organization", algorithm=Algorithm.P256, subject=names,
        merchant_id=merchant_id, external_id=external,
    )  # fmt: skip
    for_seal = enrol(
        key=uuid4(), profile="organization", algorithm=Algorithm.SM2, subject=names,
        merchant_id=merchant_id,
    )  # fmt: skip
    ids["cer"] = certificate.id
    ids["cau"] = Authority.objects.filter(role="issuing").latest("id").id
    statuses.revocation_list(authority_id=ids["cau"])
    facade.timestamp_digest(digest=hashlib.sha256(b"town").digest())
    CertificateProfile.objects.create(
        code="unused",
        effective_from=clock.business() + timedelta(days=365),
        definition={},
        created_at=clock.system(),
    )
    seal = seals.apply(
        key=uuid4(), merchant_id=merchant_id, kind="contract", name=NAME,
        certificate_id=for_seal.id,
    )  # fmt: skip
    seals.make(seal_id=seal.id)
    ids["sea"] = seal.id
    ids["sgr"] = seals.grant(seal_id=seal.id, person_id=None).id
    keeper = Actor(kind="merchant", id=uuid4(), merchant_id=merchant_id, scopes=frozenset({"*"}))
    facade.apply_seal(seal_id=seal.id, digest=bytes(32), document="town", key=uuid4(), actor=keeper)
    facade.load_contract_templates()
    ids["ctt"] = facade.current_template(code="corn_sale").id
    contract = facade.draft_contract(
        key=uuid4(), drafter="seller", merchant_id=merchant_id, template_id=ids["ctt"],
        parties=[facade.PartyInput("seller", merchant_id), facade.PartyInput("buyer", other_id)],
        values=VALUES, external_id=external,
    )  # fmt: skip
    negotiate.propose(contract_id=contract.id, role="seller")
    ids["ctr"] = contract.id
    return ids | _signed(ids, merchant_id, external)


def _signed(ids: dict[str, UUID], merchant_id: UUID, external: str) -> dict[str, UUID]:
    """What signing leaves behind, as rows: real signatures take seconds."""
    now, contract = clock.business(), ids["ctr"]
    term = now + timedelta(days=30)
    data, digest = b"signed", hashlib.sha256(b"signed").hexdigest()
    kept = personal.seal_data(contract, data)
    Signing.objects.create(
        key=uuid4(), document_id=contract, sequence=0, field="seller", level="B-T",
        certificate_id=ids["cer"], consent_id=uuid4(), order_sha256=digest, lease_until=now,
        state="done", result_sealed=kept, signed_at=now,
    )  # fmt: skip
    EvidencePackage.objects.create(
        document_id=contract, generation=1, sha256=digest, size=len(data), content_sealed=kept,
        audit_head=digest, made_at=now, keep_until=term,
    )  # fmt: skip
    VerificationLink.objects.create(code=external, document_id=contract, created_at=now)
    consent = AutomaticConsent.objects.create(
        merchant_id=merchant_id, template_id=ids["ctt"], party="seller",
        certificate_id=ids["cer"], consent_id=uuid4(), given_at=now, valid_until=term,
    )  # fmt: skip
    bulk = BulkSigning.objects.create(
        merchant_id=merchant_id, template_id=ids["ctt"], consent=consent, total=1,
        external_id=external,
    )  # fmt: skip
    result = personal.seal_data(bulk.id, data)
    BulkRow.objects.create(
        bulk=bulk, place=1, state="signed", document_id=uuid4(), values_sealed=result,
        result_sealed=result, sha256=digest, signed_at=now,
    )  # fmt: skip
    return {"aco": consent.id, "blk": bulk.id}
