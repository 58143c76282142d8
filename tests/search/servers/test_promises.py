"""The port's promises on a real server, against what Python works out from the same documents."""

import random
from dataclasses import replace

import pytest

from search.contracts import (
    PUBLIC,
    Document,
    HistogramFacet,
    Query,
    RangeFacet,
    Sort,
    TermsFacet,
    Tombstone,
    TreeFacet,
)
from search.documents.physical import checksum
from search.documents.types import PRODUCT
from search.engines.elastic.engine import ElasticEngine
from search.errors import CursorOfAnotherQuery, CursorOutdated, NoIndex
from tests.search.servers.conftest import generation
from tests.search.servers.goods import counts, matching, ordered, product, some_filters

pytestmark = pytest.mark.stack

FACETS = (
    TermsFacet("brand", 50),
    TermsFacet("attributes.grade", 50),
    HistogramFacet("attributes.moisture", 2),
    RangeFacet("prices.1", ((None, 500), (500, 1200), (1200, None))),
    TreeFacet("category", depth=3),
)
SORTS = tuple(
    Sort(ref, down)
    for ref in ("prices.0", "sales", "rating", "published_at")
    for down in (False, True)
)


def fill(engine: ElasticEngine, documents: list[Document]) -> None:
    report = engine.write(doc_type=PRODUCT, operations=documents, refresh=True)
    assert report.written == len(documents)


def every_page(engine: ElasticEngine, query: Query) -> list[str]:
    found: list[str] = []
    while True:
        hits = engine.search(platform="p1", doc_type=PRODUCT, query=query)
        found += [hit.id for hit in hits.hits]
        if not hits.cursor:
            return found
        query = replace(query, cursor=hits.cursor)


def test_hits_counts_and_orders_are_those_of_the_documents(engine: ElasticEngine) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    rng = random.Random(seed)
    goods = [product(rng, number, platform=rng.choice(["p1", "p1", "p2"])) for number in range(500)]
    fill(engine, goods)
    for _ in range(25):
        sort = rng.choice(SORTS)
        keys = rng.choice([(PUBLIC,), (PUBLIC, "group:1")])
        query = Query(
            filters=some_filters(rng),
            visible_to=keys,
            facets=FACETS,
            sort=sort,
            size=rng.choice([7, 100]),
        )
        expected = matching(goods, query)
        hits = engine.search(platform="p1", doc_type=PRODUCT, query=query)
        assert hits.total == len(expected)
        assert every_page(engine, replace(query, facets=())) == ordered(expected, sort)
        by_ref = {one.ref: one for one in hits.facets}
        for ref in ("brand", "attributes.grade", "category"):
            shown = {one.value: one.count for one in by_ref[ref].buckets if one.count}
            assert shown == counts(goods, query, ref), (ref, query)
        moisture = counts(goods, query, "attributes.moisture")
        for bar in by_ref["attributes.moisture"].buckets:
            assert bar.low is not None
            assert bar.high is not None
            assert bar.count == sum(n for v, n in moisture.items() if bar.low <= v < bar.high)
        prices = counts(goods, query, "prices.1")
        assert [one.count for one in by_ref["prices.1"].buckets] == [
            sum(n for v, n in prices.items() if v < 500),
            sum(n for v, n in prices.items() if 500 <= v < 1200),
            sum(n for v, n in prices.items() if v >= 1200),
        ]


def test_late_and_repeated_writes_and_deletions_change_nothing(engine: ElasticEngine) -> None:
    rng = random.Random(5)
    operations: list[Document | Tombstone] = []
    for number in range(60):
        for version in range(1, 6):
            if rng.random() < 0.3:
                operations.append(Tombstone(f"prd_{number:06}", "p1", version))
            else:
                operations.append(product(rng, number, version=version))
    last = {one.id: one for one in operations}
    live = {key: one for key, one in last.items() if isinstance(one, Document)}
    for _ in range(2):
        rng.shuffle(operations)
        engine.write(doc_type=PRODUCT, operations=operations)
    engine.refresh(doc_type=PRODUCT)
    entries = list(engine.scroll(platform="p1", doc_type=PRODUCT))
    assert [(one.id, one.version, one.checksum) for one in entries] == [
        (key, 5, checksum(one)) for key, one in sorted(live.items())
    ]
    assert engine.count(platform="p1", doc_type=PRODUCT) == len(live)
    assert engine.generations(doc_type=PRODUCT)[0].documents == len(live)
    again = engine.write(doc_type=PRODUCT, operations=operations)
    assert (again.written, again.deleted, again.stale) == (0, 0, len(operations))


def test_a_document_that_does_not_fit_holds_up_nobody(engine: ElasticEngine) -> None:
    rng = random.Random(6)
    long_path = "x" * 40_000
    bad = product(rng, 2)
    bad = replace(bad, fields={**bad.fields, "title": {"en": "y" * 19_000 + " z"}})
    wide = replace(product(rng, 3), visible_to=(long_path,))
    report = engine.write(
        doc_type=PRODUCT,
        operations=[product(rng, 1), bad, wide, product(rng, 4)],
        refresh=True,
    )
    assert report.written + len(report.failed) == 4
    assert {"prd_000001", "prd_000004"} <= {
        one.id for one in engine.scroll(platform="p1", doc_type=PRODUCT)
    }


def test_generations_swap_and_roll_back_under_readers(engine: ElasticEngine) -> None:
    rng = random.Random(7)
    one, two = generation(PRODUCT, 1), generation(PRODUCT, 2)
    fill(engine, [product(rng, number) for number in range(30)])
    query = Query(size=10)
    cursor = engine.search(platform="p1", doc_type=PRODUCT, query=query).cursor
    engine.create(doc_type=PRODUCT, generation=two)
    engine.write(doc_type=PRODUCT, operations=[product(rng, 99)], generation=two)
    assert engine.search(platform="p1", doc_type=PRODUCT, query=query).total > 1
    assert engine.swap(doc_type=PRODUCT, generation=two) == one
    hits = engine.search(platform="p1", doc_type=PRODUCT, query=query)
    assert (hits.generation, [hit.id for hit in hits.hits]) == (two, ["prd_000099"])
    with pytest.raises(CursorOutdated):
        engine.search(platform="p1", doc_type=PRODUCT, query=replace(query, cursor=cursor))
    other = replace(query, cursor=cursor, sort=Sort("sales"))
    with pytest.raises(CursorOfAnotherQuery):
        engine.search(platform="p1", doc_type=PRODUCT, query=other)
    assert engine.swap(doc_type=PRODUCT, generation=one) == two
    engine.drop(doc_type=PRODUCT, generation=two)
    assert engine.search(platform="p1", doc_type=PRODUCT, query=query).generation == one
    assert [g.name for g in engine.generations(doc_type=PRODUCT)] == [one]
    with pytest.raises(NoIndex):
        engine.write(doc_type=PRODUCT, operations=[product(rng, 1)], generation=two)
