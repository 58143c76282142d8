"""Who acts: carried along in the context, written into every audit row and event."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

KINDS = ("operator", "merchant", "buyer", "guest", "system")


@dataclass(frozen=True)
class Actor:
    """A key's or a signed-in person's authority on one platform.

    ``id`` is the person's or key's id; ``merchant_id`` the merchant on whose behalf it acts;
    ``scopes`` the permitted scopes, ``"*"`` for all of its kind.
    """

    kind: str
    id: UUID | None = None
    merchant_id: UUID | None = None
    person_id: UUID | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    label: str = ""
    live: bool = False

    def may(self, scope: str) -> bool:
        """Whether ``scope`` (``catalog:write``) is granted."""
        return scope in self.scopes or "*" in self.scopes


SYSTEM = Actor(kind="system", label="system", scopes=frozenset({"*"}))
GUEST = Actor(kind="guest", label="guest")
_actor: ContextVar[Actor] = ContextVar("current_actor", default=SYSTEM)


def current_actor() -> Actor:
    """The acting one; the system itself when nobody else is named."""
    return _actor.get()


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Act as ``actor`` inside the block."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)
