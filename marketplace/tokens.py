"""Secrets by which a guest is known: a cart's token, and a link to an order.

A cart's token is drawn by chance, told once and stored as a hash. An order's token is derived
from the deployment's key, so nothing needs to be stored to send the guest a link later.
"""

import hashlib
import hmac
import secrets
from uuid import UUID

from kernel import tenancy
from kernel.ids import public_id
from kernel.seal import derived_key, derived_keys

PREFIX = "cart_"


def new_cart_token() -> str:
    """A fresh secret of 192 bits."""
    return PREFIX + secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """What is stored of a cart's token; it is long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def order_token(group_id: UUID) -> str:
    """The secret that shows a group's orders to who has no account."""
    return _order_token(derived_key("order-token", _salt(group_id)))


def is_order_token(token: str, group_id: UUID) -> bool:
    """Whether ``token`` is the group's; compared in constant time. Links from before a change of
    the master key are good until the old key is dropped."""
    keys = derived_keys("order-token", _salt(group_id))
    return any(hmac.compare_digest(token.encode(), _order_token(key).encode()) for key in keys)


def _order_token(key: bytes) -> str:
    return public_id("see", UUID(bytes=key[:16]))


def _salt(group_id: UUID) -> bytes:
    return tenancy.current_id().bytes + group_id.bytes
