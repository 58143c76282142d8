"""What this context does when its own facts are published."""

from kernel.outbox import EventMeta, subscribe
from payments import events
from payments.services import instalments


@subscribe(events.IntentCaptured, handler="payments.instalment_paid")
def instalment_paid(event: events.IntentCaptured, meta: EventMeta) -> None:
    """A payment arrived: it may be an instalment."""
    instalments.paid(event.intent_id)
