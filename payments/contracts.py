"""What crosses this context's border: frozen dataclasses and enums."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from kernel.money import Money

OFFLINE_TEST = "offline_test"
CARD = "card"
WALLET = "wallet"
ALIPAY = "alipay"
WECHAT = "wechat"
BANK_TRANSFER = "bank_transfer"
IN_HOUSE = frozenset({OFFLINE_TEST, WALLET})
# Paid by a code that the buyer scans, or by a transfer: each attempt has a number of its own there.
BY_ATTEMPT = frozenset({ALIPAY, WECHAT, BANK_TRANSFER})


class Purpose(models.TextChoices):
    """What a payment is for: goods of merchants, or the payer's own wallet."""

    SALE = "sale", _("Sale")
    TOPUP = "topup", _("Wallet top-up")


class IntentState(models.TextChoices):
    REQUIRES_PAYMENT_METHOD = "requires_payment_method", _("Waits for a way to pay")
    PROCESSING = "processing", _("Being processed")
    REQUIRES_ACTION = "requires_action", _("The buyer must confirm")
    REQUIRES_CAPTURE = "requires_capture", _("Authorised, to be captured")
    SUCCEEDED = "succeeded", _("Paid")
    CANCELED = "canceled", _("Cancelled")


class CaptureMethod(models.TextChoices):
    AUTOMATIC = "automatic", _("At once")
    MANUAL = "manual", _("By a later command")


class AttemptState(models.TextChoices):
    IN_FLIGHT = "in_flight", _("In flight")
    LEFT = "left", _("Left for another way to pay")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Cancelled")


class RefundState(models.TextChoices):
    PENDING = "pending", _("In progress")
    SUCCEEDED = "succeeded", _("Refunded")
    FAILED = "failed", _("Failed")


class PayoutState(models.TextChoices):
    PENDING = "pending", _("To be sent")
    IN_TRANSIT = "in_transit", _("On its way")
    PAID = "paid", _("Paid out")
    FAILED = "failed", _("Failed")


@dataclass(frozen=True)
class Share:
    """What of a payment belongs to one merchant: ``commission`` stays with the platform, which adds
    ``subsidy`` (None: nothing) to what the buyer pays."""

    merchant_id: UUID
    reference: str
    amount: Money
    commission: Money
    subsidy: Money | None = None


@dataclass(frozen=True)
class ShareInfo:
    """A share as it stands. ``subsidy`` is what the platform adds to ``amount``, the buyer's part.
    ``available_at`` and ``released_at`` are business times."""

    merchant_id: UUID
    reference: str
    amount: Money
    commission: Money
    refunded: Money
    commission_refunded: Money
    subsidy: Money
    subsidy_refunded: Money
    available_at: datetime | None
    released_at: datetime | None


@dataclass(frozen=True)
class IntentInfo:
    """A payment intent. ``gateway`` is ``offline_test``, ``card`` or empty before a method is
    chosen; ``redirect_url`` is where the buyer must confirm, ``qr`` what a code to scan says (or,
    for a bank transfer, the account to pay to). ``payer_id`` is whose wallet may pay, or is topped
    up. ``pay_by`` is the last moment to pay; ``return_url`` where the hosted page leads back to.
    With ``capture_method`` manual the money is first only authorised, until ``capture_before``;
    ``amount`` is then what was captured and ``amount_authorized`` what had been asked."""

    id: UUID
    state: str
    reference: str
    description: str
    amount: Money
    amount_refunded: Money
    shares: tuple[ShareInfo, ...]
    payment_method_types: tuple[str, ...]
    merchant_id: UUID | None
    purpose: str
    payer_id: UUID | None
    gateway: str
    gateway_id: str | None
    redirect_url: str
    failure_code: str
    failure_message: str
    cancel_requested: bool
    external_id: str | None
    metadata: dict[str, str]
    captured_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    qr: str = ""
    capture_method: str = "automatic"
    amount_authorized: Money | None = None
    capture_before: datetime | None = None
    pay_by: datetime | None = None
    return_url: str = ""

    @property
    def public_id(self) -> str:
        return public_id("pay", self.id)


@dataclass(frozen=True)
class RefundShare:
    """What of a refund one share bears: ``amount`` goes to the buyer, ``subsidy_back`` to the
    platform (None: in proportion, to the last unit). ``commission_back`` None: by the platform's
    rule."""

    merchant_id: UUID
    reference: str
    amount: Money
    commission_back: Money | None = None
    subsidy_back: Money | None = None


@dataclass(frozen=True)
class RefundShareInfo:
    merchant_id: UUID
    reference: str
    amount: Money
    commission_back: Money
    subsidy_back: Money


@dataclass(frozen=True)
class RefundInfo:
    """A refund with all its parts."""

    id: UUID
    state: str
    intent_id: UUID
    amount: Money
    shares: tuple[RefundShareInfo, ...]
    reason: str
    failure_code: str
    failure_message: str
    external_id: str | None
    metadata: dict[str, str]
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def public_id(self) -> str:
        return public_id("ref", self.id)


@dataclass(frozen=True)
class PayoutInfo:
    """A payout; of the bank account only the last four characters."""

    id: UUID
    state: str
    merchant_id: UUID
    amount: Money
    destination_last4: str
    failure_code: str
    failure_message: str
    external_id: str | None
    metadata: dict[str, str]
    paid_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def public_id(self) -> str:
        return public_id("pot", self.id)


@dataclass(frozen=True)
class Balance:
    """A merchant's money in one currency. ``available`` may be paid out; ``reserved`` is kept back
    for disputes and late refunds; ``owed`` is what the merchant owes after a late refund, taken
    from what becomes available next."""

    pending: Money
    available: Money
    in_transit: Money
    reserved: Money
    owed: Money

    @property
    def currency(self) -> str:
        return self.available.currency

    @property
    def free(self) -> Money:
        """What is available less what is owed: negative for a merchant in debt."""
        return self.available - self.owed


@dataclass(frozen=True)
class BalanceTransaction:
    """One movement of a merchant's balance, signed: ``pending`` and ``available`` are its effects
    on the two. ``order`` and ``source`` (payment, refund or payout) are public ids."""

    id: UUID
    type: str
    amount: Money
    pending: Money
    available: Money
    order: str
    source: str
    business_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class WalletBalance:
    """Stored money in one currency: ``available`` to pay or withdraw, ``frozen`` as deposits."""

    available: Money
    frozen: Money

    @property
    def currency(self) -> str:
        return self.available.currency


@dataclass(frozen=True)
class WalletMovement:
    """One movement of a wallet; ``available`` and ``frozen`` are its signed effects on the two.
    ``source`` is the public id of the payment, refund or deposit behind it."""

    id: UUID
    type: str
    available: Money
    frozen: Money
    reference: str
    source: str
    business_at: datetime
    created_at: datetime


class DepositState(models.TextChoices):
    HELD = "held", _("Held")
    RETURNED = "returned", _("Returned")
    FORFEITED = "forfeited", _("Forfeited")


@dataclass(frozen=True)
class DepositInfo:
    """A guarantee deposit. ``forfeited`` is what went to the merchant; the rest, once it isn't
    held any more, went back to the payer."""

    id: UUID
    state: str
    payer_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money
    forfeited: Money
    reason: str
    ended_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def public_id(self) -> str:
        return public_id("dep", self.id)


@dataclass(frozen=True)
class TrialRow:
    """One account in the trial balance, in minor units."""

    code: str
    currency: str
    owner: UUID | None
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int


@dataclass(frozen=True)
class TrialBalance:
    """All accounts; ``balanced`` when debits equal credits in each currency, posted and pending,
    and every counter equals what the transfers sum up to."""

    rows: tuple[TrialRow, ...]
    balanced: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a gateway or bank said. ``status`` is one of the constants below; ``unknown`` means
    that the call may or may not have been carried out: ask, never guess. ``fee`` is what the
    gateway kept of the charge, in minor units, None while it isn't known. ``qr`` is what the code
    to be scanned says; ``gateway`` names the gateway whose word this is, ``authorized_until`` when
    an authorisation lapses (Unix seconds), ``saved`` what a saved card is called there."""

    status: str
    provider_id: str = ""
    amount: int | None = None
    currency: str = ""
    fee: int | None = None
    redirect_url: str = ""
    code: str = ""
    message: str = ""
    attempt: str = ""
    answered: bool = False
    qr: str = ""
    gateway: str = ""
    authorized_until: int | None = None
    saved: dict[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, for who keeps it between the call and the record."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Outcome":
        return cls(**values) if values else cls(status=UNKNOWN)


SUCCEEDED = "succeeded"
REQUIRES_ACTION = "requires_action"
AUTHORIZED = "authorized"  # held on the card, not taken
PROCESSING = "processing"
PENDING = "pending"
IDLE = "idle"  # at the gateway, never confirmed
DECLINED = "declined"
REJECTED = "rejected"  # refused before anything happened
CANCELED = "canceled"
FAILED = "failed"
UNKNOWN = "unknown"
GatewayResult = dict[str, Any]
