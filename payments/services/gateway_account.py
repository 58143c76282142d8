"""The platform's gateway and bank: where they are and the keys to them, sealed at rest."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel import audit, tenancy
from kernel.errors import Invalid
from kernel.questions import Question, ask
from kernel.seal import unwrap, wrap
from kernel.statements import Columns, Rows
from kernel.transactions import atomic
from payments.contracts import BY_ATTEMPT, CARD, IN_HOUSE
from payments.errors import GatewayNotConfigured
from payments.gateways.base import Gateway
from payments.gateways.in_house import InHouse
from payments.gateways.statements import fetch_stripe
from payments.gateways.stripe_protocol import StripeProtocol
from payments.models import GatewayAccount
from payments.providers.bank import Bank
from payments.providers.base import PayoutProvider
from payments.services.provider_account import provider_gateway

PURPOSE = "payments.gateway"
_IDS = Columns(GatewayAccount, "id")
_ACCOUNTS = Rows(GatewayAccount)
_URL = re.compile(r"https?://[^\s/?#@]+")


def configure_gateway(
    *, secret_key: str, webhook_secret: str, base_url: str, bank_key: str | None = None
) -> None:
    """Set or change the gateway of the platform in scope.

    ``base_url`` has no path. ``bank_key`` is the bank's key (the gateway's, if not given). The
    webhook secret before this one stays valid until the next change.
    """
    base_url = base_url.rstrip("/")
    if not _URL.fullmatch(base_url):
        raise Invalid(_("This isn't an http(s) address without a path."), field="base_url")
    for name, value in (("secret_key", secret_key), ("webhook_secret", webhook_secret)):
        if len(value) < 16 or not value.isascii() or not value.isprintable():
            raise Invalid(_("At least 16 printable ASCII characters."), field=name)
    with atomic():
        row = GatewayAccount.objects.select_for_update().first() or GatewayAccount()
        before = {"base_url": row.base_url} if row.version else {}
        if row.version and _open(row.webhook_secret_sealed) != webhook_secret:
            row.previous_webhook_secret_sealed = bytes(row.webhook_secret_sealed)
        row.base_url = base_url
        row.secret_key_sealed = _seal(secret_key)
        row.webhook_secret_sealed = _seal(webhook_secret)
        row.bank_key_sealed = _seal(bank_key or secret_key)
        row.save()
        audit.record(
            action="payments.gateway.configured",
            target=row,
            before=before,
            after={"base_url": base_url, "secret_key": f"…{secret_key[-4:]}"},
        )


def gateway_for(name: str) -> Gateway:
    """The gateway that takes a type of payment. Raises GatewayNotConfigured."""
    if name in IN_HOUSE:
        return InHouse()
    if name in BY_ATTEMPT:
        return provider_gateway(name)
    if name != CARD:
        raise ValueError(f"There is no gateway {name!r}.")
    return card_gateway()


def card_gateway() -> StripeProtocol:
    """The gateway for cards. Raises GatewayNotConfigured."""
    row = _account()
    return StripeProtocol(base_url=row.base_url, secret_key=_open(row.secret_key_sealed))


def payout_provider() -> PayoutProvider:
    """The bank that carries payouts. Raises GatewayNotConfigured."""
    return Bank(base_url=settings.BANK_URL, secret_key=_open(_account().bank_key_sealed))


def is_configured() -> bool:
    """Whether the platform has a gateway."""
    return ask(configured_question())[0]


def configured_question() -> Question[bool]:
    """``is_configured``, to be asked with others."""
    return _IDS.question("true LIMIT 1", [], bool)


def webhook_secrets() -> list[str]:
    """The secrets with which the gateway may sign now. Raises GatewayNotConfigured."""
    row = _account()
    sealed = [row.webhook_secret_sealed, row.previous_webhook_secret_sealed]
    return [_open(value) for value in sealed if value is not None]


def _account() -> GatewayAccount:
    row = _ACCOUNTS.one("true LIMIT 1", [])  # a platform has one at most
    if row is None:
        raise GatewayNotConfigured
    return row


def _seal(text: str) -> bytes:
    return wrap(text.encode(), purpose=PURPOSE, bound=tenancy.current_id().bytes)


def _open(sealed: "bytes | memoryview[int]") -> str:
    opened = unwrap(bytes(sealed), purpose=PURPOSE, bound=tenancy.current_id().bytes)
    if opened is None:
        raise RuntimeError("PERSONAL_DATA_KEY isn't the key that sealed the gateway's keys.")
    return opened.decode()


def fetch_gateway_statement(day: date, zone: ZoneInfo) -> bytes | None:
    """The gateway's statement of a day as it came; None when it doesn't answer."""
    row = _account()
    gateway = StripeProtocol(base_url=row.base_url, secret_key=_open(row.secret_key_sealed))
    return fetch_stripe(gateway.get, day, zone)


def fetch_bank_statement(day: date, zone: ZoneInfo) -> bytes | None:
    """The bank's statement of a day as it came; None when it doesn't answer."""
    return Bank(base_url=settings.BANK_URL, secret_key=_open(_account().bank_key_sealed)).statement(
        day, zone
    )


def configured_at() -> datetime | None:
    """Since when the platform has a gateway."""
    row = GatewayAccount.objects.first()
    return row.created_at if row else None
