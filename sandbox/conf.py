"""What can be set about the simulated world, with its defaults.

Each name is a Django setting ``SANDBOX_<NAME>``; ``sandbox.settings`` fills them from the
environment.
"""

from decimal import Decimal
from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    # the card gateway
    "FEE_PERCENT": "2.9",
    "FEE_FIXED": 30,
    "OPENING_BALANCE": 10_000_000_000,
    "CURRENCIES": ["cny", "usd", "eur", "gbp", "hkd", "jpy", "sgd", "aud"],
    "AVAILABLE_AFTER_DAYS": 2,
    "AUTHORIZATION_DAYS": 7,
    "REFUND_SETTLE_SECONDS": 5.0,
    # bank and carrier
    "BANK_SETTLE_SECONDS": 5.0,
    "CARRIER_ADVANCE_SECONDS": 0.0,
    # pushes
    "WEBHOOK_TIMEOUT": 10.0,
    "WEBHOOK_RETRIES": [1, 2, 5, 15, 60, 300, 1800, 7200, 18000],
    "SENDERS": 4,
    "POLL_SECONDS": 0.5,
}
API_VERSION = "2026-10-28.endive"
EVENT_DAYS = 30
IDEMPOTENCY_HOURS = 24


def get(name: str) -> Any:
    """The value of ``SANDBOX_<name>``, else its default."""
    return getattr(settings, f"SANDBOX_{name}", DEFAULTS[name])


def fee_percent() -> Decimal:
    return Decimal(str(get("FEE_PERCENT")))


def base_url() -> str:
    """This process's address for links made outside a request."""
    return str(getattr(settings, "GATEWAY_URL", "")).rstrip("/")
