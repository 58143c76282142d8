"""Jobs of this context."""

from typing import Any

from inventory.services.ahead import tell_released
from inventory.services.low import tell_low
from inventory.services.promises import fill_free
from inventory.services.reservations import release_expired
from kernel.jobs import JobContext, periodic


@periodic("inventory.release_expired", seconds=15)
def sweep_expired(job: JobContext) -> dict[str, Any]:
    return {"released": release_expired()}


@periodic("inventory.tell_low", seconds=60)
def sweep_low(job: JobContext) -> dict[str, Any]:
    return {"told": tell_low()}


@periodic("inventory.sell_ahead", seconds=60)
def sweep_ahead(job: JobContext) -> dict[str, Any]:
    """Fill promises from what became free without a movement; end pre-orders on their day."""
    return {"filled": fill_free(), "released": tell_released()}
