"""What the engine needs from outside: who holds the key, what proves its certificate, the time."""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class Level(enum.StrEnum):
    """Baseline levels of ETSI EN 319 142-1 (PAdES): what a signature carries with it."""

    B = "B-B"
    """The signature and the signer's chain."""
    T = "B-T"
    """… and a trusted time (RFC 3161)."""
    LT = "B-LT"
    """… and the certificates and revocation data of that time."""
    LTA = "B-LTA"
    """… and a document timestamp over all of it, which can be renewed."""


@dataclass(frozen=True)
class Holder:
    """One signer: a P-256 certificate and the use of its key.

    ``sign`` gets the message (not its digest) and returns an ECDSA-with-SHA-256 signature in DER;
    the private key itself never comes here. ``chain`` holds the issuers, nearest first, the root
    last. All certificates are DER.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True)
class ValidationData:
    """What proves a chain at a time: certificates, OCSP responses and CRLs, all DER."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def __add__(self, other: "ValidationData") -> "ValidationData":
        return ValidationData(
            _once(self.certificates, other.certificates),
            _once(self.ocsps, other.ocsps),
            _once(self.crls, other.crls),
        )


@dataclass(frozen=True)
class TimestampService:
    """An RFC 3161 authority.

    ``answer`` turns a DER TimeStampReq into a DER TimeStampResp; ``certificate`` and ``chain`` are
    the authority's own (DER, root last).
    """

    answer: Callable[[bytes], bytes]
    certificate: bytes
    chain: tuple[bytes, ...] = field(default=())


@dataclass(frozen=True)
class Appearance:
    """What is shown. ``picture`` is a PNG, JPEG or SVG; sizes are in points (1/72 inch)."""

    name: str
    at: datetime
    note: str = ""
    picture: bytes = b""
    width: float = 180
    height: float = 60


class SigningRefused(Exception):
    """The document can't be signed; the text says why."""


@dataclass(frozen=True)
class Placement:
    """Where the signature stands: 0-based page (-1: the last), box in points from below left."""

    field: str
    page: int = -1
    left: float = 0
    bottom: float = 0
    width: float = 0
    height: float = 0

    @property
    def visible(self) -> bool:
        return self.width > 0 and self.height > 0


class Revocation(Protocol):
    """Where the proof of a chain comes from."""

    def proof(self, certificate: bytes, chain: tuple[bytes, ...]) -> ValidationData:
        """Fresh OCSP response of ``certificate``, CRLs of its issuers, and their certificates."""
        ...


def _once(*groups: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
