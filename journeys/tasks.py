"""Periodic work of the journeys."""

from typing import Any
from uuid import UUID

from journeys.engine import resume
from journeys.engine.sweep import sweep
from journeys.services import seals
from journeys.services.returns import receive_overdue_returns
from kernel.jobs import JobContext, job, periodic


@periodic("journeys.sweep", seconds=2)
def sweep_journeys(job: JobContext) -> dict[str, Any]:
    """Carry on what was interrupted and end what has waited too long."""
    return {"carried_on": sweep()}


@periodic("journeys.receive_returns", seconds=60)
def receive_returns(job: JobContext) -> dict[str, Any]:
    """Refund returns whose receipt no merchant confirmed in time."""
    return {"received": receive_overdue_returns()}


@periodic("journeys.seal_chains", seconds=1800)
def seal_chains(job: JobContext) -> dict[str, bool]:
    """Seal yesterday's chains if that hasn't been done."""
    return {"sealed": seals.seal_chains() is not None}


@job("journeys.resume")
def resume_journey(job: JobContext, journey_id: str) -> dict[str, Any]:
    """Look again at what a waiting journey waits for."""
    return {"state": resume(UUID(journey_id)).state}
