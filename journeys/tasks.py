"""Periodic work of the journeys."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from journeys.engine import resume
from journeys.engine.sweep import sweep
from journeys.services import application_upkeep, imports, seals
from journeys.services.cancelling import accept_overdue
from journeys.services.exchanges import refund_turned
from journeys.services.returns import receive_overdue_returns
from kernel import partitions
from kernel.jobs import JobContext, job, periodic


def steps_kept() -> timedelta | None:
    """How long single steps are kept once their journey ended; None for good."""
    days = settings.JOURNEY_STEPS_KEPT_DAYS
    return timedelta(days=days) if days else None


partitions.register_kept("journeys_journeystep", steps_kept)


@periodic("journeys.sweep", seconds=2)
def sweep_journeys(job: JobContext) -> dict[str, Any]:
    """Carry on what was interrupted and end what has waited too long."""
    return {"carried_on": sweep()}


@periodic("journeys.receive_returns", seconds=60)
def receive_returns(job: JobContext) -> dict[str, Any]:
    """Refund returns whose receipt no merchant confirmed in time."""
    return {"received": receive_overdue_returns()}


@periodic("journeys.accept_cancellations", seconds=60)
def accept_cancellations(job: JobContext) -> dict[str, Any]:
    """Carry out the cancellations that no merchant answered in time."""
    return {"accepted": accept_overdue()}


@periodic("journeys.refund_turned", seconds=60)
def refund_exchanges(job: JobContext) -> dict[str, Any]:
    """Refund exchanges that no merchant replaced in time."""
    return {"refunded": refund_turned()}


@periodic("journeys.seal_chains", seconds=1800)
def seal_chains(job: JobContext) -> dict[str, bool]:
    """Seal yesterday's chains if that hasn't been done."""
    return {"sealed": seals.seal_chains() is not None}


@job("journeys.resume")
def resume_journey(job: JobContext, journey_id: str) -> dict[str, Any]:
    """Look again at what a waiting journey waits for."""
    return {"state": resume(UUID(journey_id)).state}


@job(imports.JOB)
def import_products(job: JobContext, import_id: str) -> dict[str, Any]:
    """Check or carry out a list of products, from where it stopped."""
    return imports.work(job, import_id=UUID(import_id))


@periodic("journeys.forget_imports", seconds=86_400)
def forget_imports(job: JobContext) -> dict[str, int]:
    """Remove the files of old lists."""
    return {"forgotten": imports.forget_imports()}


@periodic("journeys.applications", seconds=60)
def tend_applications(job: JobContext) -> dict[str, int]:
    """Remind applicants, and open shops that are set up."""
    return {
        "reminded": application_upkeep.remind_applicants(),
        "opened": application_upkeep.open_shops(),
    }


@periodic("journeys.forget_applications", seconds=86_400)
def forget_applications(job: JobContext) -> dict[str, int]:
    """Erase applications that came to nothing long ago."""
    return {"forgotten": application_upkeep.forget_applications()}
