"""Where private keys live, as a port: software now, an HSM by setting.

A store is a device beside the process, not an outside party: its calls take milliseconds and may be
made inside a transaction.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from certification.pki.algorithms import Algorithm, Signer


class KeyStoreProblem(RuntimeError):
    """The store can't do what is asked: missing module, wrong PIN, unknown key; says what helps."""


@dataclass(frozen=True)
class KeyRef:
    """A key by what its store gave back. ``handle``: the key itself or its name there, wrapped
    under the master key ``wrapped_by``, which ``kernel.rotation`` exchanges."""

    id: UUID
    platform_id: UUID
    algorithm: Algorithm
    spki: bytes
    handle: bytes
    wrapped_by: str


class KeyStore(Protocol):
    """Makes keys and uses them; a private key never leaves it in clear."""

    name: str

    def generate(self, *, id: UUID, platform_id: UUID, algorithm: Algorithm) -> KeyRef:
        """A new key pair. Raises KeyStoreProblem."""
        ...

    def signer(self, key: KeyRef) -> Signer:
        """The use of a key, opened once for many signatures. Raises KeyStoreProblem."""
        ...

    def destroy(self, key: KeyRef) -> None:
        """Forget the key for good, where the store itself keeps it."""
        ...
