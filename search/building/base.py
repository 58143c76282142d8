"""What builds the documents of one type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from kernel.ids import public_id
from search.contracts import Document, DocumentType, Operation, Tombstone


@dataclass
class Built:
    """``operations``: a document or a tombstone for each id that was asked for, less those in
    ``failures``: id -> why it couldn't be built."""

    operations: list[Operation] = field(default_factory=list)
    failures: dict[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Builder:
    """``read`` takes ids to what the documents are made from, in few queries, whatever their
    number; ``make`` makes one document's fields of it, None: it isn't to be found. ``page`` lists
    ids that may have a document, ascending; ``count`` says how many."""

    doc_type: DocumentType
    prefix: str
    read: Callable[[list[UUID]], "Mapping[UUID, Callable[[], Made | None]]"]
    page: Callable[[UUID | None, int], list[UUID]]
    count: Callable[[], int]

    def build(self, ids: Iterable[UUID], *, platform: UUID, version: int) -> Built:
        """Documents and tombstones of ``ids`` under one version, which the caller took before."""
        built, wanted = Built(), sorted(set(ids))
        makers = self.read(wanted)
        for one in wanted:
            try:
                made = makers[one]() if one in makers else None
            except Exception as error:
                built.failures[one] = f"{type(error).__name__}: {error}"[:500]
                continue
            name = public_id(self.prefix, one)
            built.operations.append(
                Tombstone(name, str(platform), version)
                if made is None
                else Document(name, str(platform), version, made.fields, made.visible_to)
            )
        return built


@dataclass(frozen=True)
class Made:
    """A document's fields and who may see it."""

    fields: Mapping[str, object]
    visible_to: tuple[str, ...]
