"""A return as pages show it: step bar, what comes next, what may be returned of an order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kernel.errors import DomainError
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from storefront import parcels, words

_PLACES = ("requested", "approved", "sent", "received", "resent", "exchanged")
_REACHED = {"requested": 0, "approved": 1, "sent": 2, "received": 3, "refunded": 4}


@dataclass(frozen=True)
class Next:
    """What is to be done next, by whom, and until when."""

    text: str
    until: datetime | None = None


def steps(found: marketplace.ReturnInfo) -> list[dict[str, str]]:
    """The step bar of a return or an exchange."""
    if found.exchange:
        reached = _PLACES.index(found.state) if found.state in _PLACES else -1
        return _bar(
            found,
            (
                pgettext("return", "Asked for"),
                pgettext("return", "Approved"),
                _("Sent back"),
                pgettext("return", "Received"),
                pgettext("exchange", "Replaced"),
                _("Exchanged"),
            ),
            reached,
        )
    names = (
        pgettext("return", "Asked for"),
        pgettext("return", "Approved"),
        _("Sent back"),
        pgettext("return", "Received"),
        _("Refunded"),
    )
    return _bar(found, names, _REACHED.get(found.state, -1))


def _bar(
    found: marketplace.ReturnInfo, names: tuple[str, ...], reached: int
) -> list[dict[str, str]]:
    if reached < 0:  # refused, withdrawn, lapsed
        reached = 2 if found.sent_at else (1 if found.answered_at and found.send_by else 0)
        states = ["done"] * (reached + 1) + ["stopped"] + ["later"] * (len(names) - reached - 2)
    else:
        states = [
            "done" if place <= reached else ("now" if place == reached + 1 else "later")
            for place in range(len(names))
        ]
    return [{"name": name, "state": state} for name, state in zip(names, states, strict=True)]


def next_step(found: marketplace.ReturnInfo, *, disputed: bool = False) -> Next:
    """One sentence on how it goes on; ``disputed``: a complaint about it is open."""
    if found.exchange:
        return _next_of_exchange(found, disputed=disputed)
    sentences: dict[str, Next] = {
        "requested": Next(
            _("The merchant answers; without an answer it is approved at"), found.answer_by
        ),
        "approved": Next(
            _("The buyer sends the goods back and tells the waybill, at the latest"), found.send_by
        ),
        "sent": Next(
            _("The merchant confirms what arrived; without a word the money goes back at"),
            found.receive_by,
        ),
        "received": Next(_("The money is on its way back to the buyer.")),
        "refunded": Next(_("The money is back with the buyer.")),
        "withdrawn": Next(_("The buyer keeps the goods.")),
        "lapsed": Next(_("The goods weren't sent in time.")),
        "rejected": Next(_("The merchant refused it; the buyer can ask the platform to decide.")),
    }
    if found.state == "rejected" and found.dispute_id is not None:
        return Next(_("The platform decides the complaint."))
    return sentences[found.state]


def _next_of_exchange(found: marketplace.ReturnInfo, *, disputed: bool) -> Next:
    answers = _("The merchant answers; without an answer it is approved at")
    sends = _("The buyer sends the goods back and tells the waybill, at the latest")
    sentences: dict[str, Next] = {
        "requested": Next(answers, found.answer_by),
        "approved": Next(sends, found.send_by),
        "sent": Next(
            _("The merchant confirms what arrived; without a word it counts as received at"),
            found.receive_by,
        ),
        "received": Next(
            _("The merchant sends the replacement; if it isn't sent, the money goes back at"),
            found.ship_by,
        ),
        "resent": Next(
            _("The buyer says whether it has come; without a word it counts as exchanged at"),
            found.confirm_by,
        ),
        "exchanged": Next(_("The buyer has the replacement.")),
        "withdrawn": Next(_("The buyer keeps the goods.")),
        "lapsed": Next(_("The goods weren't sent in time.")),
        "rejected": Next(_("The merchant refused it; the buyer can ask the platform to decide.")),
    }
    if disputed or (found.state == "rejected" and found.dispute_id is not None):
        return Next(_("The platform decides the complaint."))
    if found.handing:
        return Next(_("The replacement is being handed to the carrier."))
    return sentences[found.state]


def of_order(order: marketplace.OrderInfo) -> dict[str, Any]:
    """An order's returns and exchanges and whether others may be asked for, for a template."""
    if not any(line.delivered for line in order.lines):
        return {"returns": [], "returnable": None}
    found, exchangeable = marketplace.ways_back(order_id=order.id)
    return {
        "returns": marketplace.returns_of(order_id=order.id),
        "returnable": found,
        "why_not_return": why_not(found),
        "exchangeable": exchangeable,
        "why_not_exchange": why_not(exchangeable),
    }


def messages(order: marketplace.OrderInfo, side: str) -> dict[str, Any]:
    """What was written about an order, and how much of it the side hasn't read."""
    found = marketplace.messages_of(order_id=order.id)
    return {
        "messages_of_order": found,
        "unread": marketplace.unread_messages(order_id=order.id, side=side) if found else 0,
        "message_key": uuid4(),
        "sides": words.SIDES,
    }


def why_not(found: marketplace.Returnable) -> str:
    """Why nothing can be returned now; empty when something can."""
    kind = DomainError.catalogue.get(found.problem)
    return str(kind.title) if kind else ""


def shown(found: marketplace.ReturnInfo, *, for_buyer: bool = False) -> dict[str, Any]:
    """What every page about one return shows; the buyer's, the code that fetches what waits."""
    parcel = _parcel(found)
    return {
        "back": found,
        "steps": steps(found),
        "next": next_step(found, disputed=_complained(found)),
        "causes": words.returns.CAUSES,
        "turned": words.returns.TURNED.get(found.turned, ""),
        "shipment": parcel,
        "pickup_code": parcels.code_of(parcel) if for_buyer else "",
    }


def _complained(found: marketplace.ReturnInfo) -> bool:
    return found.dispute_id is not None and payments.dispute(dispute_id=found.dispute_id).open


def _parcel(found: marketplace.ReturnInfo) -> logistics.ShipmentInfo | None:
    """Where the replacement is, once a carrier has it."""
    if found.shipment_id is None:
        return None
    parcels = logistics.shipments_for(reference=found.public_id)
    return next((one for one in parcels if one.id == found.shipment_id), None)


def picture_answer(return_id: UUID, picture_id: UUID) -> HttpResponse:
    """A picture, shown only as what it is."""
    _name, kind, content = marketplace.return_picture(return_id=return_id, picture_id=picture_id)
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response
