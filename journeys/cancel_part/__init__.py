"""A part of a paid order isn't sent: its goods go back on sale, then its money to the buyer. Once
begun, it goes on to its end; what can't be finished waits for the operator. The rest of the order
is shipped meanwhile; with nothing left, the order is cancelled."""

from journeys.cancel_part import begin, finish, give_back
from journeys.engine import Definition, LocalStep

CANCEL_PART = Definition(
    "cancel_part",
    (
        LocalStep("begin", begin.do, None),
        give_back.STEP,
        LocalStep("finish", finish.do, None),
    ),
)
