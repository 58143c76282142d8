"""Signatures over webhook bodies, in the two forms that receivers' libraries know.

One secret serves both: ``whsec_`` and base64 of 32 random bytes. Standard Webhooks keys its HMAC
with the decoded bytes, the ``t=…,v1=…`` form with the whole text.
"""

import base64
import hmac
import os

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret."""
    return PREFIX + base64.b64encode(os.urandom(32)).decode()


def signature_headers(
    secrets: list[str], *, message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The headers of one POST; with several secrets (after a rotation) one signature for each."""
    standard = f"{message_id}.{timestamp}.".encode() + body
    dotted = f"{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_standard(s, standard)}" for s in secrets),
        "Quancheng-Signature": ",".join(
            [f"t={timestamp}", *(f"v1={_dotted(secret, dotted)}" for secret in secrets)]
        ),
    }


def _standard(secret: str, message: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def _dotted(secret: str, message: bytes) -> str:
    return hmac.digest(secret.encode(), message, "sha256").hex()
