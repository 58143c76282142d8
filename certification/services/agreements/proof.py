"""What goes into a contract's evidence package."""

from uuid import UUID

from certification.contracts.agreements import ContractInfo
from certification.contracts.evidence import AuditRow, EvidenceSource, PartyEvidence
from certification.models import Contract, ContractParty
from certification.selectors.agreements import contract, document, history


def evidence_source(*, contract_id: UUID) -> EvidenceSource:
    """The signed document, the parties with their consents, and the history. Raises NotFound."""
    info = contract(contract_id=contract_id)
    rows = ContractParty.objects.filter(contract_id=contract_id, signing_key__isnull=False)
    keys = {row.role: row.signing_key for row in rows if row.signing_key}
    parties = tuple(
        PartyEvidence(
            name=party.name,
            role=party.role,
            signing_key=keys[party.role],
            consent={} if party.consent is None else {
                "confirmation": str(party.consent.confirmation_id),
                "person": str(party.consent.person_id),
                "method": party.consent.method,
                "shown_sha256": party.consent.digest,
                "confirmed_at": party.consent.confirmed_at.isoformat(),
                "business_at": party.consent.business_at.isoformat(),
            },
        )
        for party in info.parties
        if party.role in keys
    )  # fmt: skip
    trail = tuple(
        AuditRow(at=line.at, action=line.action, actor=line.actor, detail=line.detail)
        for line in history(contract_id=contract_id)
    )
    return EvidenceSource(
        document_id=contract_id, title=info.title, number=info.number,
        document=document(contract_id=contract_id), parties=parties, history=trail,
        extra=_chain(info),
    )  # fmt: skip


def _chain(info: ContractInfo) -> dict[str, bytes]:
    """The earlier links: the original and the amendments before this one."""
    if info.parent_id is None:
        return {}
    found = {}
    original = contract(contract_id=info.parent_id)
    found[f"chain/0-{original.number}.pdf"] = document(contract_id=original.id)
    before = Contract.objects.filter(
        parent_id=original.id, effective_at__isnull=False, effective_at__lt=info.effective_at
    ).order_by("effective_at")
    for place, row in enumerate(before, 1):
        found[f"chain/{place}-{row.number}.pdf"] = document(contract_id=row.id)
    return found
