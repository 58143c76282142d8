"""Jobs of identities; each parses and makes one service call."""

from uuid import UUID

from certification.services import identity_checks, identity_upkeep, leaving
from kernel.jobs import JobContext, job, periodic


@job("certification.ask_check")
def ask_check(job: JobContext, check_id: str) -> None:
    """Put a question to the identity provider."""
    identity_checks.ask(check_id=UUID(check_id))


@periodic("certification.checks_due", seconds=15)
def run_checks(job: JobContext) -> dict[str, int]:
    """Ask again what has no answer yet."""
    return {"asked": identity_checks.ask_due()}


@periodic("certification.identities_end", seconds=3600)
def run_ends(job: JobContext) -> dict[str, int]:
    """End verifications that are over, and tell of those that soon will be."""
    return {"ended": identity_upkeep.expire_identities(), "told": identity_upkeep.remind()}


@job(leaving.JOB)
def person_leaves(job: JobContext, person_id: str) -> dict[str, int]:
    """End what an erased person had here."""
    return leaving.leave(person_id=UUID(person_id))
