"""Periodic work of the journeys."""

from typing import Any
from uuid import UUID

from journeys.engine import resume
from journeys.engine.sweep import sweep
from kernel.jobs import JobContext, job, periodic


@periodic("journeys.sweep", seconds=2)
def sweep_journeys(job: JobContext) -> dict[str, Any]:
    """Carry on what was interrupted and end what has waited too long."""
    return {"carried_on": sweep()}


@job("journeys.resume")
def resume_journey(job: JobContext, journey_id: str) -> dict[str, Any]:
    """Look again at what a waiting journey waits for."""
    return {"state": resume(UUID(journey_id)).state}
