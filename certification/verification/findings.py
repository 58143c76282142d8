"""What verification says: findings with stable codes; texts for people are made elsewhere."""

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LIMIT = 50 * 1024 * 1024  # bytes of one upload


class Problem(enum.StrEnum):
    """Why something doesn't hold. Each is one true reason, never a summary."""

    # the document
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_READABLE = "not_readable"
    ENCRYPTED = "encrypted"
    TOO_COMPLEX = "too_complex"
    NO_SIGNATURE = "no_signature"
    # the content
    CHANGED = "changed"
    CHANGED_LATER = "changed_later"
    NOT_COVERED = "not_covered"
    BAD_SIGNATURE = "bad_signature"
    OTHER_CERTIFICATE = "other_certificate"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    # the certificate
    BROKEN_CHAIN = "broken_chain"
    UNKNOWN_ROOT = "unknown_root"
    WRONG_USE = "wrong_use"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    STATUS_UNKNOWN = "status_unknown"
    # the proof of time
    NO_TRUSTED_TIME = "no_trusted_time"
    TIME_NOT_PROVEN = "time_not_proven"
    # an evidence package
    FILE_MISSING = "file_missing"
    FILE_CHANGED = "file_changed"
    FILE_ADDED = "file_added"
    AUDIT_BROKEN = "audit_broken"
    DETACHED_BROKEN = "detached_broken"
    SEAL_BROKEN = "seal_broken"
    SEAL_UNTRUSTED = "seal_untrusted"


class Verdict(enum.StrEnum):
    """``valid`` holds; ``invalid`` is disproven; ``unproven`` lacks something to be sure."""

    VALID = "valid"
    INVALID = "invalid"
    UNPROVEN = "unproven"


# These disprove; every other problem only leaves something unproven.
DISPROVING = frozenset(
    {
        Problem.EMPTY, Problem.NOT_READABLE, Problem.CHANGED, Problem.CHANGED_LATER,
        Problem.NOT_COVERED, Problem.BAD_SIGNATURE, Problem.OTHER_CERTIFICATE,
        Problem.BROKEN_CHAIN, Problem.REVOKED, Problem.NOT_YET_VALID, Problem.FILE_MISSING,
        Problem.FILE_CHANGED, Problem.FILE_ADDED, Problem.AUDIT_BROKEN, Problem.DETACHED_BROKEN,
        Problem.SEAL_BROKEN, Problem.WRONG_USE,
    }
)  # fmt: skip

_OTHER_BYTES = {Problem.CHANGED, Problem.NOT_COVERED, Problem.BAD_SIGNATURE}


@dataclass(frozen=True)
class Finding:
    """One problem; ``params`` are what its sentence names (times, names, files)."""

    problem: Problem
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CertificateReport:
    """Whose certificate, by whom, and how it stood and stands."""

    subject: str
    issuer: str
    serial: str
    organisation: str
    valid_from: datetime
    valid_to: datetime
    status_then: str
    """good, revoked, suspended or unknown, at the time that is proven."""
    status_now: str
    """good, suspended, revoked, expired or unknown."""
    revoked_at: datetime | None = None
    test_only: bool = False


@dataclass(frozen=True)
class SignatureReport:
    """One signature. ``time`` is proven by a timestamp unless ``time_claimed_only``."""

    field: str
    kind: str
    """pdf, sm2 or seal."""
    signer: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    time: datetime | None
    time_claimed_only: bool
    level: str
    unchanged: bool
    certificate: CertificateReport | None
    reason: str = ""
    location: str = ""


@dataclass(frozen=True)
class TimestampReport:
    """One document timestamp."""

    field: str
    authority: str
    time: datetime
    verdict: Verdict
    findings: tuple[Finding, ...]
    valid_to: datetime

    @property
    def other_bytes(self) -> bool:
        """Whether it was made over something else than what is here."""
        return bool(_OTHER_BYTES & {found.problem for found in self.findings})


@dataclass(frozen=True)
class DocumentReport:
    """The whole answer about one upload."""

    kind: str
    """pdf, package, or unknown."""
    sha256: str
    size: int
    checked_at: datetime
    findings: tuple[Finding, ...] = ()
    signatures: tuple[SignatureReport, ...] = ()
    timestamps: tuple[TimestampReport, ...] = ()
    files: tuple[str, ...] = ()
    title: str = ""

    @property
    def verdict(self) -> Verdict:
        """Valid only if everything is. A timestamp that merely ended leaves its signature to be
        judged without it; one over other bytes tells that this isn't the file any more."""
        found = [verdict_of(self.findings), *(s.verdict for s in self.signatures)]
        found += [verdict_of(t.findings) for t in self.timestamps if t.other_bytes]
        if Verdict.INVALID in found:
            return Verdict.INVALID
        return Verdict.UNPROVEN if Verdict.UNPROVEN in found else Verdict.VALID


def verdict_of(findings: tuple[Finding, ...] | list[Finding]) -> Verdict:
    """What these findings amount to."""
    if any(found.problem in DISPROVING for found in findings):
        return Verdict.INVALID
    return Verdict.UNPROVEN if findings else Verdict.VALID
