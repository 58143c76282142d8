"""What a crash, a lost wake-up or a passed deadline left behind is found and carried on."""

from uuid import UUID

from django.db.models import Q

from journeys.engine.run import advance, expire_waiting
from journeys.models import Journey
from kernel import clock

BATCH = 50


def due_journeys() -> list[tuple[UUID, str]]:
    """Journeys of this platform that nobody holds and that have something to do now."""
    now = clock.system()
    idle = Q(lease_until=None) | Q(lease_until__lte=now)
    ready = Q(next_run_at=None) | Q(next_run_at__lte=now)
    working = Q(state__in=[Journey.State.RUNNING, Journey.State.UNDOING]) & idle & ready
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
