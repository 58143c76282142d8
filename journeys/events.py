"""Facts this context publishes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class ProductImportFinished(Event):
    """A list of products is through (``done``) or was cancelled; the counts are of products."""

    NAME: ClassVar[str] = "journeys.product_import.finished.v1"

    import_id: UUID
    merchant_id: UUID
    state: str
    made: int
    changed: int
    unchanged: int
    failed: int


@dataclass(frozen=True)
class PriceImportFinished(Event):
    """A list of a price list's prices is through (``done``) or was cancelled; the counts are of
    its rows."""

    NAME: ClassVar[str] = "journeys.price_import.finished.v1"

    import_id: UUID
    price_list_id: UUID
    merchant_id: UUID
    state: str
    made: int
    changed: int
    removed: int
    unchanged: int
    failed: int


@dataclass(frozen=True)
class ApplicationMoved(Event):
    """An application to become a merchant came into another state: ``submitted``, ``in_review``,
    ``needs_more``, ``approved``, ``open``, ``refused``, ``withdrawn``, ``closed``."""

    NAME: ClassVar[str] = "journeys.application.moved.v1"

    application_id: UUID
    merchant_id: UUID | None
    state: str
