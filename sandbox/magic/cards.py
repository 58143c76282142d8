"""Magic cards (魔法卡号): every number and token the gateway accepts, and what comes of it.

The numbers are the published test numbers of the protocol; any other number is refused and
never kept. Several tokens may mean one card.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

ALWAYS = "always"
UNLESS_SET_UP = "unless_set_up"
SUPPORTED = "supported"


@dataclass(frozen=True, slots=True)
class Decline:
    """Why the issuer said no; ``decline_code`` is set for ``card_declined`` only."""

    code: str
    decline_code: str
    message: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One magic card; ``slug`` is its token without ``pm_card_``."""

    slug: str
    number: str
    outcome: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    attaches: bool = True
    three_d_secure: str | None = None
    refund: str = "succeeded"
    at_once: bool = False
    # the reason of the dispute that follows, and whether it is only an inquiry
    dispute: tuple[str, bool] | None = None
    warning: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def last4(self) -> str:
        return self.number[-4:]

    def published(self) -> dict[str, Any]:
        """The row of the public table."""
        tokens = [self.slug, *self.aliases]
        return {
            "number": self.number,
            "tokens": [f"pm_card_{token}" for token in tokens],
            "legacy_tokens": [f"tok_{token}" for token in tokens],
            "brand": self.brand,
            "funding": self.funding,
            "outcome": self.outcome,
            "code": self.decline.code if self.decline else None,
            "decline_code": self.decline.decline_code if self.decline else None,
            "attaches": self.attaches,
            "three_d_secure": self.three_d_secure,
            "refund": self.refund,
            "dispute": self.dispute[0] if self.dispute else None,
            "dispute_is_inquiry": bool(self.dispute and self.dispute[1]),
            "early_fraud_warning": self.warning,
        }


def _declined(decline_code: str) -> Decline:
    reasons = {
        "generic_decline": "Your card was declined.",
        "insufficient_funds": "Your card has insufficient funds.",
        "lost_card": "Your card was declined.",
        "stolen_card": "Your card was declined.",
    }
    return Decline("card_declined", decline_code, reasons[decline_code])


_EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
_PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
_BLOCKED = Decline("card_declined", "fraudulent", "Your card was declined.", blocked=True)

CARDS: tuple[Card, ...] = (
    Card("visa", "4242424242424242", "succeeds"),
    Card("visa_debit", "4000056655665556", "succeeds", funding="debit"),
    Card("mastercard", "5555555555554444", "succeeds", brand="mastercard"),
    Card("mastercard_debit", "5200828282828210", "succeeds", brand="mastercard", funding="debit"),
    Card(
        "mastercard_prepaid", "5105105105105100", "succeeds", brand="mastercard", funding="prepaid"
    ),
    Card("amex", "378282246310005", "succeeds", brand="amex"),
    Card("discover", "6011111111111117", "succeeds", brand="discover"),
    Card("diners", "3056930009020004", "succeeds", brand="diners"),
    Card("jcb", "3566002020360505", "succeeds", brand="jcb", country="JP"),
    Card("unionpay", "6200000000000005", "succeeds", brand="unionpay", country="CN"),
    Card("cn", "4000001560000002", "succeeds", country="CN"),
    Card("bypassPending", "4000000000000077", "succeeds_available_at_once", at_once=True),
    Card(
        "visa_chargeDeclined",
        "4000000000000002",
        "declined",
        decline=_declined("generic_decline"),
        attaches=False,
        aliases=("chargeDeclined",),
    ),
    Card(
        "visa_chargeDeclinedInsufficientFunds",
        "4000000000009995",
        "declined",
        decline=_declined("insufficient_funds"),
        attaches=False,
        aliases=("chargeDeclinedInsufficientFunds",),
    ),
    Card(
        "visa_chargeDeclinedLostCard",
        "4000000000009987",
        "declined",
        decline=_declined("lost_card"),
        attaches=False,
        aliases=("chargeDeclinedLostCard",),
    ),
    Card(
        "visa_chargeDeclinedStolenCard",
        "4000000000009979",
        "declined",
        decline=_declined("stolen_card"),
        attaches=False,
        aliases=("chargeDeclinedStolenCard",),
    ),
    Card(
        "chargeDeclinedExpiredCard",
        "4000000000000069",
        "declined",
        decline=_EXPIRED,
        attaches=False,
        aliases=("visa_chargeDeclinedExpiredCard",),
    ),
    Card(
        "chargeDeclinedIncorrectCvc",
        "4000000000000127",
        "declined",
        decline=_CVC,
        attaches=False,
        aliases=("visa_chargeDeclinedIncorrectCvc",),
    ),
    Card(
        "chargeDeclinedProcessingError",
        "4000000000000119",
        "declined",
        decline=_PROCESSING,
        attaches=False,
        aliases=("visa_chargeDeclinedProcessingError",),
    ),
    Card(
        "chargeCustomerFail",
        "4000000000000341",
        "attaches_then_declined",
        decline=_declined("generic_decline"),
    ),
    Card("radarBlock", "4100000000000019", "blocked", decline=_BLOCKED),
    Card(
        "authenticationRequired",
        "4000002760003184",
        "three_d_secure_then_succeeds",
        three_d_secure=ALWAYS,
    ),
    Card(
        "authenticationRequiredOnSetup",
        "4000002500003155",
        "three_d_secure_unless_set_up",
        three_d_secure=UNLESS_SET_UP,
    ),
    Card(
        "threeDSecure2Required",
        "4000000000003220",
        "three_d_secure_then_succeeds",
        three_d_secure=ALWAYS,
        aliases=("threeDSecureRequired",),
    ),
    Card("threeDSecureOptional", "4000000000003055", "succeeds", three_d_secure=SUPPORTED),
    Card(
        "threeDSecureRequiredChargeDeclined",
        "4000008400001629",
        "three_d_secure_then_declined",
        decline=_declined("generic_decline"),
        three_d_secure=ALWAYS,
    ),
    Card(
        "threeDSecureRequiredProcessingError",
        "4000008400001280",
        "three_d_secure_then_error",
        decline=_PROCESSING,
        three_d_secure=ALWAYS,
    ),
    Card("pendingRefund", "4000000000007726", "refund_pending_then_succeeds", refund="pending"),
    Card("refundFail", "4000000000005126", "refund_succeeds_then_fails", refund="fails_later"),
    Card("createDispute", "4000000000000259", "succeeds_disputed", dispute=("fraudulent", False)),
    Card(
        "createDisputeProductNotReceived",
        "4000000000002685",
        "succeeds_disputed",
        dispute=("product_not_received", False),
    ),
    Card(
        "createDisputeInquiry",
        "4000000000001976",
        "succeeds_inquiry",
        dispute=("general", True),
    ),
    Card("createIssuerFraudRecord", "4000000000005423", "succeeds_fraud_warning", warning=True),
)


@cache
def _by_number() -> dict[str, Card]:
    return {card.number: card for card in CARDS}


@cache
def _by_slug() -> dict[str, Card]:
    return {token: card for card in CARDS for token in (card.slug, *card.aliases)}


def by_number(number: str) -> Card | None:
    """The magic card with this number."""
    return _by_number().get(number)


def by_slug(slug: str) -> Card:
    """The magic card a stored payment method stands for."""
    return _by_slug()[slug]


def by_slug_or_none(slug: str | None) -> Card | None:
    """The magic card that a person chose on a page."""
    return _by_slug().get(slug or "")


def by_token(token: str) -> Card | None:
    """The card behind ``pm_card_visa`` or the older ``tok_visa``."""
    for prefix in ("pm_card_", "tok_"):
        if token.startswith(prefix):
            return _by_slug().get(token.removeprefix(prefix))
    return None


def luhn(number: str) -> bool:
    """Whether the check digit is right."""
    if not number.isdigit():
        return False
    total = 0
    for place, letter in enumerate(reversed(number)):
        digit = int(letter) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
