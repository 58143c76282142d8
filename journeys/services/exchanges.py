"""Exchanges as merchant and time carry them on across contexts."""

from uuid import UUID, uuid5

from journeys.contracts import JourneyInfo
from journeys.engine import start
from journeys.errors import NotShippable
from journeys.models import Journey
from journeys.selectors import journey_info
from journeys.services.returns import receive_return
from marketplace import facade as marketplace

KIND = "replace"
BATCH = 50


def send_replacement(*, return_id: UUID) -> JourneyInfo:
    """Hand the replacement to the carrier; a second click joins the first. Raises ReturnNotFound,
    WrongReturnState, ReplacementMissing, and NotShippable when the carrier refuses it."""
    # Counted before the exchange is looked at: what ends in between has begun no other one.
    runs = Journey.objects.filter(kind=KIND, subject=str(return_id))
    earlier = runs.filter(state=Journey.State.UNDONE).count()
    found = marketplace.order_return(return_id=return_id)
    done = runs.filter(state=Journey.State.DONE).order_by("-id").first()
    if done is not None:
        return journey_info(done)
    data = {"return_id": str(return_id), "order_id": str(found.order_id)}
    key = uuid5(return_id, f"{KIND}:{earlier}")
    info = journey_info(start(KIND, key=key, data=data, merchant_id=found.merchant_id))
    if info.state in ("undone", "undoing"):
        raise NotShippable(str((info.error or {}).get("detail") or "") or None)
    return info


def refund_instead(*, return_id: UUID) -> JourneyInfo | None:
    """The merchant gives the money instead of a replacement: at once where the goods are back, or
    the replacement was lost; else (None) when they are. Raises ReturnNotFound, WrongReturnState,
    ReturnNotReceivable."""
    found = marketplace.turn_exchange(return_id=return_id)
    if found.state not in ("received", "refunded"):
        return None
    return receive_return(return_id=return_id)


def refund_turned() -> int:
    """Begin the refunds of exchanges that time, or a merchant before a crash, turned into returns
    with the goods here; how many. What an operator put aside isn't begun again by itself."""
    begun, after = 0, None
    while begun < BATCH and (due := marketplace.unfinished_refunds(limit=BATCH, after=after)):
        after = due[-1]
        runs = Journey.objects.filter(kind="return", subject__in=[str(one) for one in due])
        known = set(runs.values_list("subject", flat=True))
        for return_id in due:
            if str(return_id) not in known:
                receive_return(return_id=return_id)
                begun += 1
    return begun


def replacement_delivered(*, return_id: UUID, shipment_id: UUID | None = None) -> None:
    """The carrier handed a replacement over."""
    marketplace.mark_arrived(return_id=return_id, shipment_id=shipment_id)
