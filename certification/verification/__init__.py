"""Verification (验证): what a signed document proves, and what it doesn't, with the true reason.

Pure: bytes, trust anchors and a time go in, a report comes out; nothing is stored or fetched. The
product's own judgement is checked in tests against openssl, pdfsig and EU DSS.

Its words are here; ``package`` and ``pdf`` do the work and load pyHanko: import them where they are
used.
"""

from certification.verification.evidence import Evidence
from certification.verification.findings import (
    LIMIT,
    DocumentReport,
    Finding,
    Problem,
    SignatureReport,
    Verdict,
)

__all__ = [
    "LIMIT",
    "DocumentReport",
    "Evidence",
    "Finding",
    "Problem",
    "SignatureReport",
    "Verdict",
]
