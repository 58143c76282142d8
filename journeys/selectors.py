"""Reads: journeys for operators, timelines for everyone who may see the order."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from certification import facade as certification
from journeys.contract import watch
from journeys.contracts import JourneyInfo, OrderContractInfo, StepInfo, TimelineLine
from journeys.engine.definition import DEFINITIONS
from journeys.engine.failure import note_told, told
from journeys.models import Journey, TimelineEntry
from journeys.titles import title_of
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset
from kernel.sealed_text import opened


def journey(*, journey_id: UUID) -> JourneyInfo:
    """One journey with its steps. Raises NotFound."""
    found = Journey.objects.filter(id=journey_id).prefetch_related("steps").first()
    if found is None:
        raise NotFound
    return journey_info(found, with_steps=True)


def order_contract(*, order_id: UUID) -> OrderContractInfo | None:
    """How the contract stands that the order needs; None when it needs none."""
    found = watch.journey_of(order_id)
    if found is None:
        return None
    return OrderContractInfo(
        journey_info(found), certification.contract_by_key(key=watch.key_of(order_id))
    )


def unsigned_orders(*, merchant_id: UUID) -> set[UUID]:
    """The merchant's orders whose contract is still to be drafted or signed."""
    rows = Journey.objects.filter(kind="contract", merchant_id=merchant_id).exclude(
        state__in=[Journey.State.DONE, Journey.State.UNDONE]
    )
    return {UUID(subject) for subject in rows.values_list("subject", flat=True) if subject}


def journeys(
    *, state: str | None = None, kind: str | None = None, cursor: str | None = None, limit: int = 20
) -> PageOf[JourneyInfo]:
    """Journeys, newest first; ``state="needs_attention"`` is the operator's list."""
    rows = Journey.objects.all()
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    return keyset(rows, order=("-created_at", "-id"), cursor=cursor, limit=limit).map(journey_info)


def journey_info(row: Journey, *, with_steps: bool = False) -> JourneyInfo:
    """The contract of a journey's row."""
    names = DEFINITIONS[row.kind].names
    steps = sorted(row.steps.all(), key=lambda step: step.id) if with_steps else []
    return JourneyInfo(
        id=row.id,
        kind=row.kind,
        state=row.state,
        step=names[min(row.position, len(names) - 1)],
        subject=UUID(row.subject) if row.subject else None,
        attempts=row.attempts,
        error=told(row.error),
        created_at=row.created_at,
        updated_at=row.updated_at,
        contract_id=UUID(row.data["contract_id"]) if "contract_id" in row.data else None,
        steps=tuple(StepInfo(s.name, s.what, note_told(s.detail), s.at) for s in steps),
    )


def timeline(*, order_id: UUID) -> list[TimelineLine]:
    """The order's timeline, oldest first; titles in the reader's language."""
    rows = _in_order(TimelineEntry.objects.filter(order_id=order_id).order_by("at", "event_id"))
    return [
        TimelineLine(
            kind=row.kind,
            title=title_of(row.kind, params),
            actor=_(row.actor_kind),
            at=row.at,
            params=params,
            document=row.document,
        )
        for row in rows
        for params in [{name: opened(str(text)) for name, text in row.params.items()}]
    ]


def _in_order(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """By time; a carrier's reports, which may overtake each other, in the carrier's own order."""
    rows = list(entries)
    places = [place for place, row in enumerate(rows) if "sequence" in row.params]
    reports = sorted((rows[place] for place in places), key=lambda r: int(r.params["sequence"]))
    for place, report in zip(places, reports, strict=True):
        rows[place] = report
    return rows
