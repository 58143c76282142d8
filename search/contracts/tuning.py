"""What an operator sees of the tuning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class RuleInfo:
    """A rule of the draft. ``product_ids`` are public ids, ``condition`` filters as JSON."""

    id: UUID
    name: str
    kind: str
    enabled: bool
    match: str
    queries: tuple[str, ...]
    category_path: str
    product_ids: tuple[str, ...]
    condition: Mapping[str, Any]
    points: Any
    starts_at: datetime | None
    ends_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class SynonymInfo:
    """A group of the draft; with ``source`` it works one way only."""

    id: UUID
    language: str
    source: str
    terms: tuple[str, ...]
    enabled: bool
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class RedirectInfo:
    """A redirect of the draft; ``target`` is a path below the platform."""

    id: UUID
    match: str
    queries: tuple[str, ...]
    target: str
    enabled: bool
    starts_at: datetime | None
    ends_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class VersionInfo:
    """A published version. ``current``: searches use it now."""

    id: UUID
    number: int
    note: str
    restored_from: int | None
    published_by: UUID | None
    created_at: datetime
    current: bool
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One thing in which the draft differs from what is published: ``kind`` (``rule``,
    ``synonym``, ``redirect``, ``weights``), ``change`` (``added``, ``changed``, ``removed``)."""

    kind: str
    change: str
    name: str


@dataclass(frozen=True)
class DraftInfo:
    """The draft as a whole: its weights, what differs, and the number that is published."""

    weights: Mapping[str, Any]
    published: int
    version: int
    differences: tuple[Difference, ...]
