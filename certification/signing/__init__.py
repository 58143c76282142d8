"""The signing engine (签署): PAdES on PDFs by P-256, detached SM2 signatures, renewal of proof.

It knows nothing of the database or of who may sign: keys, certificates, revocation data and
timestamps come through ``ports``. Nothing here opens a connection. Its words are here; the work is
in ``pades``, ``appearance`` and ``reading``, which load pyHanko (a second, and tens of MiB): import
them where they are used, not where a process starts.
"""

from certification.signing.ports import (
    Appearance,
    Holder,
    Level,
    Placement,
    Revocation,
    SigningRefused,
    TimestampService,
    ValidationData,
)

__all__ = [
    "Appearance",
    "Holder",
    "Level",
    "Placement",
    "Revocation",
    "SigningRefused",
    "TimestampService",
    "ValidationData",
]
