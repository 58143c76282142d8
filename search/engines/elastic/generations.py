"""Generations: made, swapped in one call, rolled back by swapping again, dropped, listed.

Readers name the physical index, not the alias, so that a page, its facets and its cursor are all of
one generation; which one is current is remembered for a second. A reader who still knows the one
before reads that: it stays for rollback.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from search.contracts import DocumentType, Generation
from search.documents.physical import PLATFORM
from search.engines.elastic.connection import Connection, Patience
from search.engines.elastic.layout import Names, Sizing, filling, mapping, serving
from search.errors import NoIndex

REMEMBERED_SECONDS = 1.0


class Generations:
    """The physical indices of one deployment."""

    def __init__(self, connection: Connection, names: Names, sizing: Sizing) -> None:
        self.names = names
        self._connection = connection
        self._sizing = sizing
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, str]] = {}

    def create(self, doc_type: DocumentType, generation: str) -> None:
        """An empty index set to be filled; one that is there already stays as it is."""

        def create(client: Elasticsearch) -> None:
            try:
                client.indices.create(
                    index=self.names.index(generation),
                    settings=filling(self._sizing),
                    mappings=mapping(doc_type),
                    aliases={self.names.writing(generation): {}},
                )
            except ApiError as error:
                if error.error != "resource_already_exists_exception":
                    raise

        self._connection.call(create, Patience.ADMIN)

    def swap(self, doc_type: DocumentType, generation: str) -> str | None:
        """Serve from ``generation``: restore its settings, make all of it visible, then move the
        alias in one call. The name of the one before."""
        index, alias = self.names.index(generation), self.names.alias(doc_type)
        before = self.current(doc_type)

        def swap(client: Elasticsearch) -> None:
            client.indices.put_settings(index=index, settings=serving(self._sizing))
            client.indices.refresh(index=index)
            others = {"index": self.names.pattern(doc_type), "alias": alias, "must_exist": False}
            actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": alias}}]
            if before is not None:
                actions.insert(0, {"remove": others})
            client.indices.update_aliases(actions=actions)

        self._connection.call(swap, Patience.ADMIN)
        self.forget(doc_type)
        return before

    def drop(self, doc_type: DocumentType, generation: str) -> None:
        """Remove one that isn't current."""
        if generation == self.current(doc_type):
            raise ValueError("the current generation can't be dropped")
        index = self.names.index(generation)
        self._connection.call(
            lambda client: client.indices.delete(index=index, ignore_unavailable=True),
            Patience.ADMIN,
        )

    def current(self, doc_type: DocumentType) -> str | None:
        """The generation that the alias points to, asked now."""

        def ask(client: Elasticsearch) -> str | None:
            try:
                found = client.indices.get_alias(name=self.names.alias(doc_type)).body
            except NotFoundError:
                return None
            # Never two: but if two people swap at once, the newer name is as good as any.
            return self.names.generation(max(found)) if found else None

        return self._connection.call(ask)

    def reading(self, doc_type: DocumentType) -> str:
        """The generation to read from, at most a second behind. Raises NoIndex."""
        now = time.monotonic()
        with self._lock:
            until, known = self._known.get(doc_type.name, (0.0, ""))
        if now < until:
            return known
        found = self.current(doc_type)
        if found is None:
            raise NoIndex()
        with self._lock:
            self._known[doc_type.name] = (now + REMEMBERED_SECONDS, found)
        return found

    def forget(self, doc_type: DocumentType) -> None:
        """Ask again at the next read."""
        with self._lock:
            self._known.pop(doc_type.name, None)

    def all(self, doc_type: DocumentType) -> Sequence[Generation]:
        """Every generation with its visible documents (tombstones aren't), oldest first."""
        current = self.current(doc_type)

        def ask(client: Elasticsearch) -> tuple[Any, Any]:
            pattern = self.names.pattern(doc_type)
            sizes = client.indices.stats(index=pattern, metric="store").body
            counts = client.search(
                index=pattern,
                size=0,
                query={"exists": {"field": PLATFORM}},
                aggs={"by": {"terms": {"field": "_index", "size": 1000}}},
            ).body
            return sizes, counts

        sizes, counts = self._connection.call(ask, Patience.ADMIN)
        by_index: dict[str, int] = {}
        if "aggregations" in counts:
            buckets = counts["aggregations"]["by"]["buckets"]
            by_index = {one["key"]: int(one["doc_count"]) for one in buckets}
        found = []
        for index in sorted(sizes.get("indices", {})):
            name = self.names.generation(index)
            size = int(
                sizes["indices"][index]["primaries"].get("store", {}).get("size_in_bytes", 0)
            )
            mark = name.rsplit("-", 1)[-1]
            found.append(
                Generation(name, doc_type.name, mark, name == current, by_index.get(index, 0), size)
            )
        return found
