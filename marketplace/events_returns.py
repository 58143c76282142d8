"""Facts about returns and messages. Ids are UUIDs; money is in minor units with its currency."""

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from kernel.money import Money
from kernel.outbox import Event


@dataclass(frozen=True)
class ReturnEvent(Event):
    """What each of them tells: ``number`` is the return's. ``kind`` is ``refund`` or
    ``exchange``."""

    return_id: UUID
    order_id: UUID
    number: str
    merchant_id: UUID
    kind: str = field(default="refund", kw_only=True)


@dataclass(frozen=True)
class ReturnRequested(ReturnEvent):
    """A buyer wants to send something back; ``cause`` is one of the list."""

    NAME: ClassVar[str] = "marketplace.return.requested.v1"
    cause: str


@dataclass(frozen=True)
class ReturnApproved(ReturnEvent):
    """The merchant takes it back, or didn't answer in time; the buyer sends it."""

    NAME: ClassVar[str] = "marketplace.return.approved.v1"


@dataclass(frozen=True)
class ReturnRejected(ReturnEvent):
    """The merchant refuses it, or what arrived; the buyer may complain."""

    NAME: ClassVar[str] = "marketplace.return.rejected.v1"


@dataclass(frozen=True)
class ReturnWithdrawn(ReturnEvent):
    """The buyer keeps the goods."""

    NAME: ClassVar[str] = "marketplace.return.withdrawn.v1"


@dataclass(frozen=True)
class ReturnSent(ReturnEvent):
    """The buyer has sent the goods by ``carrier`` under ``waybill``."""

    NAME: ClassVar[str] = "marketplace.return.sent.v1"
    carrier: str
    waybill: str


@dataclass(frozen=True)
class ReturnReceived(ReturnEvent):
    """The goods are with the merchant, who put them back on sale (``restocked``) or not; the
    money goes back now, or for an exchange, without a ``refund``, the replacement is sent."""

    NAME: ClassVar[str] = "marketplace.return.received.v1"
    restocked: bool
    refund: Money


@dataclass(frozen=True)
class ReturnRefunded(ReturnEvent):
    """The money is back with the buyer."""

    NAME: ClassVar[str] = "marketplace.return.refunded.v1"
    refund: Money


@dataclass(frozen=True)
class ReturnLapsed(ReturnEvent):
    """The buyer didn't send the goods in time."""

    NAME: ClassVar[str] = "marketplace.return.lapsed.v1"


@dataclass(frozen=True)
class ReturnTurned(ReturnEvent):
    """An exchange became a return for a refund; ``reason`` is ``out_of_stock``, ``not_sent``,
    ``merchant`` or ``decided``."""

    NAME: ClassVar[str] = "marketplace.return.turned.v1"
    reason: str


@dataclass(frozen=True)
class ReturnResent(ReturnEvent):
    """The replacement is with the carrier."""

    NAME: ClassVar[str] = "marketplace.return.resent.v1"
    shipment_id: UUID
    waybill: str


@dataclass(frozen=True)
class ReturnExchanged(ReturnEvent):
    """The buyer has the replacement, or its time to say otherwise has passed."""

    NAME: ClassVar[str] = "marketplace.return.exchanged.v1"


@dataclass(frozen=True)
class OrderMessageWritten(Event):
    """Somebody (``side``: buyer, merchant, operator) wrote about the order; read it by the API."""

    NAME: ClassVar[str] = "marketplace.order.message_written.v1"
    message_id: UUID
    order_id: UUID
    number: str
    merchant_id: UUID
    side: str
