"""Somebody becomes a merchant (商户入驻): handed in with its papers, identity, agreement, review by
an operator, then a shop with a first product. Refused, withdrawn or left lying: closed again."""

from journeys.engine import Definition, LocalStep, OutsideStep, OutsideUndo, WaitStep
from journeys.onboarding import agreement, begin, opening, proof, review

ONBOARDING = Definition(
    "onboarding",
    (
        LocalStep("begin", begin.do, begin.undo),
        WaitStep("identity", proof.look),
        OutsideStep(
            "agreement",
            agreement.prepare,
            agreement.call,
            agreement.record,
            OutsideUndo(agreement.prepare_undo, agreement.call_undo, agreement.record_undo),
            recheck=agreement.recheck,
            inline=agreement.inline,
        ),
        WaitStep("review", review.look),
        LocalStep("approve", opening.approve, None),
        WaitStep("open", opening.look),
    ),
)
