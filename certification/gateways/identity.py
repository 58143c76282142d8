"""What a provider of identity checks (实名核验) must be able to do.

Every question carries a key; the same key again is the same question, so a question whose answer
was lost may be asked again. ``find`` is how a timeout is resolved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

MATCH = "match"
MISMATCH = "mismatch"
NO_RECORD = "no_record"
PHOTO_MISMATCH = "photo_mismatch"
EXPIRED = "expired"
REFUSED = "refused"  # the provider won't answer this question
SENT = "sent"  # the small amount is on its way; its amount is to be named
FAILED = "failed"  # the small amount couldn't be sent
PENDING = "pending"  # the answer comes later
UNKNOWN = "unknown"  # no answer was heard; it may or may not have been asked


@dataclass(frozen=True)
class Question:
    """``kind`` is ``registry``, ``portrait`` or ``account``; ``fields`` are personal."""

    key: UUID
    kind: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """What the provider says."""

    outcome: str
    provider_id: str = ""


class IdentityChecker(Protocol):
    """A provider; called outside transactions."""

    def ask(self, question: Question) -> Finding:
        """Ask, or ask again under the same key."""
        ...

    def find(self, question: Question, provider_id: str) -> Finding:
        """What became of a question asked before; UNKNOWN when nothing was heard."""
        ...

    def check_amount(self, provider_id: str, amount: int) -> Finding:
        """Whether this (minor units) is the small amount that was sent: MATCH or MISMATCH."""
        ...
