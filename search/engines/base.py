"""The port. Every engine keeps these promises; ``tests/search/contract`` holds them to it.

* **Platform.** ``platform`` is a keyword argument without default of every read. What is found,
  counted, suggested, completed or corrected comes from documents of that platform that share a
  key with ``visible_to`` and aren't ``excluded``. ``Searching.search`` builds these filters into
  the plan (``search/query/plan.py``); an engine only translates plans and can't leave them out.
* **Generations.** A physical index of one document type for all platforms. Writes name their
  generation; reads go to the current one. ``swap`` is atomic for readers.
* **Versions.** A write counts only if its version is higher than the highest known of the id,
  tombstones included. Tombstones are remembered at least until the generation is dropped.
* **Order.** Score with BM25 (k1 1.2, b 0.75) over the tokens of ``search/analysis``; equal scores
  and equal sort values by ascending id; missing values last, either way.
* **Exactness.** ``total`` and facet counts are exact.
* **Down.** An engine that doesn't answer raises ``EngineDown``, an index that isn't there
  ``NoIndex``.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from search.contracts import (
    DocumentType,
    EngineStatus,
    Entry,
    Generation,
    Hits,
    Operation,
    Query,
    Suggestions,
    SuggestQuery,
    WriteReport,
)

T = TypeVar("T")


class Engine(Protocol):
    """What the rest of search sees of an engine."""

    name: str
    # Grows when the engine's physical indexes change otherwise than by the declaration: what was
    # made with another is rebuilt.
    layout: int

    # ── reading: always of one platform ──────────────────────────────────────────────────────

    def search(self, *, platform: str, doc_type: DocumentType, query: Query) -> Hits:
        """One page with facets. Raises the problems of ``search.errors``."""

    def suggest(self, *, platform: str, doc_type: DocumentType, query: SuggestQuery) -> Suggestions:
        """Documents and words for what was typed so far."""

    def count(self, *, platform: str, doc_type: DocumentType, generation: str | None = None) -> int:
        """How many live documents the platform has."""

    def scroll(
        self,
        *,
        platform: str,
        doc_type: DocumentType,
        generation: str | None = None,
        after: str = "",
        limit: int = 10_000,
    ) -> Iterator[Entry]:
        """Live documents by ascending id after ``after``: for ``verify``."""

    def analyze(self, *, text: str, language: str) -> Sequence[str]:
        """The tokens that a title in ``language`` is indexed under."""

    # ── writing ──────────────────────────────────────────────────────────────────────────────

    def create(self, *, doc_type: DocumentType, generation: str) -> None:
        """A new, empty generation that isn't current. Made twice: no harm."""

    def write(
        self,
        *,
        doc_type: DocumentType,
        operations: Sequence[Operation],
        generation: str | None = None,
        refresh: bool = False,
    ) -> WriteReport:
        """Write a batch; None: to the current generation. Durable once it returns.

        Visible within the engine's interval (embedded: as it returns); ``refresh`` makes it
        visible before returning. A document that can't be indexed is in ``failed`` and doesn't
        hold up the rest. Raises EngineDown or NoIndex if nothing of the batch may be relied on:
        writing it again is harmless.
        """

    def refresh(self, *, doc_type: DocumentType, generation: str | None = None) -> None:
        """Make all that was written visible, and its words known to correction."""

    def swap(self, *, doc_type: DocumentType, generation: str) -> str | None:
        """Make ``generation`` current in one step; the one before stays, for rollback."""

    def drop(self, *, doc_type: DocumentType, generation: str) -> None:
        """Remove a generation that isn't current. Unknown: no harm."""

    def current(self, *, doc_type: DocumentType) -> str | None:
        """The current generation's name."""

    def generations(self, *, doc_type: DocumentType) -> Sequence[Generation]:
        """All of them, oldest first."""

    def status(self, *, doc_types: Sequence[DocumentType] = ()) -> EngineStatus:
        """Whether it answers; never raises."""

    def close(self) -> None:
        """Let go of files and connections."""


class Vocabulary(Protocol):
    """What the planner asks an engine about its words, within one viewer's sight."""

    def ahead(self, terms: Sequence[tuple[str, str]]) -> None:
        """What ``frequencies`` will probably be asked: where asking takes a round trip, all of it
        is asked in one."""

    def frequencies(self, terms: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """(physical field, token) -> in how many visible documents of the platform it stands."""

    def similar(self, word: str, edits: int) -> Sequence[tuple[str, int, int]]:
        """(surface word, edits away, documents) within ``edits`` (1 or 2, a transposition is one
        edit), over the whole index; the planner checks what the viewer can see."""

    def completions(self, field: str, prefix: str, limit: int) -> Sequence[tuple[str, int]]:
        """(token, documents) of tokens in a physical field that begin with ``prefix``, commonest
        first, over the whole index."""

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, or gave before for ``key`` in the same sight of the same words.
        Nobody changes what comes back."""

    def together(self, groups: Sequence[Sequence[str]]) -> Sequence[int]:
        """For each group, how many visible documents of the platform have all its tokens, each in
        any of the searched fields. Exact up to one: what counts is whether there are any."""
