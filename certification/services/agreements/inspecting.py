"""What an operator sees of a contract beyond how it stands: its terms, document, evidence. Who
looked, and why, is kept, as for identity papers."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from certification.contracts.agreements import ContractInfo, ProposalInfo
from certification.contracts.evidence import PackageInfo
from certification.errors.evidence import NoEvidence
from certification.selectors.agreements import contract, proposals
from certification.services import evidence
from certification.services.agreements.reading import readable
from kernel import audit
from kernel.audit import AuditTarget, entries_for
from kernel.audit.selectors import AuditEntry
from kernel.errors import Invalid
from kernel.pagination import PageOf
from kernel.transactions import assert_outside_transaction, atomic

INSPECTION = "certification.contractinspection"
DOCUMENT, EVIDENCE = "certification.contract.opened", "certification.evidence.opened"
TERMS = "certification.terms.opened"
REASON_MAX = 300


def inspect_terms(*, contract_id: UUID, reason: str) -> tuple[ContractInfo, list[ProposalInfo]]:
    """The contract with values and free texts, and every round, the last first. Raises NotFound,
    Invalid without a reason."""
    why = _why(reason)
    info = contract(contract_id=contract_id)
    found = proposals(info)
    _keep(TERMS, contract_id, {"reason": why, "round": info.round})
    return info, found


def inspect_document(*, contract_id: UUID, reason: str) -> tuple[ContractInfo, bytes]:
    """The PDF: as signed or agreed, else as proposed. Raises NotFound, Invalid without a reason,
    TypesettingFailed."""
    why = _why(reason)
    info = contract(contract_id=contract_id)
    assert_outside_transaction("Typesetting a contract")
    data = readable(info)
    _keep(DOCUMENT, contract_id, {"reason": why, "sha256": info.document_sha256})
    return info, data


def inspect_evidence(*, contract_id: UUID, reason: str) -> tuple[ContractInfo, PackageInfo, bytes]:
    """The newest evidence package (ZIP). Raises NotFound, NoEvidence until everyone has signed,
    Invalid without a reason."""
    why = _why(reason)
    info = contract(contract_id=contract_id)
    if info.effective_at is None:
        raise NoEvidence
    found, data = evidence.package(document_id=contract_id)
    _keep(EVIDENCE, contract_id, {"reason": why, "generation": found.generation})
    return info, found, data


def inspections(*, contract_id: UUID, limit: int = 50) -> PageOf[AuditEntry]:
    """Who opened the contract's terms, document or evidence as operator, and why; oldest first."""
    return entries_for([contract_id], kind=INSPECTION, limit=limit)


def _keep(action: str, contract_id: UUID, after: dict[str, object]) -> None:
    with atomic():
        target = AuditTarget(INSPECTION, contract_id)
        audit.record(action=action, target=target, after=after, texts={"reason"})


def _why(reason: str) -> str:
    found = reason.strip()
    if not 0 < len(found) <= REASON_MAX:
        raise Invalid(
            _("Say in 1 to 300 characters what you open it for; it stands in the audit trail."),
            field="reason",
        )
    return found
