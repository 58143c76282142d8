"""The same goods and the same random queries on both engines: one behaviour."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.contracts import (
    HistogramFacet,
    Hits,
    Query,
    RangeFacet,
    Sort,
    SuggestQuery,
    TermsFacet,
    TreeFacet,
)
from search.documents.types import PRODUCT
from search.engines.elastic.engine import ElasticEngine
from search.engines.embedded.engine import EmbeddedEngine
from tests.search.servers.conftest import generation
from tests.search.servers.goods import EN, product, some_filters, some_text

pytestmark = pytest.mark.stack
PRODUCTS = 2000
# All of them on one server, fewer on the others.
QUERIES = (
    100 if os.environ.get("SEARCH_SERVER_KIND") in {"elasticsearch-8", "opensearch-3"} else 500
)
LEAST_OVERLAP = 0.9
SORTS = ("relevance", "relevance", "relevance", "prices.0", "sales", "rating", "published_at")
FACETS = (
    TermsFacet("brand"),
    TermsFacet("brand", 2, disjunctive=False),
    TermsFacet("merchant", 4),
    TermsFacet("attributes.grade"),
    HistogramFacet("attributes.moisture", 1.5),
    HistogramFacet("prices.0", 250),
    RangeFacet("rating", ((None, 3), (3, 4), (4, None))),
    TreeFacet("category"),
    TreeFacet("category", under="tools", depth=2),
)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path)
    name = generation(PRODUCT, 1)
    engine.create(doc_type=PRODUCT, generation=name)
    engine.swap(doc_type=PRODUCT, generation=name)
    yield engine
    engine.close()


def some_query(rng: random.Random) -> Query:
    return Query(
        text=some_text(rng),
        language=rng.choice(["en", "zh-hans"]),
        visible_to=rng.choice([("*",), ("*", "group:1")]),
        filters=some_filters(rng),
        facets=tuple(rng.sample(FACETS, 4)),
        sort=Sort(rng.choice(SORTS), rng.random() < 0.5),
        size=rng.choice([10, 100]),
        group=rng.choice(["", "", "", "product", "merchant"]),
        pins=rng.choice([(), (), (f"prd_{rng.randrange(PRODUCTS):06}",)]),
        excluded=rng.choice([(), (("merchant", ("mer_3",)),)]),
    )


def ids(hits: Hits, first: int = 1000) -> list[str]:
    return [hit.id for hit in hits.hits][:first]


def numbers(hits: Hits) -> tuple[int, int, int | None]:
    return hits.total, hits.full, hits.groups


def test_both_engines_answer_alike(engine: ElasticEngine, embedded: EmbeddedEngine) -> None:
    seed = int(os.environ.get("SEARCH_SEED") or random.randrange(10**9))
    print(f"SEARCH_SEED={seed}")
    rng = random.Random(seed)
    goods = [product(rng, number) for number in range(PRODUCTS)]
    for one in (engine, embedded):
        one.write(doc_type=PRODUCT, operations=goods)
        one.refresh(doc_type=PRODUCT)
    overlaps, same_order = [], 0
    for _ in range(QUERIES):
        query = some_query(rng)
        here = embedded.search(platform="p1", doc_type=PRODUCT, query=query)
        there = engine.search(platform="p1", doc_type=PRODUCT, query=query)
        assert (there.total, there.full, there.groups) == (here.total, here.full, here.groups), (
            query
        )
        assert there.facets == here.facets, query
        assert there.corrected == here.corrected, query
        assert bool(there.cursor) == bool(here.cursor), query
        if here.total <= query.size and not query.group:
            assert set(ids(there)) == set(ids(here)), query
        if query.group:
            counts = [{hit.group: hit.group_count for hit in found.hits} for found in (here, there)]
            shared = counts[0].keys() & counts[1].keys()
            assert all(counts[0][key] == counts[1][key] for key in shared if key), query
        if query.sort.ref != "relevance":
            assert ids(there) == ids(here), query
        elif query.text and here.total:
            top, other = ids(here, 10), ids(there, 10)
            overlaps.append(len(set(top) & set(other)) / max(len(top), len(other)))
            same_order += top == other
        else:
            assert ids(there) == ids(here), query
    average = sum(overlaps) / len(overlaps)
    print(f"{len(overlaps)} text queries: overlap {average:.4f}, same order {same_order}")
    assert average >= LEAST_OVERLAP


def test_both_engines_suggest_alike(engine: ElasticEngine, embedded: EmbeddedEngine) -> None:
    seed = int(os.environ.get("SEARCH_SEED") or random.randrange(10**9))
    print(f"SEARCH_SEED={seed}")
    rng = random.Random(seed)
    goods = [product(rng, number) for number in range(300)]
    for one in (engine, embedded):
        one.write(doc_type=PRODUCT, operations=goods)
        one.refresh(doc_type=PRODUCT)
    typed = [word[: rng.randint(2, len(word))] for word in rng.sample(EN, 12)]
    for text in [*typed, "yum", "ym", "玉", "黄玉米", "yelow cor"]:
        query = SuggestQuery(text=text, size=20)
        here = embedded.suggest(platform="p1", doc_type=PRODUCT, query=query)
        there = engine.suggest(platform="p1", doc_type=PRODUCT, query=query)
        assert set(here.words) == set(there.words), text
        assert bool(here.documents) == bool(there.documents), text
