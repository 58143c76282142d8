"""The engine: plans carried out by an Elasticsearch or OpenSearch server."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.conf import settings

from search.contracts import DocumentType, EngineStatus, Entry, Hits, Query, SuggestQuery
from search.documents.physical import CHECKSUM, ID, PLATFORM, STORED, VERSION
from search.engines.base import Vocabulary
from search.engines.elastic import answer, request
from search.engines.elastic.bulk import BulkWriter
from search.engines.elastic.connection import Connection, Patience, Server
from search.engines.elastic.generations import Generations
from search.engines.elastic.layout import SEPARATOR, Names, Sizing
from search.engines.elastic.translate import LEGACY_FACTOR, Translator
from search.engines.elastic.vocabulary import Counted, ElasticVocabulary
from search.engines.elastic.writing import Writing
from search.engines.searching import Found, FoundHit, Searching
from search.errors import EngineDown, NoIndex
from search.query.clauses import Clause
from search.query.plan import Plan
from search.query.planner import guard

SCROLL_PAGE = 5_000


class ElasticEngine(Searching, Writing):
    """See ``base.Engine``."""

    name = "elasticsearch"
    layout = 0

    def __init__(
        self,
        connection: Connection | None = None,
        names: Names | None = None,
        sizing: Sizing | None = None,
    ) -> None:
        """What isn't given comes from the settings. Nothing is asked of the server yet."""
        self._connection = connection or Connection(
            settings.SEARCH_URL,
            ca_certs=settings.SEARCH_CA_CERTS,
            api_key=settings.SEARCH_API_KEY,
        )
        self._sizing = sizing or Sizing(settings.SEARCH_SHARDS, settings.SEARCH_REFRESH)
        names = names or Names(settings.SEARCH_PREFIX)
        self._generations = Generations(self._connection, names, self._sizing)
        self._bulk = BulkWriter(self._connection)
        self._counted = Counted()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def search(self, *, platform: str, doc_type: DocumentType, query: Query) -> Hits:
        """See ``base.Engine``. A generation dropped this second is asked for anew, once."""
        try:
            return super().search(platform=platform, doc_type=doc_type, query=query)
        except NoIndex:
            self._generations.forget(doc_type)
            return super().search(platform=platform, doc_type=doc_type, query=query)

    def _reading(
        self, *, platform: str, doc_type: DocumentType, query: Query | SuggestQuery
    ) -> tuple[str, Vocabulary]:
        sight = guard(
            doc_type,
            platform=platform,
            visible_to=query.visible_to,
            excluded=query.excluded,
        )
        generation = self._generations.reading(doc_type)
        return generation, self._vocabulary(doc_type, generation, sight)

    def _vocabulary(
        self, doc_type: DocumentType, generation: str, sight: Sequence[Clause]
    ) -> ElasticVocabulary:
        index = self._generations.names.index(generation)
        return ElasticVocabulary(
            self._connection, doc_type, index, sight, self._translator(), self._counted
        )

    def _find(self, plan: Plan, *, generation: str, vocabulary: Vocabulary) -> Found:
        index = self._generations.names.index(generation)
        options = request.body(plan, self._translator())
        options["size"] += 1  # whether there is a next page
        found = self._connection.call(
            lambda client: (
                client.search(
                    index=index,
                    allow_partial_search_results=False,
                    preference=f"q{plan.query_hash}",
                    search_type="dfs_query_then_fetch" if self._sizing.shards > 1 else None,
                    **options,
                ).body
            )
        )
        return _found(plan, found)

    def _points(
        self, clauses: Sequence[Clause], ids: Sequence[str], *, vocabulary: Vocabulary
    ) -> Sequence[Mapping[str, float]]:
        if not clauses:
            return []
        assert isinstance(vocabulary, ElasticVocabulary)
        translator = self._translator()
        lines: list[dict[str, Any]] = []
        for clause in clauses:
            query = {"must": [translator.scored(clause)], "filter": [{"terms": {ID: list(ids)}}]}
            lines += [{}, {"query": {"bool": query}, "size": len(ids), "_source": False}]
        answers = self._connection.call(
            lambda client: client.msearch(index=vocabulary.index, searches=lines).body
        )
        return [
            {hit["_id"]: float(hit["_score"]) for hit in one["hits"]["hits"]}
            for one in answers["responses"]
        ]

    def count(self, *, platform: str, doc_type: DocumentType, generation: str | None = None) -> int:
        """See ``base.Engine``."""
        index = self._target(doc_type, generation)
        query = {"term": {PLATFORM: platform}}
        answer = self._connection.call(lambda client: client.count(index=index, query=query).body)
        return int(answer["count"])

    def scroll(
        self,
        *,
        platform: str,
        doc_type: DocumentType,
        generation: str | None = None,
        after: str = "",
        limit: int = 10_000,
    ) -> Iterator[Entry]:
        """See ``base.Engine``. Pages by id, so nothing is kept open between them."""
        index = self._target(doc_type, generation)
        while limit > 0:
            size = min(limit, SCROLL_PAGE)
            hits = self._page(index, platform, after, size)
            for hit in hits:
                values = hit["fields"]
                yield Entry(hit["_id"], platform, int(values[VERSION][0]), values[CHECKSUM][0])
            if len(hits) < size:
                return
            after, limit = hits[-1]["_id"], limit - size

    def _page(self, index: str, platform: str, after: str, size: int) -> list[Any]:
        following: dict[str, Any] = {"search_after": [after]} if after else {}
        answer = self._connection.call(
            lambda client: (
                client.search(
                    index=index,
                    query={"bool": {"filter": [{"term": {PLATFORM: platform}}]}},
                    sort=[{ID: {"order": "asc"}}],
                    size=size,
                    source=False,
                    docvalue_fields=[{"field": VERSION}, {"field": CHECKSUM}],
                    track_total_hits=False,
                    **following,
                ).body
            ),
            Patience.WRITE,
        )
        hits: list[Any] = answer["hits"]["hits"]
        return hits

    # ── state ────────────────────────────────────────────────────────────────────────────────

    def status(self, *, doc_types: Sequence[DocumentType] = ()) -> EngineStatus:
        """See ``base.Engine``. One short question to the cluster, and one for each type."""
        try:
            server = self._connection.server
            health = self._connection.call(lambda c: c.cluster.health().body, Patience.PROBE)
            if health["status"] == "red":
                return EngineStatus(self.name, False, "the cluster is red: shards are missing")
            found = [one for kind in doc_types for one in self._generations.all(kind)]
        except (EngineDown, NoIndex) as error:
            return EngineStatus(self.name, False, str(error.__cause__ or error)[:200])
        detail = f"{server.distribution} {server.version}, {health['status']}"
        return EngineStatus(self.name, True, detail, tuple(found))

    def close(self) -> None:
        """See ``base.Engine``."""
        self._connection.close()

    def _translator(self) -> Translator:
        return Translator(_factor(self._connection.server))


def _factor(server: Server) -> float:
    """OpenSearch 3 took over Lucene's own BM25; all others multiply with k1 + 1."""
    major = server.version.partition(".")[0]
    plain = server.opensearch and major.isdigit() and int(major) >= 3
    return 1.0 if plain else LEGACY_FACTOR


def _found(plan: Plan, answered: Any) -> Found:
    hits = answered["hits"]["hits"]
    page, more = hits[: plan.size], len(hits) > plan.size
    total = int(answered["hits"]["total"]["value"])
    counted = answered.get("aggregations", {})
    counts: dict[str, int] = {}
    groups: int | None = None
    if plan.group:
        counts, groups = answer.groups(counted[request.GROUPS])
    position: list[Any] | None = None
    if more and plan.group:
        start = int(plan.position[0]) if plan.position else plan.offset
        position = [start + len(page)]
    elif more:
        position = page[-1]["sort"]
    off = request.shift(plan)
    return Found(
        total=total,
        full=int(counted[request.FULL]["doc_count"]) if plan.full is not None else total,
        hits=[_hit(plan, hit, counts, off) for hit in page],
        facets=tuple(
            answer.facet(facet, counted[f"facet{number}"])
            for number, facet in enumerate(plan.facets)
        ),
        position=position,
        groups=groups,
    )


def _hit(plan: Plan, hit: Any, counts: Mapping[str, int], off: float) -> FoundHit:
    group = str(hit["fields"][request.group_field(plan)][0]) if plan.group else ""
    group = "" if group.startswith(SEPARATOR) else group
    return FoundHit(
        id=hit["_id"],
        score=0.0 if plan.sort else float(hit["_score"] or 0.0) - off,
        stored=b"" if plan.query.bare else orjson.dumps(hit["_source"].get(STORED, {})),
        group=group,
        group_count=counts.get(group, 1) if plan.group else 1,
    )
