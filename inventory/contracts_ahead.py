"""What crosses the border about goods that are sold before they are there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class AheadMode(models.TextChoices):
    """Whether a variant is sold before it is there: back-order (缺货预订), pre-order (预售)."""

    NONE = "none", _("Only what is there")
    BACKORDER = "backorder", _("Back-order")
    PREORDER = "preorder", _("Pre-order")


@dataclass(frozen=True)
class AheadInfo:
    """How a variant is sold beyond its stock, in ``unit``: at most ``limit`` promised at a time
    (None: no limit), of which ``promised`` are. A back-order is sent within ``lead_days``, a
    pre-order on ``release_on``; from that day on it is sold like anything else."""

    id: UUID
    merchant_id: UUID
    variant_id: UUID
    unit: str
    mode: AheadMode
    limit: Decimal | None
    lead_days: int | None
    release_on: date | None
    promised: Decimal
    version: int
    updated_at: datetime

    def open(self, today: date) -> bool:
        """Whether something may be promised."""
        if self.mode == AheadMode.PREORDER:
            return self.release_on is not None and today < self.release_on
        return self.mode == AheadMode.BACKORDER

    def due(self, today: date) -> date:
        """When what is promised today is sent at the latest."""
        if self.mode == AheadMode.PREORDER and self.release_on is not None:
            return self.release_on
        return today + timedelta(days=self.lead_days or 0)

    @property
    def room(self) -> Decimal | None:
        """How much more may be promised; None: no limit."""
        return None if self.limit is None else max(self.limit - self.promised, Decimal(0))


class Sellable(NamedTuple):
    """What can be bought of a variant. ``now``: of it so much can be sent at once. ``ahead``: how
    more is sold, or with a pre-order anything; None when it isn't. ``free`` is what lies there and
    isn't anybody's, ``due_on`` when what is bought ahead today is sent at the latest."""

    now: Decimal
    free: Decimal = Decimal(0)
    ahead: AheadInfo | None = None
    due_on: date | None = None

    @property
    def most(self) -> Decimal | None:
        """How much of it can be bought in all; None: no limit."""
        if self.ahead is None:
            return self.now
        return None if self.ahead.room is None else self.free + self.ahead.room

    @property
    def how(self) -> str | None:
        """The mode in which more can be bought than can be sent at once; None when it can't."""
        more = self.most is None or self.most > self.now
        return str(self.ahead.mode) if self.ahead is not None and more else None

    @property
    def ships_on(self) -> date | None:
        """When that is sent at the latest."""
        return self.due_on if self.how else None

    def enough(self, quantity: Decimal) -> bool:
        """Whether so much can be bought."""
        return self.most is None or quantity <= self.most

    def waits(self, quantity: Decimal) -> Decimal:
        """How much of a purchase of ``quantity`` isn't sent at once, but on ``due_on``."""
        return Decimal(0) if self.ahead is None else max(quantity - self.now, Decimal(0))


@dataclass(frozen=True)
class PromiseInfo:
    """What was promised of one variant to the reservation ``key``; see ``models.Promise``."""

    id: UUID
    reservation_id: UUID
    key: UUID
    merchant_id: UUID
    variant_id: UUID
    unit: str
    mode: AheadMode
    quantity: Decimal
    filled: Decimal
    released: Decimal
    due_on: date
    agreed_on: date
    committed: bool

    @property
    def waiting(self) -> Decimal:
        """How much of it isn't there yet."""
        return self.quantity - self.filled - self.released

    def kept(self, quantity: Decimal, today: date) -> Decimal:
        """How much of ``quantity`` that is still to be sent can't be sent today: what isn't there,
        or before its release all of a pre-order."""
        return quantity if self.early(today) else min(self.waiting, quantity)

    def early(self, today: date) -> bool:
        """Whether it is a pre-order before its day."""
        return self.mode == AheadMode.PREORDER and today < self.due_on

    def late(self, today: date) -> bool:
        """Whether the date has passed that the merchant gives now."""
        return self.waiting > 0 and self.due_on < today

    def broken(self, today: date) -> bool:
        """Whether the date has passed that the buyer agreed to, and it isn't there, or mustn't be
        sent before a later one: the buyer may step back at once."""
        return self.agreed_on < today and (self.waiting > 0 or self.early(today))
