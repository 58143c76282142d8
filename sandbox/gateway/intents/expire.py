"""A reservation lapses when nobody captures it in time."""

from sandbox.delivery import due
from sandbox.models import IntentStatus
from sandbox.transport.call import Call

from .capture import close
from .render import locked


@due.action("intent.expire")
def expire(call: Call, ident: str) -> None:
    """Seven days after the reservation: the charge expires, the intent is cancelled."""
    row = locked(call, ident)
    if row.status == IntentStatus.REQUIRES_CAPTURE:
        close(call, row, reason="automatic", event="charge.expired")
