"""Jobs of this context."""

from typing import Any

from inventory.services.reservations import release_expired
from kernel.jobs import JobContext, periodic


@periodic("inventory.release_expired", seconds=15)
def sweep_expired(job: JobContext) -> dict[str, Any]:
    return {"released": release_expired()}
