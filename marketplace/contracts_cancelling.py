"""What crosses the border of the marketplace about parts of an order that aren't sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from kernel.money import Money


class CancellationState(models.TextChoices):
    REQUESTED = "requested", _("Waits for the merchant's answer")
    REFUNDING = "refunding", _("Cancelled, being refunded")
    REFUNDED = "refunded", _("Cancelled and refunded")
    REJECTED = "rejected", _("Refused by the merchant")
    WITHDRAWN = "withdrawn", _("Withdrawn by the buyer")
    LAPSED = "lapsed", _("The goods were sent before")


class CancelCause(models.TextChoices):
    CHANGED_MIND = "changed_mind", _("I don't want it any more")
    MISTAKE = "mistake", _("Ordered by mistake")
    TOO_SLOW = "too_slow", _("It takes too long")
    OUT_OF_STOCK = "out_of_stock", _("Out of stock")
    PRICE_MISTAKE = "price_mistake", _("The price was a mistake")
    CANNOT_DELIVER = "cannot_deliver", _("Can't be delivered there")
    OTHER = "other", _("Another reason")


BUYERS_CAUSES = frozenset(
    {CancelCause.CHANGED_MIND, CancelCause.MISTAKE, CancelCause.TOO_SLOW, CancelCause.OTHER}
)
MERCHANTS_CAUSES = frozenset(
    {
        CancelCause.OUT_OF_STOCK,
        CancelCause.PRICE_MISTAKE,
        CancelCause.CANNOT_DELIVER,
        CancelCause.OTHER,
    }
)


@dataclass(frozen=True)
class CancellationLineInfo:
    """So much of an order's line. ``refund`` is what goes back for it: foreseen while it is asked
    for, then for good."""

    line_id: UUID
    variant_id: UUID
    sku: str
    titles: Mapping[str, str]
    unit: str
    quantity: Decimal
    refund: Money


@dataclass(frozen=True)
class CancellationInfo:
    """A part of an order that isn't sent (部分取消). ``side``: who began it. ``whole``: nothing of
    the order was left. ``refund`` = lines + ``shipping_refund``, unless less was left of the
    payment; ``platform_back`` is what goes back to the platform of its part in the discounts.
    ``text`` is the words of who began it, ``answer`` the merchant's. Until ``answer_by`` the
    merchant answers what a buyer had to ask for; ``by_itself``: it didn't, so that it was accepted
    at ``begun_at``. Times are business times."""

    id: UUID
    order_id: UUID
    group_id: UUID
    number: str
    state: str
    merchant_id: UUID
    buyer_id: UUID | None
    side: str
    cause: str
    text: str
    answer: str
    whole: bool
    restocked: bool | None
    lines: tuple[CancellationLineInfo, ...]
    shipping_refund: Money
    refund: Money
    platform_back: Money
    refund_id: UUID | None
    requested_at: datetime
    answer_by: datetime | None
    by_itself: bool
    begun_at: datetime | None
    closed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("can", self.id)


@dataclass(frozen=True)
class CancellationPreview:
    """What would go back: for each line, of the shipping, together. ``whole``: nothing would be
    left to send. ``at_once``: it needs no answer of the merchant."""

    lines: Mapping[UUID, Money]
    shipping: Money
    total: Money
    whole: bool
    at_once: bool


@dataclass(frozen=True)
class Cancellable:
    """What of an order may be cancelled: ``left`` of each line, whether ``at_once``, and
    ``problem``, an error's code, if nothing may."""

    left: Mapping[UUID, Decimal]
    at_once: bool
    problem: str = ""
