"""From a cart to paid orders: place, reserve, pay, settle."""

from journeys.checkout import pay, place, reserve, settle
from journeys.engine import Definition, LocalStep, OutsideStep, OutsideUndo

CHECKOUT = Definition(
    "checkout",
    (
        LocalStep("place", place.do, place.undo),
        LocalStep("reserve", reserve.do, reserve.undo),
        OutsideStep(
            "pay",
            pay.prepare,
            pay.call,
            pay.record,
            OutsideUndo(pay.prepare_undo, pay.call_undo, pay.record_undo),
            recheck=pay.recheck,
            inline=pay.inline,
        ),
        LocalStep("settle", settle.do, settle.undo),
    ),
)
