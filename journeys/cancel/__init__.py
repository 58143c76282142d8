"""A paid order is cancelled before it ships: money back, goods back. Once begun, it goes on to
its end; what can't be finished waits for the operator."""

from journeys.cancel import begin, finish, give_back
from journeys.engine import Definition, LocalStep, OutsideStep

CANCEL = Definition(
    "cancel",
    (
        LocalStep("begin", begin.do, begin.undo),
        OutsideStep(
            "refund",
            give_back.prepare,
            give_back.call,
            give_back.record,
            None,
            recheck=give_back.recheck,
            inline=give_back.inline,
        ),
        LocalStep("finish", finish.do, None),
    ),
)
