"""Who acts: carried along in the context, written into every audit row and event."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from kernel.errors import NotPermitted

# What no role must include: one's own account, and what anybody sees.
OWN, PUBLIC = "own", "public"
EVERYONES = frozenset({OWN, PUBLIC})
KINDS = ("operator", "merchant", "buyer", "guest", "system")


@dataclass(frozen=True)
class Actor:
    """A key's or a signed-in person's authority on one platform.

    ``id`` is the person's or key's id; ``merchant_id`` the merchant on whose behalf it acts;
    ``scopes`` the permitted scopes, ``"*"`` for all of its kind; ``permissions`` what the role of a
    person on a staff includes (``"*"``: everything; keys are limited by scopes alone).
    """

    kind: str
    id: UUID | None = None
    merchant_id: UUID | None = None
    person_id: UUID | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    label: str = ""
    live: bool = False
    permissions: frozenset[str] = frozenset({"*"})

    @property
    def buyer_id(self) -> UUID | None:
        """Who buys, where a buyer acts; None for everybody else."""
        return self.person_id if self.kind == "buyer" else None

    def may(self, scope: str) -> bool:
        """Whether ``scope`` (``catalog:write``) is granted."""
        return scope in self.scopes or "*" in self.scopes

    def holds(self, *permissions: str) -> bool:
        """Whether the role includes one of these permissions (``stock``); ``own`` and ``public``
        are everybody's."""
        return bool({"*", *permissions} & self.permissions) or bool(EVERYONES & {*permissions})


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


def must_hold(*permissions: str) -> None:
    """Raise NotPermitted unless the role of who acts includes one of these permissions."""
    if not current_actor().holds(*permissions):
        raise NotPermitted(permission=permissions[0])
