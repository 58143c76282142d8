"""What this context does when its own facts are published."""

from kernel.outbox import EventMeta, subscribe
from marketplace import events
from marketplace.services.redeem import give_back


@subscribe(events.OrderCancelled, handler="marketplace.promotions_given_back")
def promotions_given_back(event: events.OrderCancelled, meta: EventMeta) -> None:
    """What the order used may be used again, if it wasn't given back at once."""
    give_back(event.order_id)
