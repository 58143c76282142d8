"""The words of an index within a viewer's sight, and words near an unknown one."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import tantivy
from tantivy import Occur
from tantivy import Query as Q

from kernel.memory import give_back
from search.analysis.normal import has_han
from search.documents.physical import SURFACE
from search.engines.embedded.store import Opened, matches
from search.query.clauses import AllOf, AnyOf, Clause, Term
from search.query.reading import token_fields

# A token in so many documents is known to everybody; counting who sees it would take longer.
COMMON = 2_000
SMALL = 5_000
STALE_SECONDS = 60.0
CANDIDATES = 50
_CACHED = 50_000
_READINGS = 2_000
T = TypeVar("T")


@dataclass
class Dictionary:
    """The surface words of one commit in an index of their own, for words nearby."""

    made: float
    stamp: tuple[int, int]
    words: int
    index: tantivy.Index
    searcher: tantivy.Searcher


@dataclass
class Memory:
    """What was counted and read in one commit."""

    searcher: tantivy.Searcher | None = None
    counts: OrderedDict[object, int] = field(default_factory=OrderedDict)
    words: OrderedDict[object, Any] = field(default_factory=OrderedDict)


@dataclass
class Kept:
    dictionary: Dictionary | None = None
    memory: Memory = field(default_factory=Memory)
    lock: threading.Lock = field(default_factory=threading.Lock)


def _kept(opened: Opened) -> Kept:
    """What is remembered of an opened generation's words."""
    found = opened.remembered
    if not isinstance(found, Kept):
        found = opened.remembered = Kept()
    return found


class EmbeddedVocabulary:
    """For one viewer; ``sight``: the filters that no read goes without."""

    def __init__(self, opened: Opened, sight: Sequence[Clause]) -> None:
        self.opened = opened
        self.sight = tuple(sight)
        self.searcher = opened.seen()
        self._kept = _kept(opened)
        memory = self._kept.memory
        if memory.searcher is not self.searcher:
            memory = self._kept.memory = Memory(self.searcher)
        self._memory = memory

    def ahead(self, terms: Sequence[tuple[str, str]]) -> None:
        """Asking costs nothing here."""

    def frequencies(self, terms: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """Documents with each token; exact up to ``COMMON``, above it of all platforms."""
        return {term: self._documents(*term) for term in terms}

    def _documents(self, name: str, token: str) -> int:
        whole = self.searcher.doc_freq(name, token)
        if whole == 0 or whole >= COMMON:
            return int(whole)
        key = (self.sight, name, token)
        counts = self._memory.counts
        found = counts.get(key)
        if found is None:
            query = self.opened.translator.filter(Term(name, token))
            found = self.count([(Occur.Must, query)])
            counts[key] = found
            if len(counts) > _CACHED:
                counts.popitem(last=False)
        return found

    def count(self, parts: list[tuple[Occur, Q]]) -> int:
        """How many documents in sight match."""
        query = Q.boolean_query([*parts, *self.opened.translator.every(self.sight)])
        return matches(self.searcher, query)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Remembered as long as the commit is the newest."""
        words, whole = self._memory.words, (self.sight, key)
        found: T | None = words.get(whole)
        if found is None:
            found = words[whole] = make()
            if len(words) > _READINGS:
                words.popitem(last=False)
        return found

    def together(self, groups: Sequence[Sequence[str]]) -> Sequence[int]:
        """Visible documents with all tokens of each group, anywhere."""
        doc_type, translator = self.opened.doc_type, self.opened.translator
        out = []
        for group in groups:
            clauses = []
            for token in group:
                names = [name for name, _, _ in token_fields(doc_type, han=has_han(token))]
                clauses.append(AnyOf(tuple(Term(name, token) for name in names)))
            out.append(self.count([(Occur.Must, translator.filter(AllOf(tuple(clauses))))]))
        return out

    def completions(self, field: str, prefix: str, limit: int) -> Sequence[tuple[str, int]]:
        """Tokens that begin so, commonest first."""
        if not prefix:
            return []
        found = self.searcher.terms_with_prefix(field, prefix, limit=limit)
        return [(str(token), int(documents)) for token, documents in found]

    def similar(self, word: str, edits: int) -> Sequence[tuple[str, int, int]]:
        """Surface words within ``edits``, nearest first, then commonest."""
        dictionary = self._dictionary()
        out: dict[str, tuple[int, int]] = {}
        for away in range(1, edits + 1):
            query = Q.fuzzy_term_query(dictionary.index.schema, "word", word, away)
            result = dictionary.searcher.search(query, CANDIDATES, order_by_field="documents")
            for documents, address in result.hits:
                found = str(dictionary.searcher.doc(address)["word"][0])
                if found != word:
                    out.setdefault(found, (away, int(documents)))
        near = [(found, away, documents) for found, (away, documents) in out.items()]
        return sorted(near, key=lambda one: (one[1], -one[2], one[0]))

    def _dictionary(self) -> Dictionary:
        """The dictionary, made anew when words have changed: small ones at once, large ones at
        most every minute."""
        kept: Kept = self._kept
        now = time.monotonic()
        with kept.lock:
            old = kept.dictionary
            if old is not None and (
                old.stamp == self.opened.stamp
                or (old.words > SMALL and now - old.made < STALE_SECONDS)
            ):
                return old
            made = kept.dictionary = _make(self.searcher, self.opened.stamp, now)
            return made

    def forget(self) -> None:
        """Make the dictionary anew at the next question."""
        self._kept.dictionary = None


def _make(searcher: tantivy.Searcher, stamp: tuple[int, int], now: float) -> Dictionary:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("documents", fast=True)
    index = tantivy.Index(builder.build())
    words = searcher.terms_with_prefix(SURFACE, "")
    writer = index.writer(20_000_000, 1)
    for word, documents in words:
        document = tantivy.Document()
        document.add_text("word", word)
        document.add_unsigned("documents", documents)
        writer.add_document(document)
    writer.commit()
    index.reload()
    del writer  # its heap is many times the dictionary
    give_back()
    return Dictionary(now, stamp, len(words), index, index.searcher())
