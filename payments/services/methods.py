"""Which ways to pay there are: what the platform has set up, what answers, what may be chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import tenancy
from kernel.questions import ask
from payments.contracts import (
    ALIPAY,
    BANK_TRANSFER,
    BY_ATTEMPT,
    CARD,
    OFFLINE_TEST,
    WALLET,
    WECHAT,
    Purpose,
)
from payments.errors import GatewayNotConfigured, InvalidPaymentMethod, ProviderUnavailable
from payments.gateways import breaker
from payments.models import PaymentIntent
from payments.services import gateway_account, provider_account
from platforms import facade as platforms

TYPES = (CARD, ALIPAY, WECHAT, BANK_TRANSFER, WALLET, OFFLINE_TEST)
KINDS = {
    OFFLINE_TEST: OFFLINE_TEST,
    WALLET: WALLET,
    ALIPAY: ALIPAY,
    "alipay_page": ALIPAY,
    WECHAT: WECHAT,
    BANK_TRANSFER: BANK_TRANSFER,
}
_YUAN_ONLY = frozenset({ALIPAY, WECHAT})


@dataclass(frozen=True)
class Way:
    """A way to pay that the platform has; ``available`` is false while its provider is away."""

    type: str
    available: bool


def _standing() -> tuple[set[str], set[str], bool]:
    """Which providers the platform has set up, which don't answer, and whether it takes cards."""
    return ask(
        provider_account.ready_question(),
        breaker.away_question(),
        gateway_account.configured_question(),
    )


def kind_of(method: str) -> str:
    """The type that a method belongs to; what isn't known by name is a card's token."""
    return KINDS.get(method, CARD)


def ways(*, currency: str, types: Sequence[str] = TYPES, payer_id: UUID | None = None) -> list[Way]:
    """The ways to pay in a currency, out of ``types``, best known first."""
    ready, away, cards = _standing()
    there = {
        CARD: CARD in types and cards,
        WALLET: payer_id is not None,
        OFFLINE_TEST: _offline(),
        **{kind: kind in ready for kind in BY_ATTEMPT},
    }
    if currency != "CNY":
        there |= dict.fromkeys(_YUAN_ONLY, False)
    return [Way(kind, kind not in away) for kind in TYPES if kind in types and there[kind]]


def check(intent: PaymentIntent, method: str) -> str:
    """The type of the method, if it may pay this intent now.

    Raises InvalidPaymentMethod, GatewayNotConfigured, ProviderUnavailable.
    """
    kind = kind_of(method)
    if kind not in intent.payment_method_types or not method:
        raise InvalidPaymentMethod(
            _("This payment takes %(types)s.") % {"types": ", ".join(intent.payment_method_types)},
            field="payment_method",
        )
    ready, away, cards = _standing() if kind in BY_ATTEMPT | {CARD} else (set(), set(), False)
    if (kind == CARD and not cards) or (kind in BY_ATTEMPT and kind not in ready):
        raise GatewayNotConfigured
    if kind in _YUAN_ONLY and intent.currency != "CNY":
        raise InvalidPaymentMethod(_("It takes CNY only."), field="payment_method")
    if kind == WALLET and (intent.payer_id is None or intent.purpose != Purpose.SALE):
        raise InvalidPaymentMethod(_("Nobody's wallet may pay this."), field="payment_method")
    if kind == OFFLINE_TEST and not _offline():
        raise InvalidPaymentMethod(_("Test payments are off here."), field="payment_method")
    if kind != CARD and intent.capture_method == "manual":
        raise InvalidPaymentMethod(
            _("Only a card can be authorised first and captured later."), field="payment_method"
        )
    if kind in away:
        raise ProviderUnavailable(field="payment_method")
    return kind


def _offline() -> bool:
    return not tenancy.current().live and bool(platforms.setting("payments", "offline_test"))
