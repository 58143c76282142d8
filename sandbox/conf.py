"""What can be set about the simulated world, with its defaults.

Each name is a Django setting ``SANDBOX_<NAME>``; ``sandbox.settings`` fills them from the
environment.
"""

from decimal import Decimal
from typing import Any

from django.conf import settings

from kernel.currencies import table

DEFAULTS: dict[str, Any] = {
    # the card gateway
    "FEE_PERCENT": "2.9",
    "FEE_FIXED": 30,
    "OPENING_BALANCE": 10_000_000_000,
    "CURRENCIES": None,  # those of the opening money; None: every one that is in use
    "AVAILABLE_AFTER_DAYS": 2,
    "AUTHORIZATION_DAYS": 7,
    "REFUND_SETTLE_SECONDS": 5.0,
    "PAYOUT_SETTLE_SECONDS": 5.0,
    "DISPUTE_FEE": 1500,
    "DISPUTE_DAYS": 7,
    # bank and carrier
    "BANK_SETTLE_SECONDS": 5.0,
    "CARRIER_ADVANCE_SECONDS": 0.0,
    # identity checks: a later answer, and one that comes after the caller's patience
    "IDENTITY_SECONDS": 5.0,
    "IDENTITY_SLOW_SECONDS": 10.0,
    # e-fapiao: a number that comes later, and one after the caller's patience
    "FAPIAO_SECONDS": 5.0,
    "FAPIAO_SLOW_SECONDS": 20.0,
    # Alipay and WeChat Pay: what they keep of a payment, when they repeat a notification
    "SCAN_FEE_PERCENT": "0.6",
    "ALIPAY_RETRIES": [240, 600, 600, 3600, 7200, 21600, 54000],
    "WECHAT_RETRIES": [
        15,
        15,
        30,
        180,
        600,
        1200,
        1800,
        1800,
        1800,
        3600,
        10800,
        10800,
        10800,
        21600,
        21600,
    ],
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


def currencies() -> list[str]:
    """In which currencies an account opens, in lower case."""
    chosen = get("CURRENCIES")
    found = chosen or [code for code, one in table().items() if one.valid_until is None]
    return [str(code).lower() for code in found]


def fee_percent() -> Decimal:
    return Decimal(str(get("FEE_PERCENT")))


def base_url() -> str:
    """This process's address for links made outside a request."""
    return str(getattr(settings, "GATEWAY_URL", "")).rstrip("/")
