"""Recurring work of this context; each parses and calls one service."""

from typing import Any

from certification import identity_tasks  # noqa: F401
from certification.services import upkeep
from kernel.jobs.registry import JobContext, periodic


@periodic("certification.unfinished_requests", seconds=60)
def run_unfinished(job: JobContext) -> dict[str, Any]:
    """Have requested certificates issued that a crash or an outage left."""
    return {"issued": upkeep.finish_requests()}


@periodic("certification.ending_certificates", seconds=3600)
def run_reminders(job: JobContext) -> dict[str, Any]:
    """Tell holders of certificates that end soon."""
    return {"reminded": upkeep.remind()}


@periodic("certification.lists", seconds=3600)
def run_lists(job: JobContext) -> dict[str, Any]:
    """Publish each authority's CRL before the last one ends."""
    return {"lists": upkeep.publish_lists()}


from certification import agreement_tasks, evidence_tasks  # noqa: E402, F401
