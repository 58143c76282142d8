"""Facts about parts of an order that aren't sent. Ids are UUIDs; money is in minor units with its
currency."""

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from kernel.money import Money
from kernel.outbox import Event


@dataclass(frozen=True)
class OrderPacking(Event):
    """The merchant packs the order: from now on a buyer asks before cancelling."""

    NAME: ClassVar[str] = "marketplace.order.packing.v1"
    order_id: UUID
    group_id: UUID
    number: str
    merchant_id: UUID


@dataclass(frozen=True)
class CancellationEvent(Event):
    """What each of them tells: ``number`` is the cancellation's."""

    cancellation_id: UUID
    order_id: UUID
    number: str
    merchant_id: UUID


@dataclass(frozen=True)
class CancellationRequested(CancellationEvent):
    """A buyer doesn't want a part of the order any more; the merchant answers."""

    NAME: ClassVar[str] = "marketplace.cancellation.requested.v1"
    cause: str


@dataclass(frozen=True)
class CancellationAccepted(CancellationEvent):
    """The part isn't sent, and the money goes back. ``side`` began it; ``whole``: nothing of the
    order is left; ``by_itself``: the merchant didn't answer in time."""

    NAME: ClassVar[str] = "marketplace.cancellation.accepted.v1"
    cause: str
    side: str
    whole: bool
    refund: Money
    by_itself: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class CancellationRefunded(CancellationEvent):
    """The money is back with the buyer."""

    NAME: ClassVar[str] = "marketplace.cancellation.refunded.v1"
    refund: Money


@dataclass(frozen=True)
class CancellationRejected(CancellationEvent):
    """The merchant sends it all the same."""

    NAME: ClassVar[str] = "marketplace.cancellation.rejected.v1"


@dataclass(frozen=True)
class CancellationWithdrawn(CancellationEvent):
    """The buyer wants it after all."""

    NAME: ClassVar[str] = "marketplace.cancellation.withdrawn.v1"


@dataclass(frozen=True)
class CancellationLapsed(CancellationEvent):
    """The goods were sent, or the order cancelled, before the merchant answered."""

    NAME: ClassVar[str] = "marketplace.cancellation.lapsed.v1"
