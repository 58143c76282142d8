"""What crosses the border of the marketplace about returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from kernel.money import Money


class ReturnState(models.TextChoices):
    REQUESTED = "requested", _("Return asked for")
    APPROVED = "approved", _("Approved, to be sent back")
    REJECTED = "rejected", _("Refused by the merchant")
    WITHDRAWN = "withdrawn", _("Withdrawn by the buyer")
    SENT = "sent", _("On its way back")
    RECEIVED = "received", _("Received, being refunded")
    REFUNDED = "refunded", _("Refunded")
    LAPSED = "lapsed", _("Not sent back in time")


class Cause(models.TextChoices):
    NO_REASON = "no_reason", _("I don't want to keep it")
    NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
    DAMAGED = "damaged", _("Arrived damaged")
    DEFECTIVE = "defective", _("Doesn't work or has gone bad")
    WRONG_ITEM = "wrong_item", _("Something else was sent")
    MISSING_PARTS = "missing_parts", _("Something is missing")
    OTHER = "other", _("Another reason")


FAULTS = frozenset(
    {
        Cause.NOT_AS_DESCRIBED,
        Cause.DAMAGED,
        Cause.DEFECTIVE,
        Cause.WRONG_ITEM,
        Cause.MISSING_PARTS,
    }
)
# Neither open nor carried out: what they were about may be returned by another one.
DROPPED = frozenset({ReturnState.REJECTED, ReturnState.WITHDRAWN, ReturnState.LAPSED})
# Their goods count as given back.
COUNTED = frozenset({ReturnState.RECEIVED, ReturnState.REFUNDED})


@dataclass(frozen=True)
class ReturnPictureIn:
    """A picture as it was sent: PNG or JPEG."""

    name: str
    data: bytes


@dataclass(frozen=True)
class ReturnPictureInfo:
    id: UUID
    name: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ReturnLineInfo:
    """So much of an order's line. ``refund`` is what goes back for it: foreseen until the goods
    were received, then for good."""

    line_id: UUID
    variant_id: UUID
    sku: str
    titles: Mapping[str, str]
    unit: str
    quantity: Decimal
    refund: Money


@dataclass(frozen=True)
class ReturnInfo:
    """A return. ``refund`` = lines + ``shipping_refund``, unless less was left of the payment;
    ``platform_back`` is what goes back to the platform of its part in these lines' discounts.
    ``text`` is the buyer's, ``answer`` and ``send_to`` the merchant's. Times are business times:
    until ``answer_by`` the merchant answers, until ``send_by`` the buyer sends, until
    ``receive_by`` the merchant says what arrived."""

    id: UUID
    order_id: UUID
    group_id: UUID
    number: str
    state: str
    merchant_id: UUID
    buyer_id: UUID | None
    cause: str
    text: str
    answer: str
    send_to: str
    carrier: str
    waybill: str
    lines: tuple[ReturnLineInfo, ...]
    shipping_refund: Money
    refund: Money
    platform_back: Money
    restocked: bool | None
    refund_id: UUID | None
    dispute_id: UUID | None
    pictures: tuple[ReturnPictureInfo, ...]
    requested_at: datetime
    answer_by: datetime | None
    answered_at: datetime | None
    send_by: datetime | None
    sent_at: datetime | None
    receive_by: datetime | None
    received_at: datetime | None
    closed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("ret", self.id)

    @property
    def open(self) -> bool:
        return self.state in ("requested", "approved", "sent", "received")

    @property
    def fault(self) -> bool:
        """Whether the reason lies with the merchant."""
        return self.cause in FAULTS


@dataclass(frozen=True)
class ReturnPreview:
    """What would go back: for each line, of the shipping, together."""

    lines: Mapping[UUID, Money]
    shipping: Money
    total: Money


@dataclass(frozen=True)
class Returnable:
    """Whether something of an order may be returned: ``until`` when (None: it isn't delivered),
    ``left`` of each line, and ``problem``, an error's code, if nothing may."""

    until: datetime | None
    left: Mapping[UUID, Decimal]
    problem: str = ""
