"""What an operator does with a journey that can't go on by itself."""

from uuid import UUID

from django.utils.translation import gettext as _

from journeys.contracts import JourneyInfo
from journeys.engine.run import advance, locked
from journeys.errors import JourneyFinished
from journeys.models import Journey
from journeys.selectors import journey_info
from kernel import audit, transactions

State = Journey.State


def retry_journey(*, journey_id: UUID, reason: str = "") -> JourneyInfo:
    """Try the stuck step again, in the direction it was going."""
    with transactions.atomic():
        journey = _stuck(journey_id)
        undoing = any(step.what in ("undone", "undo prepared") for step in journey.steps.all())
        journey.move(
            State.UNDOING if undoing else State.RUNNING, action="journeys.retried", reason=reason
        )
        journey.attempts = 0
        journey.next_run_at = None
        journey.lease_until = None
        journey.save()
    return journey_info(advance(journey_id))


def close_journey(*, journey_id: UUID, reason: str) -> JourneyInfo:
    """Put a stuck journey aside: a person has done by hand what was left. Needs a reason."""
    with transactions.atomic():
        journey = _stuck(journey_id)
        before = {"state": journey.state, "position": journey.position}
        journey.move(State.UNDONE, action="journeys.closed", reason=reason)
        audit.record(
            action="journeys.closed_by_hand",
            target=journey,
            before=before,
            after={"state": journey.state, "reason": reason},
            texts={"reason"},
        )
        journey.save()
    return journey_info(journey)


def _stuck(journey_id: UUID) -> Journey:
    journey = locked(journey_id)
    if journey.state != State.NEEDS_ATTENTION:
        raise JourneyFinished(_("It is %(state)s.") % {"state": journey.state}, state=journey.state)
    return journey
