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
    RECEIVED = "received", _("Goods received")
    REFUNDED = "refunded", _("Refunded")
    LAPSED = "lapsed", _("Not sent back in time")
    RESENT = "resent", _("Replacement on its way")
    EXCHANGED = "exchanged", _("Exchanged")


class ReturnKind(models.TextChoices):
    """What the buyer gets for the goods: the money (退货), or a variant of them (换货)."""

    REFUND = "refund", _("Return for a refund")
    EXCHANGE = "exchange", _("Exchange")


class Turned(models.TextChoices):
    """Why an exchange became a return for a refund."""

    OUT_OF_STOCK = "out_of_stock", _("The replacement isn't there")
    NOT_SENT = "not_sent", _("The replacement wasn't sent in time")
    MERCHANT = "merchant", _("The merchant refunds instead")
    DECIDED = "decided", _("The platform decided it")


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
# Open, by the time that each state has; a refund being made has none.
OPEN = {
    ReturnState.REQUESTED: "answer_by",
    ReturnState.APPROVED: "send_by",
    ReturnState.SENT: "receive_by",
    ReturnState.RECEIVED: "ship_by",
    ReturnState.RESENT: "confirm_by",
}
# The goods of those that are for a refund count as given back.
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
class Piece:
    """Goods of a delivered order that the buyer has: of a line as it was bought (``id`` is the
    line's), or what an exchange brought in their place (``id`` is that of the exchange's line, and
    ``replaced`` is true). ``left`` of them no return is about; ``until`` when they may go back."""

    id: UUID
    line_id: UUID
    variant_id: UUID
    sku: str
    titles: Mapping[str, str]
    unit: str
    left: Decimal
    until: datetime | None
    replaced: bool = False


@dataclass(frozen=True)
class Choice:
    """A variant that goods can be exchanged for: ``there`` is how much of it is free, ``price``
    what a unit costs today (None: it isn't for sale). ``fits``: a buyer may ask for it, because it
    costs the same; ``enough``: a merchant may give it, because it costs no less."""

    variant_id: UUID
    sku: str
    titles: Mapping[str, str]
    unit: str
    there: Decimal
    weight_grams: int
    price: Decimal | None
    same: bool
    fits: bool
    enough: bool


@dataclass(frozen=True)
class Replacement:
    """What is sent for a line of an exchange; ``changed``: the merchant gives another variant than
    the buyer asked for."""

    variant_id: UUID
    sku: str
    titles: Mapping[str, str]
    weight_grams: int
    changed: bool


@dataclass(frozen=True)
class ReturnLineInfo:
    """So much of an order's line. ``refund`` is what goes back for it: foreseen until the goods
    were received, then for good. ``of`` is the exchange's line that brought these goods; the
    article is then what was sent instead of the order's."""

    id: UUID
    line_id: UUID
    of: UUID | None
    variant_id: UUID
    sku: str
    titles: Mapping[str, str]
    unit: str
    quantity: Decimal
    refund: Money
    replacement: Replacement | None


@dataclass(frozen=True)
class ReturnInfo:
    """A return. ``refund`` = lines + ``shipping_refund``, unless less was left of the payment;
    ``platform_back`` is what goes back to the platform of its part in these lines' discounts.
    ``text`` is the buyer's, ``answer`` and ``send_to`` the merchant's. Times are business times:
    until ``answer_by`` the merchant answers, until ``send_by`` the buyer sends, until
    ``receive_by`` the merchant says what arrived; of an exchange, until ``ship_by`` the merchant
    sends the replacement (``resent_waybill``; ``handing``: the carrier is being asked), until
    ``confirm_by`` the buyer says whether it came. ``turned``: why an exchange became a return."""

    id: UUID
    order_id: UUID
    group_id: UUID
    number: str
    kind: str
    turned: str
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
    ship_by: datetime | None
    handing: bool
    shipment_id: UUID | None
    resent_waybill: str
    resent_at: datetime | None
    arrived_at: datetime | None
    confirm_by: datetime | None
    closed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("ret", self.id)

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def exchange(self) -> bool:
        return self.kind == ReturnKind.EXCHANGE

    @property
    def words(self) -> str:
        """By which words its state is called on pages."""
        return "exchange" if self.exchange else "return"

    @property
    def fault(self) -> bool:
        """Whether the reason lies with the merchant."""
        return self.cause in FAULTS


@dataclass(frozen=True)
class ReturnPreview:
    """What would go back: for each piece, of the shipping, together."""

    lines: Mapping[UUID, Money]
    shipping: Money
    total: Money


@dataclass(frozen=True)
class Returnable:
    """Whether something of an order may be returned, or exchanged: ``until`` when (None: it isn't
    delivered), what there is, ``left`` of it by id, and ``problem``, an error's code, if nothing
    may."""

    until: datetime | None
    left: Mapping[UUID, Decimal]
    problem: str = ""
    pieces: tuple[Piece, ...] = ()
