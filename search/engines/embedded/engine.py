"""The embedded engine: tantivy on this machine's disk, behind the port."""

import os
from collections.abc import Iterator, Mapping, Sequence

import structlog
import tantivy
from tantivy import FieldType, Occur, Order
from tantivy import Query as Q

from search.contracts import (
    Document,
    DocumentType,
    EngineStatus,
    Entry,
    Failure,
    Generation,
    Operation,
    Query,
    SuggestQuery,
    WriteReport,
)
from search.documents.physical import CHECKSUM, ID, PLATFORM, VERSION, Unindexable, render
from search.engines.base import Vocabulary
from search.engines.embedded.finding import Finding
from search.engines.embedded.schema import (
    LAYOUT,
    MARK,
    RANK,
    TIES,
    as_document,
    as_mark,
    rank,
    tie_parts,
)
from search.engines.embedded.store import Opened, Store, matches
from search.engines.embedded.vocabulary import EmbeddedVocabulary
from search.engines.searching import Found, Searching
from search.errors import EngineDown
from search.query.clauses import Clause, Equals
from search.query.plan import Plan
from search.query.planner import guard

log = structlog.get_logger(__name__)
PAGE = 5_000


class EmbeddedEngine(Searching):
    """See ``search.engines.base``. ``root``: the folder of all indexes."""

    name = "embedded"
    layout = LAYOUT

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.store = Store(root)

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def _reading(
        self, *, platform: str, doc_type: DocumentType, query: Query | SuggestQuery
    ) -> tuple[str, Vocabulary]:
        opened = self.store.open(doc_type)
        sight = guard(
            doc_type,
            platform=platform,
            visible_to=query.visible_to,
            excluded=query.excluded,
        )
        return opened.name, EmbeddedVocabulary(opened, sight)

    def _find(self, plan: Plan, *, generation: str, vocabulary: Vocabulary) -> Found:
        assert isinstance(vocabulary, EmbeddedVocabulary)
        return Finding(vocabulary.opened, vocabulary.searcher, plan).found()

    def _points(
        self, clauses: Sequence[Clause], ids: Sequence[str], *, vocabulary: Vocabulary
    ) -> Sequence[Mapping[str, float]]:
        assert isinstance(vocabulary, EmbeddedVocabulary)
        searcher, translator = vocabulary.searcher, vocabulary.opened.translator
        among = translator.every([Equals(ID, tuple(ids))])
        out = []
        for clause in clauses:
            query = Q.boolean_query([*among, (Occur.Must, translator.scored(clause))])
            hits = searcher.search(query, len(ids), count=False).hits
            out.append({str(searcher.doc(at).get_first(ID)): float(s) for s, at in hits})
        return out

    def count(self, *, platform: str, doc_type: DocumentType, generation: str | None = None) -> int:
        """How many live documents the platform has."""
        opened = self.store.open(doc_type, generation)
        query = opened.translator.filter(Equals(PLATFORM, (platform,)))
        return matches(opened.seen(), query)

    def scroll(
        self,
        *,
        platform: str,
        doc_type: DocumentType,
        generation: str | None = None,
        after: str = "",
        limit: int = 10_000,
    ) -> Iterator[Entry]:
        """Live documents by ascending id after ``after``, at most ``limit``."""
        opened = self.store.open(doc_type, generation)
        searcher = opened.seen()
        mine = opened.translator.filter(Equals(PLATFORM, (platform,)))
        left = limit
        while left > 0:
            parts = [(Occur.Must, mine), *_beyond(opened, after)]
            size = min(PAGE, left) + 1  # ``after`` itself may come again
            hits = searcher.search(
                Q.boolean_query(parts), size, count=False, order_by_field=ID, order=Order.Asc
            ).hits
            versions = searcher.fast_field_values(VERSION, [at for _, at in hits])
            for (key, at), version in zip(hits, versions, strict=True):
                if str(key) > after and left > 0:
                    found = searcher.doc(at).get_first(CHECKSUM)
                    after, left = str(key), left - 1
                    yield Entry(after, platform, int(version or 0), str(found or ""))
            if len(hits) < size:
                return

    # ── writing ──────────────────────────────────────────────────────────────────────────────

    def create(self, *, doc_type: DocumentType, generation: str) -> None:
        """A new, empty generation."""
        self.store.create(doc_type, generation)

    def write(
        self,
        *,
        doc_type: DocumentType,
        operations: Sequence[Operation],
        generation: str | None = None,
        refresh: bool = False,
    ) -> WriteReport:
        """One commit: the versions in it are as durable as the documents."""
        opened = self.store.open(doc_type, generation)
        newest: dict[str, Operation] = {}
        for one in operations:
            if one.id not in newest or one.version > newest[one.id].version:
                newest[one.id] = one
        stale = len(operations) - len(newest)
        failed: list[Failure] = []
        written = deleted = 0
        with opened.lock:
            try:
                writer = opened.writing()
                known = _versions(opened, list(newest))
                for one in newest.values():
                    if one.version <= known.get(one.id, 0):
                        stale += 1
                        continue
                    try:
                        ready = _ready(opened, one)
                    except (Unindexable, ValueError, TypeError) as error:
                        failed.append(Failure(one.id, one.version, str(error)))
                        continue
                    if one.id in known:
                        writer.delete_documents_by_term(ID, one.id)
                    writer.add_document(ready)
                    written += isinstance(one, Document)
                    deleted += not isinstance(one, Document)
                if written or deleted:
                    writer.commit()
            except (OSError, ValueError) as error:
                opened.writer = None  # what wasn't committed is gone with it
                raise EngineDown(str(error)) from error
            if refresh:
                opened.seen()
        return WriteReport(written, deleted, stale, tuple(failed))

    def refresh(self, *, doc_type: DocumentType, generation: str | None = None) -> None:
        """Everything written is visible already; its words become known to correction."""
        opened = self.store.open(doc_type, generation)
        opened.seen()
        EmbeddedVocabulary(opened, ()).forget()

    def swap(self, *, doc_type: DocumentType, generation: str) -> str | None:
        """Rename the pointer."""
        self.store.open(doc_type, generation)
        before = self.store.current(doc_type)
        self.store.point(doc_type, generation)
        return before

    def drop(self, *, doc_type: DocumentType, generation: str) -> None:
        """Remove a generation that isn't current."""
        if generation == self.store.current(doc_type):
            raise ValueError("the current generation can't be dropped")
        self.store.drop(doc_type, generation)

    def current(self, *, doc_type: DocumentType) -> str | None:
        """The current generation's name."""
        return self.store.current(doc_type)

    def generations(self, *, doc_type: DocumentType) -> Sequence[Generation]:
        """All of them, oldest first."""
        current = self.store.current(doc_type)
        return [
            Generation(
                name=name,
                doc_type=doc_type.name,
                fingerprint=name.rpartition("-")[2],
                current=name == current,
                documents=_live(self.store.open(doc_type, name)),
                size_bytes=self.store.size(doc_type, name),
            )
            for name in self.store.names(doc_type)
        ]

    def status(self, *, doc_types: Sequence[DocumentType] = ()) -> EngineStatus:
        """Whether the current indexes can be read."""
        try:
            found = [one for kind in doc_types for one in self.generations(doc_type=kind)]
            for kind in doc_types:
                if self.store.current(kind) is not None:
                    self.store.open(kind).seen()
        except Exception as error:  # whatever it is, it is the answer
            return EngineStatus(self.name, False, str(error))
        return EngineStatus(self.name, True, "", found)

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()


def _ready(opened: Opened, one: Operation) -> tantivy.Document:
    if isinstance(one, Document):
        ready = as_document(opened.doc_type, render(opened.doc_type, one))
    else:
        ready = as_mark(one)
    if opened.ranked:
        ready.add_unsigned(RANK, rank(one.id))
    return ready


def _versions(opened: Opened, ids: list[str]) -> dict[str, int]:
    """The highest version known of each id, marks of deletions included."""
    if not ids:
        return {}
    searcher = opened.seen()
    if not searcher.num_docs:
        return {}
    query = Q.term_set_query(opened.index.schema, ID, ids)
    hits = searcher.search(query, len(ids) + 1, count=False).hits
    addresses = [address for _, address in hits]
    versions = searcher.fast_field_values(VERSION, addresses)
    return {
        str(searcher.doc(at).get_first(ID)): int(version or 0)
        for at, version in zip(addresses, versions, strict=True)
    }


def _live(opened: Opened) -> int:
    """Documents that aren't marks of deletions."""
    searcher = opened.seen()
    return int(searcher.num_docs) - matches(searcher, Q.exists_query(MARK))


def _beyond(opened: Opened, after: str) -> list[tuple[Occur, Q]]:
    """Ids from ``after`` on, by the numbers that sort like them."""
    if not after:
        return []
    schema, parts = opened.index.schema, tie_parts(after)
    out = []
    for depth in range(len(TIES)):
        some = [
            Q.range_query(schema, name, FieldType.Unsigned, part, part)
            for name, part in zip(TIES[:depth], parts[:depth], strict=True)
        ]
        last = depth == len(TIES) - 1
        some.append(
            Q.range_query(
                schema, TIES[depth], FieldType.Unsigned, parts[depth], None, include_lower=last
            )
        )
        out.append((Occur.Should, Q.boolean_query([(Occur.Must, one) for one in some])))
    return [(Occur.Must, Q.boolean_query(out))]
