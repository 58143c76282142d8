"""Signatures on pushes: one ``whsec_`` secret serves two conventions.

The card protocol takes the whole secret string as HMAC key over ``<t>.<body>``; Standard Webhooks
takes the base64-decoded rest as key over ``<id>.<timestamp>.<body>``.
"""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh signing secret: 32 random bytes, readable by both conventions."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(*, secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """All signature headers for one attempt."""
    stripe = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    standard = hmac.new(
        base64.b64decode(secret.removeprefix(PREFIX)),
        f"{message_id}.{timestamp}.".encode() + body,
        hashlib.sha256,
    )
    return {
        "Stripe-Signature": f"t={timestamp},v1={stripe.hexdigest()}",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(standard.digest()).decode()}",
    }
