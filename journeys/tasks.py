"""Periodic work of the journeys."""

from typing import Any

from journeys.engine.sweep import sweep
from kernel.jobs import JobContext, periodic


@periodic("journeys.sweep", seconds=2)
def sweep_journeys(job: JobContext) -> dict[str, Any]:
    """Carry on what was interrupted and end what has waited too long."""
    return {"carried_on": sweep()}
