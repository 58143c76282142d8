"""Lines of an order's timeline, made from events."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from journeys.models import ENTRIES, TimelineEntry
from kernel import gathered
from kernel.outbox import Event, EventMeta
from kernel.sealed_text import sealed
from marketplace import facade as marketplace

SIGNED, ENDED = "certification.contract.signed.v1", "certification.contract.ended.v1"


def add_entry(*, order_id: UUID, event: Event, meta: EventMeta, once: UUID | None = None) -> None:
    """One line; the same event gives the same line, however often it is delivered. ``once`` is the
    id of a fact that comes as several events."""
    details = {
        name: str(getattr(event, name))
        for name in ("number", "waybill", "description", "location", "reason", "code", "sequence")
        if getattr(event, name, "")
    }
    if getattr(event, "kind", "") == "exchange":
        details["of"] = "exchange"
    if getattr(event, "by_itself", False):
        details["of"] = "nobody"
    line = TimelineEntry(
        order_id=order_id,
        event_id=once or meta.id,
        kind=event.NAME,
        actor_kind=_actor(event, meta),
        at=meta.business_at,
        params=_sealed(order_id, event, details | _detail(event)),
        document=getattr(event, "label_url", ""),
    )
    gathered.write(_write, [line])


def _write(lines: Sequence[TimelineEntry]) -> None:
    ENTRIES.insert_all(lines, skip=True)


def _sealed(order_id: UUID, event: Event, params: dict[str, str]) -> dict[str, str]:
    """What somebody wrote, a carrier for one, is sealed for the buyer, or for the order."""
    written = {str(getattr(event, name)) for name in event.TEXTS}
    if not written & set(params.values()):
        return params
    order = marketplace.order(order_id=order_id)
    subject = (order.buyer_id if order else None) or order_id
    return {
        name: sealed(subject, text) if text in written else text for name, text in params.items()
    }


def _actor(event: Any, meta: EventMeta) -> str:
    """Who did it: a company that buys signs as the buyer."""
    if event.NAME == SIGNED:
        return "merchant" if event.role == "seller" else "buyer"
    return "carrier" if hasattr(event, "sequence") else meta.actor_kind


def _detail(event: Any) -> dict[str, str]:
    """What is worth showing beside the title."""
    if event.NAME == ENDED:
        return {"code": f"contract_{event.state}"}
    if hasattr(event, "due_on"):
        arrived = getattr(event, "waiting", None) is not None
        return {"detail": f"{event.quantity.normalize():f}" if arrived else str(event.due_on)}
    cause = getattr(event, "cause", "")
    if cause and hasattr(event, "cancellation_id"):
        return {"code": cause, "detail": event.number}
    for name in ("description", "waybill", "number"):
        value = getattr(event, name, "")
        if value:
            return {"detail": str(value)}
    return {}
