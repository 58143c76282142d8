"""What a crash, a lost wake-up or a passed deadline left behind is found and carried on."""

from uuid import UUID

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from journeys.engine.run import advance, expire_waiting
from journeys.models import Journey
from kernel import clock
from kernel.queues import Queue

BATCH = 50


WORKING = Q(state__in=[Journey.State.RUNNING, Journey.State.UNDOING])


def due_journeys() -> list[tuple[UUID, str]]:
    """Journeys of this platform that nobody holds and that have something to do now."""
    working = WORKING & _idle()
    waiting = Q(state=Journey.State.WAITING, deadline__lte=clock.business())
    rows = Journey.objects.filter(working | waiting).order_by("next_run_at")
    return list(rows.values_list("id", "state")[:BATCH])


def sweep() -> int:
    """Carry on all that is due; returns how many were touched."""
    found = due_journeys()
    for journey_id, state in found:
        if state == Journey.State.WAITING:
            expire_waiting(journey_id)
        else:
            advance(journey_id)
    return len(found)


def journey_queue() -> Queue:
    """The platform's journeys that are under way, and those that need a person."""
    stuck = Q(state=Journey.State.NEEDS_ATTENTION)
    found = Journey.objects.filter(WORKING | stuck).aggregate(
        waiting=Count("id", filter=WORKING),
        oldest=Min("created_at", filter=WORKING),
        # One that never was put off is due since it was last touched.
        due=Min(Coalesce("next_run_at", "updated_at"), filter=WORKING & _idle()),
        stuck=Count("id", filter=stuck),
        stuck_since=Min("updated_at", filter=stuck),
    )
    return Queue("journeys", **found)


def _idle() -> Q:
    """Nobody holds it, and it isn't put off."""
    now = clock.system()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return free & (Q(next_run_at=None) | Q(next_run_at__lte=now))
