"""Jobs of evidence and bulk signing; each parses and calls one service."""

from typing import Any
from uuid import UUID

from certification.services import bulk, evidence
from kernel.jobs import JobContext, job, periodic


@periodic("certification.renew_evidence", seconds=3600)
def run_renewals(job: JobContext) -> dict[str, int]:
    """Renew packages before the certificate of their last timestamp ends."""
    return {"renewed": evidence.renew_due()}


@periodic("certification.forget_evidence", seconds=86_400)
def run_forget(job: JobContext) -> dict[str, int]:
    """Remove packages whose term is over."""
    return {"documents": evidence.forget_expired()}


@job("certification.bulk_sign")
def run_bulk(job: JobContext, bulk_id: str) -> dict[str, Any]:
    """Sign the contracts of a list."""
    from certification.services.fill_contract import filler

    info = bulk.run_bulk(job, bulk_id=UUID(bulk_id), fill=filler)
    return {"bulk": info.public_id, "signed": info.signed, "failed": info.failed}
