"""Wrapping private keys under the deployment's master key (kernel.seal, kernel.rotation)."""

from uuid import UUID

from kernel import seal

PURPOSE = "certification.key"


def current() -> str:
    """The id of the master key that wraps now."""
    return seal.current_id()


def bound_to(platform_id: UUID, key_id: UUID) -> bytes:
    """What a wrapped key belongs to: it opens in no other row."""
    return platform_id.bytes + key_id.bytes


def wrap(plain: bytes, *, bound: bytes) -> tuple[str, bytes]:
    """The master key's id, and ``plain`` wrapped under it."""
    return current(), seal.wrap(plain, purpose=PURPOSE, bound=bound)


def unwrap(sealed: bytes, *, bound: bytes) -> bytes | None:
    """The plain bytes; None when none of the configured master keys wrapped them."""
    return seal.unwrap(sealed, purpose=PURPOSE, bound=bound)
