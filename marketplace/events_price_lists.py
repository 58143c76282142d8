"""Facts of groups of buyers and their price lists, told to their merchant. Who a member is isn't
among them."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class GroupMemberMoved(Event):
    """An invitation was sent or taken, or a membership ended: invited, member, left, removed."""

    NAME: ClassVar[str] = "marketplace.group_member.moved.v1"
    member_id: UUID
    buyer_group_id: UUID
    merchant_id: UUID
    state: str


@dataclass(frozen=True)
class PriceListChanged(Event):
    """A price list or its entries were made or changed, or it was deleted."""

    NAME: ClassVar[str] = "marketplace.price_list.changed.v1"
    price_list_id: UUID
    buyer_group_id: UUID
    merchant_id: UUID
    deleted: bool
