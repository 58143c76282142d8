"""What goes into an evidence package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Detached:
    """A signature that lies beside the PDF, over its first ``length`` bytes. All DER."""

    party: str
    length: int
    signature: bytes
    certificate: bytes
    chain: tuple[bytes, ...]


@dataclass(frozen=True)
class Seal:
    """An SES signature (GB/T 38540) over the PDF's first ``length`` bytes, and the seal itself."""

    party: str
    length: int
    signature: bytes
    picture: bytes = b""


@dataclass(frozen=True)
class Contents:
    """What goes into a package. ``trail`` are lines of JSON, ``extra`` further files by name."""

    document: bytes
    title: str
    number: str
    document_id: str
    generation: int
    made_at: datetime
    parties: tuple[Mapping[str, Any], ...]
    trail: tuple[str, ...]
    consents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    detached: tuple[Detached, ...] = ()
    seals: tuple[Seal, ...] = ()
    extra: Mapping[str, bytes] = field(default_factory=dict)
    previous_sha256: str = ""
