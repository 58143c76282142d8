"""A paid order is cancelled before it ships: money back, goods back. Once begun, it goes on to
its end; what can't be finished waits for the operator."""

from journeys.cancel import begin, finish, give_back
from journeys.engine import Definition, LocalStep

CANCEL = Definition(
    "cancel",
    (
        LocalStep("begin", begin.do, begin.undo),
        give_back.STEP,
        LocalStep("finish", finish.do, None),
    ),
)
