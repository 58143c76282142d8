"""Periodic work of logistics."""

from typing import Any

from kernel.jobs import JobContext, periodic
from logistics.services.tracking import poll_quiet_shipments


@periodic("logistics.poll_quiet", seconds=60)
def poll_quiet(job: JobContext) -> dict[str, Any]:
    """Ask carriers about parcels that went quiet."""
    return poll_quiet_shipments()
