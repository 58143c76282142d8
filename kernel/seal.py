"""Sealing bytes at rest under keys derived from the deployment's master key (主密钥).

``PERSONAL_DATA_KEY`` is the master key in use; ``PERSONAL_DATA_KEY_PREVIOUS`` names those before
it, newest first, for as long as something is still wrapped under them. What ``wrap`` makes carries
the id of its master key, so that both can be read while ``manage.py rotate_keys`` re-wraps.
"""

import functools
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

ID_LENGTH = 8
_NONCE = 12
_MARK = b"w1"
_HEAD = len(_MARK) + ID_LENGTH


@functools.cache
def id_of(master: str) -> str:
    """A master key's id: 8 hex digits that tell nothing about the key."""
    digest = hmac.new(master.encode(), b"master-key-id", hashlib.sha256).hexdigest()
    return digest[:ID_LENGTH]


def masters() -> dict[str, str]:
    """Every configured master key by its id, the one in use first."""
    known = [settings.PERSONAL_DATA_KEY, *settings.PERSONAL_DATA_KEY_PREVIOUS]
    return {id_of(master): master for master in known}


def current_id() -> str:
    """The id of the master key that wraps now."""
    return id_of(settings.PERSONAL_DATA_KEY)


def derived_key(purpose: str, salt: bytes = b"", *, master: str | None = None) -> bytes:
    """32 bytes for one purpose (and salt), from the master key in use or from ``master``."""
    secret = settings.PERSONAL_DATA_KEY if master is None else master
    return hmac.new(secret.encode(), purpose.encode() + b"\x00" + salt, hashlib.sha256).digest()


def derived_keys(purpose: str, salt: bytes = b"") -> list[bytes]:
    """As ``derived_key`` from every configured master key, the one in use first: to check what
    may have been made before a rotation."""
    return [derived_key(purpose, salt, master=master) for master in masters().values()]


def wrap(plain: bytes, *, purpose: str, bound: bytes = b"") -> bytes:
    """``plain`` under the master key in use: mark, key id, nonce, ciphertext and tag. ``bound``
    ties it to what it is for; opening needs the same."""
    return _MARK + current_id().encode() + seal_bytes(derived_key(purpose, bound), plain)


def unwrap(sealed: bytes, *, purpose: str, bound: bytes = b"") -> bytes | None:
    """The plain bytes; None when none of the configured master keys wrapped them."""
    named = masters().get(wrapped_by(sealed))
    if named is not None:
        opened = open_bytes(derived_key(purpose, bound, master=named), sealed[_HEAD:])
        if opened is not None:
            return opened
    for key in derived_keys(purpose, bound):  # made before wrapped bytes named their key
        opened = open_bytes(key, sealed)
        if opened is not None:
            return opened
    return None


def wrapped_by(sealed: bytes) -> str:
    """The id of the master key that wrapped these bytes; empty when they don't say."""
    if not sealed.startswith(_MARK):
        return ""
    return sealed[len(_MARK) : _HEAD].decode("ascii", "replace")


def rewrapped(sealed: bytes, *, purpose: str, bound: bytes = b"") -> bytes:
    """The same under the master key in use; itself when it is already. Raises RuntimeError when
    no configured key opens it."""
    if wrapped_by(sealed) == current_id():
        return sealed
    plain = unwrap(sealed, purpose=purpose, bound=bound)
    if plain is None:
        raise RuntimeError(
            f"None of the configured master keys opens what {wrapped_by(sealed) or 'an old key'} "
            f"wrapped for {purpose}: name that key in PERSONAL_DATA_KEY_PREVIOUS."
        )
    return wrap(plain, purpose=purpose, bound=bound)


def seal_bytes(key: bytes, plain: bytes) -> bytes:
    """AES-256-GCM: nonce, then ciphertext and tag."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def open_bytes(key: bytes, sealed: bytes) -> bytes | None:
    """The plain bytes, or None when the key isn't the right one."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except (InvalidTag, ValueError):
        return None
