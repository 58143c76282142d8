"""What is indexed, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from search.contracts.declare import PUBLIC, Texts


@dataclass(frozen=True)
class Attribute:
    """One typed value of a product: ``code`` (``moisture``), a text, number or yes/no, and the
    words people read and search (``labels``: language -> ``14% moisture``). A number comes in
    ``unit`` (UN/ECE code, P1 is per cent) and is kept in its dimension's base unit."""

    code: str
    value: str | int | float | Decimal | bool
    unit: str = ""
    labels: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class CategoryPath:
    """A place in the category tree: ids or slugs from the root, and the words of its names."""

    path: tuple[str, ...]
    names: tuple[Texts, ...] = ()


@dataclass(frozen=True)
class Document:
    """A document to index. ``id``: public id, unique everywhere. ``platform``: its platform's id as
    text. ``version``: external version, > 0, growing with each change of the source.
    ``visible_to``: who may see it; without ``PUBLIC`` it is a private one."""

    id: str
    platform: str
    version: int
    fields: Mapping[str, Any]
    visible_to: tuple[str, ...] = (PUBLIC,)


@dataclass(frozen=True)
class Tombstone:
    """A deletion. It is remembered with its version, so that a late write doesn't revive."""

    id: str
    platform: str
    version: int


Operation = Document | Tombstone


@dataclass(frozen=True)
class Failure:
    """One operation that an engine refused for good, to be set aside with its reason."""

    id: str
    version: int
    reason: str


@dataclass(frozen=True)
class WriteReport:
    """What became of a batch: ``stale`` operations were older than what the index knows."""

    written: int = 0
    deleted: int = 0
    stale: int = 0
    failed: tuple[Failure, ...] = ()
