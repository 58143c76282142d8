"""What every engine does alike: from a query to a plan, from what was found to a page."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from search.analysis.tokens import index_tokens
from search.contracts import (
    DocumentType,
    FacetResult,
    Hit,
    Hits,
    Query,
    Reason,
    Suggestion,
    Suggestions,
    SuggestQuery,
)
from search.engines.base import Vocabulary
from search.query import cursor
from search.query.clauses import Clause
from search.query.highlight import marked, marked_prefixes
from search.query.plan import Plan
from search.query.planner import plan as make_plan
from search.query.suggesting import suggest_plan

GROUPS_MAX = 10_000


class FoundHit(NamedTuple):
    """A hit as an engine found it; ``stored`` is the document's stored JSON."""

    id: str
    score: float
    stored: bytes
    group: str = ""
    group_count: int = 1


@dataclass(frozen=True)
class Found:
    """A page as an engine found it. ``position``: for the next page's cursor; None: the last."""

    total: int
    full: int
    hits: Sequence[FoundHit]
    facets: tuple[FacetResult, ...]
    position: list[Any] | None
    groups: int | None = None


class Searching(ABC):
    """The common half of an engine."""

    name: str

    @abstractmethod
    def _reading(
        self, *, platform: str, doc_type: DocumentType, query: Query | SuggestQuery
    ) -> tuple[str, Vocabulary]:
        """The generation to read, and its words within the viewer's sight. Raises NoIndex."""

    @abstractmethod
    def _find(self, plan: Plan, *, generation: str, vocabulary: Vocabulary) -> Found:
        """Carry out a plan."""

    @abstractmethod
    def _points(
        self, clauses: Sequence[Clause], ids: Sequence[str], *, vocabulary: Vocabulary
    ) -> Sequence[Mapping[str, float]]:
        """For each clause the score of those of ``ids`` that it matches."""

    def search(self, *, platform: str, doc_type: DocumentType, query: Query) -> Hits:
        """One page with facets. Raises the problems of ``search.errors``."""
        began = time.perf_counter()
        generation, vocabulary = self._reading(platform=platform, doc_type=doc_type, query=query)
        plan = make_plan(
            platform=platform,
            doc_type=doc_type,
            query=query,
            generation=generation,
            vocabulary=vocabulary,
        )
        found = self._find(plan, generation=generation, vocabulary=vocabulary)
        reasons = self._explained(plan, found, vocabulary) if query.explain else {}
        following = ""
        if found.position is not None:
            following = cursor.encode(
                generation=generation, hashed=plan.query_hash, position=found.position
            )
        return Hits(
            total=found.total,
            full=found.full,
            hits=tuple(_hit(plan, hit, reasons.get(hit.id, ())) for hit in found.hits),
            facets=found.facets,
            cursor=following,
            groups=found.groups,
            corrected=plan.corrected,
            marks=plan.marks,
            generation=generation,
            engine=self.name,
            took_ms=(time.perf_counter() - began) * 1000,
        )

    def suggest(self, *, platform: str, doc_type: DocumentType, query: SuggestQuery) -> Suggestions:
        """Documents and words for what was typed so far."""
        generation, vocabulary = self._reading(platform=platform, doc_type=doc_type, query=query)
        plan, words = suggest_plan(
            platform=platform, doc_type=doc_type, query=query, vocabulary=vocabulary
        )
        if plan is None:
            return Suggestions()
        found = self._find(plan, generation=generation, vocabulary=vocabulary)
        typed = [*query.text.split(), *words]
        offered = next((spec.name for spec in doc_type.fields if spec.suggest), "title")
        documents = []
        for hit in found.hits:
            text = _in_language(orjson.loads(hit.stored or b"{}").get(offered), query.language)
            if text:
                documents.append(Suggestion(hit.id, text, marked_prefixes(text, typed)))
        return Suggestions(tuple(documents), words)

    def _explained(
        self, plan: Plan, found: Found, vocabulary: Vocabulary
    ) -> dict[str, tuple[Reason, ...]]:
        ids = [hit.id for hit in found.hits]
        if not ids:
            return {}
        points = self._points([one.clause for one in plan.scored], ids, vocabulary=vocabulary)
        out: dict[str, list[Reason]] = {one: [] for one in ids}
        for part, by_id in zip(plan.scored, points, strict=True):
            for one, score in by_id.items():
                out[one].append(Reason(part.part, part.what, part.where, round(score, 4)))
        return {
            one: tuple(sorted(reasons, key=lambda r: (-r.points, r.part, r.what)))
            for one, reasons in out.items()
        }

    def analyze(self, *, text: str, language: str) -> Sequence[str]:
        """The tokens that a title in ``language`` is indexed under."""
        return index_tokens(text)


def _hit(plan: Plan, hit: FoundHit, reasons: tuple[Reason, ...]) -> Hit:
    if plan.query.bare:
        return Hit(hit.id, hit.score, {}, {}, hit.group, hit.group_count, reasons)
    fields = orjson.loads(hit.stored) if hit.stored else {}
    highlights = {}
    for name in plan.query.highlight:
        text = _in_language(fields.get(name), plan.query.language)
        if text:
            highlights[name] = marked(text, plan.marks)
    return Hit(
        id=hit.id,
        score=hit.score,
        fields=fields,
        highlights=highlights,
        group=hit.group,
        group_count=hit.group_count,
        explanation=reasons,
    )


def _in_language(value: Any, language: str) -> str:
    """A stored text in the viewer's language, else in a near one, else in any."""
    if isinstance(value, dict):
        found = value.get(language) or next(
            (text for key, text in sorted(value.items()) if key[:2] == language[:2] and text), ""
        )
        return str(found or next((text for _, text in sorted(value.items()) if text), ""))
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return str(value) if value else ""
