"""An order that needs a signed contract (电子合同): drafted once it is paid, signed by both, then
shipped. Not signed: the order is cancelled, by the cancel journey."""

from journeys.contract import sign
from journeys.engine import Definition, OutsideStep, OutsideUndo

CONTRACT = Definition(
    "contract",
    (
        OutsideStep(
            "sign",
            sign.prepare,
            sign.call,
            sign.record,
            OutsideUndo(sign.prepare_undo, sign.call_undo, sign.record_undo),
            recheck=sign.recheck,
        ),
    ),
)
