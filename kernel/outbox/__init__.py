"""The outbox (发件箱): facts written with the change itself, delivered afterwards.

``append`` puts a fact into the caller's transaction. The relay hands it to every subscribed
handler at least once, for each handler in the order of the aggregate's versions. A handler's
effect and the mark that it is done are one transaction.
"""

from kernel.outbox.append import AggregateRef, append, append_many
from kernel.outbox.deliveries import HandlerFailed, drain
from kernel.outbox.events import Event, EventMeta, Published, subscribe, subscribe_batch
from kernel.outbox.feed import (
    FeedEvent,
    merchant_event,
    merchant_events,
    register_id_prefixes,
    rendered,
    with_public_ids,
)
from kernel.outbox.parked import (
    DeliveryNotParked,
    ParkedDelivery,
    parked_count,
    parked_deliveries,
    replay,
    skip,
)

__all__ = [
    "AggregateRef",
    "DeliveryNotParked",
    "Event",
    "EventMeta",
    "FeedEvent",
    "HandlerFailed",
    "ParkedDelivery",
    "Published",
    "append",
    "append_many",
    "drain",
    "merchant_event",
    "merchant_events",
    "parked_count",
    "parked_deliveries",
    "register_id_prefixes",
    "rendered",
    "replay",
    "skip",
    "subscribe",
    "subscribe_batch",
    "with_public_ids",
]
