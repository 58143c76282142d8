"""The gateway's webhook signature: ``t=<unix>,v1=<hex>`` over ``<t>.<raw body>``, keyed with the
secret as it stands, ``whsec_`` included."""

import hashlib
import hmac
from collections.abc import Iterable

TOLERANCE = 300  # seconds, to both sides


def sign(*, secret: str, body: bytes, at: int) -> str:
    """The header's value, as the gateway makes it."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def is_valid(*, header: str, body: bytes, secrets: Iterable[str], now: int) -> bool:
    """Whether one of the header's signatures was made with one of ``secrets`` just now."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value.strip() for name, _equals, value in parts if name.strip() == "t"]
    given = [value.strip() for name, _equals, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or not given:
        return False
    if abs(int(times[0]) - now) > TOLERANCE:
        return False
    valid = False
    for secret in secrets:
        wanted = sign(secret=secret, body=body, at=int(times[0])).rpartition("=")[2]
        for value in given:
            valid |= value.isascii() and hmac.compare_digest(wanted, value)
    return valid
