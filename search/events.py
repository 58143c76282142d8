"""Facts this context publishes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class TuningPublished(Event):
    """Searches of the platform use another version of the operator's tuning."""

    NAME: ClassVar[str] = "search.tuning.published.v1"

    number: int


@dataclass(frozen=True)
class SavedSearchMatched(Event):
    """Products newly match a kept search; ``product_ids`` are the first 100 of ``count``."""

    NAME: ClassVar[str] = "search.saved_search.matched.v1"

    saved_search_id: UUID
    count: int
    product_ids: list[UUID]
