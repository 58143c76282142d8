"""An engine in memory that can be made to fail: what indexing is tried on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from search.contracts import (
    Document,
    DocumentType,
    EngineStatus,
    Entry,
    Failure,
    Generation,
    Hit,
    Hits,
    Operation,
    Query,
    Suggestion,
    Suggestions,
    SuggestQuery,
    WriteReport,
)
from search.documents.physical import checksum
from search.errors import EngineDown, NoIndex


@dataclass
class Physical:
    """One generation: the highest version of each id, and the live documents."""

    doc_type: str
    versions: dict[str, int] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)


@dataclass
class MemoryEngine:
    """``down``: it doesn't answer. ``refuses``: ids it can't index. ``explodes``: ids on which it
    stumbles. ``loses``: ids it only says it has written. ``before_write``: called with each batch,
    may raise."""

    name: str = "memory"
    layout: int = 0
    down: bool = False
    refuses: set[str] = field(default_factory=set)
    explodes: set[str] = field(default_factory=set)
    loses: set[str] = field(default_factory=set)
    before_write: Callable[[Sequence[Operation]], None] = lambda operations: None
    store: dict[str, Physical] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    batches: list[tuple[str, int]] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    def _up(self) -> None:
        if self.down:
            raise EngineDown("it was switched off")

    def _at(self, doc_type: DocumentType, generation: str | None) -> Physical:
        self._up()
        name = generation or self.aliases.get(doc_type.name)
        if name is None or name not in self.store:
            raise NoIndex(str(name))
        return self.store[name]

    def live(self, kind: str, platform: Any, generation: str | None = None) -> dict[str, Document]:
        """The documents of a platform, by id."""
        name = generation or self.aliases[kind]
        found = self.store[name].documents
        return {key: one for key, one in found.items() if one.platform == str(platform)}

    def write(
        self,
        *,
        doc_type: DocumentType,
        operations: Sequence[Operation],
        generation: str | None = None,
        refresh: bool = False,
    ) -> WriteReport:
        physical = self._at(doc_type, generation)
        self.before_write(operations)
        self.batches.append((generation or "", len(operations)))
        if self.explodes & {one.id for one in operations}:
            raise RuntimeError("the engine stumbled")
        failed, stale, written, deleted = [], 0, 0, 0
        for one in operations:
            if one.id in self.refuses:
                failed.append(Failure(one.id, one.version, "it doesn't fit the index"))
            elif one.id in self.loses:
                written += 1
            elif one.version <= physical.versions.get(one.id, 0):
                stale += 1
            else:
                physical.versions[one.id] = one.version
                if isinstance(one, Document):
                    physical.documents[one.id] = one
                    written += 1
                else:
                    physical.documents.pop(one.id, None)
                    deleted += 1
        return WriteReport(written, deleted, stale, tuple(failed))

    def _seen(
        self, platform: str, doc_type: DocumentType, visible_to: tuple[str, ...], excluded: Any
    ) -> list[Document]:
        gone = {ref: set(values) for ref, values in excluded}
        return [
            one
            for key, one in sorted(self._at(doc_type, None).documents.items())
            if one.platform == platform
            and set(one.visible_to) & set(visible_to)
            and key not in gone.get("id", ())
            and one.fields.get("merchant") not in gone.get("merchant", ())
        ]

    def search(self, *, platform: str, doc_type: DocumentType, query: Query) -> Hits:
        self.asked.append(query)
        seen = self._seen(platform, doc_type, query.visible_to, query.excluded)
        words = query.text.casefold().split()
        seen = [one for one in seen if all(w in str(one.fields["title"]).casefold() for w in words)]
        hits = tuple(Hit(one.id, 1.0, one.fields) for one in seen[: query.size])
        return Hits(total=len(seen), hits=hits, full=len(seen), engine=self.name)

    def suggest(self, *, platform: str, doc_type: DocumentType, query: SuggestQuery) -> Suggestions:
        seen = self._seen(platform, doc_type, query.visible_to, query.excluded)
        found = [
            Suggestion(one.id, text, text)
            for one in seen
            for text in [str(one.fields["title"].get(query.language, ""))]
            if query.text.casefold() in text.casefold()
        ]
        return Suggestions(tuple(found[: query.size]))

    def count(self, *, platform: str, doc_type: DocumentType, generation: str | None = None) -> int:
        found = self._at(doc_type, generation).documents.values()
        return sum(one.platform == platform for one in found)

    def scroll(
        self,
        *,
        platform: str,
        doc_type: DocumentType,
        generation: str | None = None,
        after: str = "",
        limit: int = 10_000,
    ) -> Iterator[Entry]:
        found = self._at(doc_type, generation).documents
        keys = sorted(k for k, one in found.items() if one.platform == platform and k > after)
        for key in keys[:limit]:
            yield Entry(key, platform, found[key].version, checksum(found[key]))

    def analyze(self, *, text: str, language: str) -> Sequence[str]:
        return text.split()

    def create(self, *, doc_type: DocumentType, generation: str) -> None:
        self._up()
        self.store.setdefault(generation, Physical(doc_type.name))

    def refresh(self, *, doc_type: DocumentType, generation: str | None = None) -> None:
        self._at(doc_type, generation)

    def swap(self, *, doc_type: DocumentType, generation: str) -> str | None:
        self._at(doc_type, generation)
        before = self.aliases.get(doc_type.name)
        self.aliases[doc_type.name] = generation
        return before

    def drop(self, *, doc_type: DocumentType, generation: str) -> None:
        self._up()
        assert self.aliases.get(doc_type.name) != generation
        self.store.pop(generation, None)

    def current(self, *, doc_type: DocumentType) -> str | None:
        self._up()
        return self.aliases.get(doc_type.name)

    def generations(self, *, doc_type: DocumentType) -> Sequence[Generation]:
        self._up()
        current = self.aliases.get(doc_type.name)
        return [
            Generation(name, one.doc_type, name[-8:], name == current, len(one.documents))
            for name, one in self.store.items()
            if one.doc_type == doc_type.name
        ]

    def status(self, *, doc_types: Sequence[DocumentType] = ()) -> EngineStatus:
        if self.down:
            return EngineStatus(self.name, False, "it was switched off")
        found = [one for kind in doc_types for one in self.generations(doc_type=kind)]
        return EngineStatus(self.name, True, generations=found)

    def close(self) -> None:
        return None
