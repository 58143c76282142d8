"""Promotions and coupons as they cross the border of the marketplace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.ids import public_id
from kernel.money import Money
from marketplace.domain.promotions import Terms


@dataclass(frozen=True)
class PromotionInput:
    """A promotion to be made or changed; amounts in minor units of the platform's currency, times
    on the business clock. ``scope_names`` are ids as text (UUID), ``code`` the one code of a
    promotion whose ``way`` is ``code``. ``starts_at`` None: now."""

    names: Mapping[str, str]
    kind: str
    terms: Terms
    scope: str = "all"
    scope_names: tuple[str, ...] = ()
    way: str = "automatic"
    code: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    exclusive: bool = False
    stack_group: str = ""
    max_uses: int | None = None
    max_uses_each: int | None = None
    budget: int | None = None
    external_id: str | None = None
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True)
class PromotionInfo:
    """A promotion as its owner sees it. ``merchant_id`` None: the platform's, which pays it."""

    id: UUID
    state: str
    merchant_id: UUID | None
    names: Mapping[str, str]
    kind: str
    terms: Terms
    scope: str
    scope_names: tuple[str, ...]
    way: str
    code: str
    currency: str
    starts_at: datetime
    ends_at: datetime | None
    priority: int
    exclusive: bool
    stack_group: str
    max_uses: int | None
    max_uses_each: int | None
    budget: int | None
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("prm", self.id)

    @property
    def paid_by(self) -> str:
        """``merchant`` or ``platform``."""
        return "platform" if self.merchant_id is None else "merchant"


@dataclass(frozen=True)
class PromotionUse:
    """What came of a promotion: ``purchases`` that stand, what it took off them, how many were
    given back, and of its codes how many there are and were used."""

    purchases: int
    discount: Money
    given_back: int
    codes: int
    codes_used: int


@dataclass(frozen=True)
class CouponInfo:
    """One code. ``uses`` counts those that stand."""

    id: UUID
    code: str
    once: bool
    uses: int


@dataclass(frozen=True)
class RedemptionInfo:
    """A promotion used for one order."""

    id: UUID
    order_id: UUID
    order_number: str
    code: str
    amount: Money
    used_at: datetime
    returned_at: datetime | None
