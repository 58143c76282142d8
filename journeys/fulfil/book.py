"""Get a waybill from the carrier; undone, cancel it there."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from journeys.engine.definition import Done, Failed, Outcome, Result, Run
from journeys.errors import NotShippable
from logistics import facade as logistics
from marketplace import facade as marketplace


def _id(run: Run) -> UUID:
    return UUID(run.data["shipment_id"])


def _hold(run: Run) -> None:
    """The order's lock before the shipment's, as when a parcel is begun: two of a key may meet."""
    marketplace.hold_order(order_id=UUID(run.data["order_id"]))


def prepare(run: Run) -> None:
    logistics.prepare_booking(shipment_id=_id(run))


def call(run: Run) -> Result:
    return logistics.perform_booking(shipment_id=_id(run))


def record(run: Run, result: Result) -> Outcome:
    _hold(run)
    booked = logistics.record_booking(shipment_id=_id(run), result=result)
    if booked.state == "booked":
        run.data["waybill"] = booked.waybill
        return Done()
    return Failed(NotShippable(booked.problem or _("The carrier refused the parcel.")))


def prepare_undo(run: Run) -> bool:
    _hold(run)
    return logistics.prepare_cancel_booking(shipment_id=_id(run))


def call_undo(run: Run) -> Result:
    return logistics.perform_cancel_booking(shipment_id=_id(run))


def record_undo(run: Run, result: Result) -> Outcome:
    _hold(run)
    logistics.record_cancel_booking(shipment_id=_id(run), result=result)
    return Done()
