"""Sealing bytes at rest under a key derived from the deployment's master key."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12


def derived_key(purpose: str, salt: bytes = b"") -> bytes:
    """32 bytes for one purpose (and salt), from ``PERSONAL_DATA_KEY``."""
    master = settings.PERSONAL_DATA_KEY.encode()
    return hmac.new(master, purpose.encode() + b"\x00" + salt, hashlib.sha256).digest()


def seal_bytes(key: bytes, plain: bytes) -> bytes:
    """AES-256-GCM: nonce, then ciphertext and tag."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def open_bytes(key: bytes, sealed: bytes) -> bytes | None:
    """The plain bytes, or None when the key isn't the right one."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except InvalidTag:
        return None
