"""Ids and secrets as the outside parties make them: a prefix, then sortable or random letters."""

import hashlib
import secrets
import string

from kernel.ids import public_id, uuid7

_LETTERS = string.ascii_letters + string.digits


def new(prefix: str) -> str:
    """A fresh id; later ones sort after earlier ones."""
    return public_id(prefix, uuid7())


def random(length: int) -> str:
    """Unguessable letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def digest(text: str) -> str:
    """SHA-256 in hex. Secret keys are long and random, so a slow hash would add nothing."""
    return hashlib.sha256(text.encode()).hexdigest()
