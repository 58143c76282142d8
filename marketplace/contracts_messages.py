"""What crosses the border of the marketplace about messages."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kernel.ids import public_id


@dataclass(frozen=True)
class MessageInfo:
    """One message about an order; ``side``: buyer, merchant, operator. ``text`` is empty once its
    buyer was erased."""

    id: UUID
    order_id: UUID
    side: str
    text: str = field(repr=False)
    at: datetime

    @property
    def public_id(self) -> str:
        return public_id("msg", self.id)
