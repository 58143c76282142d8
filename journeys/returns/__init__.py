"""Goods came back: they are counted as received and put on the shelf, then the money goes back.
Once begun, it goes on to its end; what can't be finished waits for the operator."""

from journeys.engine import Definition, LocalStep
from journeys.returns import finish, give_back, receive

RETURN = Definition(
    "return",
    (
        LocalStep("receive", receive.do, None),
        give_back.STEP,
        LocalStep("finish", finish.do, None),
    ),
)
