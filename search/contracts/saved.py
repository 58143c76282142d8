"""Kept searches as their owner sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Owner:
    """Whose kept searches: a person's own, or a merchant's."""

    person_id: UUID | None = None
    merchant_id: UUID | None = None


@dataclass(frozen=True)
class SavedSearchInfo:
    """A kept search. ``filters`` as JSON (``domain/asking``); ``unseen``: new matches that its
    owner hasn't looked at."""

    id: UUID
    name: str
    text: str
    doc_type: str
    filters: Mapping[str, Any]
    sort: str
    alert: bool
    unseen: int
    checked_at: datetime
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class MatchInfo:
    """A product that newly matched."""

    product_id: UUID
    found_at: datetime
    seen: bool
