"""What crosses the border about groups of buyers and their prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.ids import public_id


@dataclass(frozen=True)
class AppliedList:
    """The price list that a price is from, with its names at the time."""

    id: UUID
    names: Mapping[str, str]


class PriceStep(NamedTuple):
    """From ``minimum`` units on, one costs ``unit_price`` (major units); ``price_list`` None: the
    public price."""

    minimum: Decimal
    unit_price: Decimal
    price_list: AppliedList | None = None


@dataclass(frozen=True)
class BuyerGroupInfo:
    """A merchant's group of buyers; ``members`` and ``lists`` count what stands in it."""

    id: UUID
    merchant_id: UUID
    code: str
    names: Mapping[str, str]
    active: bool
    members: int
    lists: int
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("bgr", self.id)


@dataclass(frozen=True)
class GroupMemberInfo:
    """A membership as its merchant may see it: the address that was invited, empty once it ended,
    and whether it was taken; not whose account took it. ``state``: invited, expired, member, left,
    removed."""

    id: UUID
    group_id: UUID
    state: str
    email: str = field(repr=False)
    invited_at: datetime
    expires_at: datetime
    joined_at: datetime | None


@dataclass(frozen=True)
class OwnMembership:
    """A membership as the buyer sees it."""

    id: UUID
    merchant_id: UUID
    names: Mapping[str, str]
    joined_at: datetime | None


@dataclass(frozen=True)
class PriceListInput:
    """A list to make or change; ``starts_at`` None: now, or as it is."""

    group_id: UUID
    code: str
    names: Mapping[str, str]
    active: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    percent: Decimal | None = None


@dataclass(frozen=True)
class PriceListInfo:
    """A price list; ``entries`` counts what it names."""

    id: UUID
    merchant_id: UUID
    group_id: UUID
    code: str
    names: Mapping[str, str]
    active: bool
    starts_at: datetime
    ends_at: datetime | None
    percent: Decimal | None
    entries: int
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("prl", self.id)

    def state(self, now: datetime) -> str:
        """planned, running, over or off, at the business time ``now``."""
        if not self.active:
            return "off"
        if self.ends_at is not None and self.ends_at <= now:
            return "over"
        return "planned" if self.starts_at > now else "running"


@dataclass(frozen=True)
class PriceEntryInput:
    """A price to set: of a variant or of a category's branch, a unit price or a percentage off."""

    variant_id: UUID | None = None
    category_id: UUID | None = None
    minimum: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True)
class PriceEntryChange:
    """An entry to set, or with ``delete`` to take out; then its price counts for nothing."""

    entry: PriceEntryInput
    delete: bool = False


@dataclass(frozen=True)
class PriceEntryInfo:
    """A price of a list, from ``minimum`` units on."""

    id: UUID
    variant_id: UUID | None
    category_id: UUID | None
    minimum: Decimal
    unit_price: Decimal | None
    percent: Decimal | None

    @property
    def public_id(self) -> str:
        return public_id("ple", self.id)
