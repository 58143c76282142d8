"""An engine around an engine: the same port, with what vectors find mixed into what words find."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from kernel import tenancy
from search.contracts import DocumentType, Hit, Hits, Operation, Query, Terms, WriteReport
from search.engines.base import Engine
from search.meaning.embedder import Embedder
from search.meaning.vectors import Nearest, note

POOL = 100  # how many of each list are mixed
FUSION = 10  # reciprocal rank fusion: 1 / (FUSION + place); facts: best of those tried on Chinese


class Hybrid:
    """Passes everything on to ``inner`` but the first hundred hits of a text by relevance.

    What vectors find is asked of ``inner`` once more by id, under the viewer's own filters, so
    nothing appears that the viewer may not see. Facets are those of the words; ``total`` counts
    what vectors added. Pins, exact codes and buries keep their places.
    """

    def __init__(self, inner: Engine, model: Embedder) -> None:
        self.inner, self.model = inner, model
        self.name = f"{inner.name}+{model.name}"
        self.nearest = Nearest()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def write(
        self,
        *,
        doc_type: DocumentType,
        operations: Sequence[Operation],
        generation: str | None = None,
        refresh: bool = False,
    ) -> WriteReport:
        report = self.inner.write(
            doc_type=doc_type, operations=operations, generation=generation, refresh=refresh
        )
        by_platform: dict[str, list[Operation]] = {}
        for operation in operations:
            by_platform.setdefault(operation.platform, []).append(operation)
        for platform, theirs in by_platform.items():
            tenant = tenancy.directory().by_id(UUID(platform))
            if tenant is not None:
                with tenancy.scope(tenant):
                    note(doc_type=doc_type.name, operations=theirs)
        return report

    def search(self, *, platform: str, doc_type: DocumentType, query: Query) -> Hits:
        """One page with facets. Raises the problems of ``search.errors``."""
        words = self._words(platform, doc_type, query)
        if words is None:
            return self.inner.search(platform=platform, doc_type=doc_type, query=query)
        near = self.nearest.find(
            doc_type=doc_type.name,
            vector=self.model.query(query.text),
            limit=POOL,
            margin=self.model.margin,
        )
        known = {hit.id: hit for hit in words.hits}
        added = self._seen(platform, doc_type, query, [id for id in near if id not in known])
        mixed = fuse(words.hits, [known.get(id) or added.get(id) for id in near], query)
        start = (query.page - 1) * query.size
        page = tuple(mixed[start : start + query.size])
        return replace(words, hits=page, total=words.total + len(added), engine=self.name)

    def _words(self, platform: str, doc_type: DocumentType, query: Query) -> Hits | None:
        """The first hundred that words find, or None where meaning has no say."""
        by_score = query.sort.ref in ("", "relevance")
        within = not query.cursor and query.page > 0 and query.page * query.size <= POOL
        if not (query.text.strip() and by_score and within) or query.group:
            return None
        hits = self.inner.search(
            platform=platform, doc_type=doc_type, query=replace(query, page=1, size=POOL)
        )
        # The cursor continues after the hundred; pages in between are given by number.
        return hits

    def _seen(
        self, platform: str, doc_type: DocumentType, query: Query, ids: list[str]
    ) -> dict[str, Hit]:
        """Those of ``ids`` that the viewer may see under the query's filters, as hits."""
        if not ids:
            return {}
        asked = replace(
            query,
            text="",
            filters=(*query.filters, Terms("id", tuple(ids))),
            facets=(),
            page=1,
            size=POOL,
            pins=(),
        )
        found = self.inner.search(platform=platform, doc_type=doc_type, query=asked)
        return {hit.id: hit for hit in found.hits}


def fuse(words: Sequence[Hit], near: Sequence[Hit | None], query: Query) -> list[Hit]:
    """Both lists in one order: by the sum of 1 / (10 + place in each), ties by id.

    Hits that stand first or last for a reason of their own (pins, exact codes; buries) stay there.
    """
    first = [hit for hit in words if hit.id in query.pins or hit.score >= query.weights.code]
    last = {*query.buries} - {hit.id for hit in first}
    fixed = {hit.id for hit in first}
    points: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for ranked in (words, near):
        for place, hit in enumerate(ranked, 1):
            if hit is not None and hit.id not in fixed:
                hits[hit.id] = hits.get(hit.id, hit)
                points[hit.id] = points.get(hit.id, 0.0) + 1 / (FUSION + place)
    rest = sorted(points, key=lambda id: (id in last, -points[id], id))
    return first + [hits[id] for id in rest]
