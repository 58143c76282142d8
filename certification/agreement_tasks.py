"""Background work of contracts."""

from typing import Any
from uuid import UUID

from certification.contracts.agreements import ContractState
from certification.selectors.agreements import contract
from certification.services.agreements.ending import expire_due
from certification.services.agreements.proof import evidence_source
from certification.services.agreements.signing import finish
from certification.services.evidence import make_package
from kernel.jobs import JobContext, job, periodic


@job("certification.finish_signing")
def finish_signing(job: JobContext, *, contract_id: str, role: str) -> None:
    """Make a signature that was consented to, if whoever began it died before the end."""
    if contract(contract_id=UUID(contract_id)).state == ContractState.SIGNING:
        finish(contract_id=UUID(contract_id), role=role)


@job("certification.contract_package")
def contract_package(job: JobContext, *, contract_id: str) -> dict[str, Any]:
    """The evidence package of a contract in force."""
    made = make_package(evidence_source(contract_id=UUID(contract_id)))
    return {"sha256": made.sha256, "size": made.size}


@periodic("certification.expire_contracts", seconds=60)
def expire_contracts(job: JobContext) -> None:
    """End what nobody signed in time and what has run its term."""
    expire_due()
