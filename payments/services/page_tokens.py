"""The secret address of a payment's hosted page: derived, so nothing has to be stored."""

import hmac
from uuid import UUID

from kernel import tenancy
from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id
from kernel.seal import derived_key, derived_keys
from platforms import facade as platforms

PURPOSE = "payment-page"
LENGTH = 26


def token(intent_id: UUID) -> str:
    """Says which payment, and proves that we said so."""
    return public_id("pay", intent_id)[4:] + _proof(derived_key(PURPOSE, _salt(intent_id)))


def intent_of(text: str) -> UUID:
    """The payment of a token; addresses from before a change of the master key are good until the
    old key is dropped. Raises NotFound."""
    if len(text) != 2 * LENGTH or not text.isascii():
        raise NotFound
    intent_id = parse_public_id("pay", f"pay_{text[:LENGTH]}")
    keys = derived_keys(PURPOSE, _salt(intent_id))
    if not any(hmac.compare_digest(text[LENGTH:], _proof(key)) for key in keys):
        raise NotFound
    return intent_id


def address(intent_id: UUID) -> str:
    """The whole address of the page."""
    return platforms.platform_url(f"/pay/{token(intent_id)}/")


def _proof(key: bytes) -> str:
    return public_id("see", UUID(bytes=key[:16]))[4:]


def _salt(intent_id: UUID) -> bytes:
    return tenancy.current_id().bytes + intent_id.bytes
