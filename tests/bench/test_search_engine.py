"""The bench of the search engine: it finds what it wrote, and says when counts are wrong."""

from pathlib import Path

from bench.search_engine import FACETS, PLATFORM, _exact, _index
from search.contracts import Query
from search.documents.types import PRODUCT
from search.engines.embedded.engine import EmbeddedEngine


def test_counts_are_compared(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path)
    took = _index(engine, 300)
    assert took["index_per_second"] > 0
    query = Query(text="steel", facets=FACETS)
    found = engine.search(platform=PLATFORM, doc_type=PRODUCT, query=query)
    assert found.total > 20
    assert _exact(found, 300, "steel")
    assert not _exact(found, 299 - found.total, "steel")
    engine.close()
