"""How a platform's index is, as its operators see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Work:
    """A rebuild, a way back to an earlier index, or a wide change that is being followed.
    ``total`` 0: not known yet. A rebuild is of all platforms, so it is told in hundredths: how much
    the others have is none of this one's business."""

    kind: str
    doc_type: str
    state: str
    step: str
    done: int
    total: int
    since: datetime


@dataclass(frozen=True)
class SetAside:
    """A document that can't be built or indexed, and why. ``name``: its title; ``again_at``: when
    it is tried by itself."""

    id: UUID
    doc_type: str
    document_id: str
    name: str
    reason: str
    attempts: int
    since: datetime
    again_at: datetime


@dataclass(frozen=True)
class IndexState:
    """``up``: whether the engine answers now. ``caught_up_at``: what was committed before then can
    be found; None: nothing was ever indexed. ``single`` and ``bulk``: documents that wait."""

    engine: str
    up: bool
    caught_up_at: datetime | None
    single: int
    bulk: int
    set_aside: int
    work: tuple[Work, ...]
