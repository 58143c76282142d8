"""Scoring only where the best hits lie gives the same pages as scoring everything."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kernel.ids import public_id
from search.contracts import (
    BoostRule,
    CategoryPath,
    Document,
    Hits,
    Query,
    Range,
    Sort,
    Terms,
    TermsFacet,
    Tombstone,
    Weights,
)
from search.documents.types import PRODUCT
from search.engines.embedded import narrowing, ranking
from search.engines.embedded.engine import EmbeddedEngine

COUNT = 1_500
WORDS = ("corn", "rice", "steel", "yellow", "long", "drill", "drilling", "bucket")
CHINESE = ("玉米", "大米", "水桶")


def _document(number: int, rng: random.Random, platform: str = "p") -> Document:
    words = rng.sample(WORDS, rng.randint(1, 4)) + [f"{rng.randint(1, 9)} kg"] * rng.randint(0, 1)
    fields: dict[str, Any] = {
        "title": {"en": " ".join(words), "zh-hans": rng.choice(CHINESE) * rng.randint(1, 2)},
        "sku": (f"AB-{number % 500:04d}",),
        "brand": (rng.choice(WORDS),),
        "category": (CategoryPath(("root", rng.choice(WORDS))),),
        "prices": (rng.randint(1, 50),),
        "stock": rng.choice(("in_stock", "in_stock", "sold_out")),
        "sales": rng.choice((0, 0, 5, 50, 5_000)),
    }
    if rng.random() < 0.02:
        fields["rating"] = 4.9
    return Document(public_id("prd", UUID(int=number << 80)), platform, 1, fields)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    """Two platforms, deletions, several commits in an order that isn't that of the ids."""
    rng = random.Random(3)
    engine = EmbeddedEngine(tmp_path_factory.mktemp("narrow"))
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    rows: list[Any] = [_document(number, rng) for number in range(COUNT)]
    rows += [_document(COUNT + number, rng, "q") for number in range(1_000)]
    rng.shuffle(rows)
    for start in range(0, len(rows), 500):
        engine.write(doc_type=PRODUCT, operations=rows[start : start + 500])
    gone = [Tombstone(one.id, one.platform, 2) for one in rng.sample(rows, 40)]
    engine.write(doc_type=PRODUCT, operations=gone)
    yield engine
    engine.close()


def _queries(rng: random.Random) -> Iterator[Query]:
    for turn in range(150):
        words = rng.sample((*WORDS, *CHINESE, "AB-0007", "drilll"), rng.randint(1, 3))
        query = Query(text=" ".join(words), page=rng.randint(1, 3), facets=(TermsFacet("brand"),))
        if turn % 3 == 1:
            query = replace(query, filters=(Range("prices.0", 1, 30), Terms("brand", ("corn",))))
        if turn % 4 == 1:
            boost = BoostRule((Terms("brand", ("rice",)),), rng.choice((20.0, 150.0)))
            query = replace(query, boosts=(boost,))
        if turn % 5 == 1:
            query = replace(query, weights=Weights(all_words=rng.choice((0.0, 3.0))))
        if turn % 7 == 1:
            query = replace(query, pins=(public_id("prd", UUID(int=9 << 80)),))
        if turn % 11 == 1:
            query = replace(query, sort=Sort("prices.0"))
        if turn % 13 == 1:
            query = replace(query, visible_to=("*", "buyer"), excluded=(("merchant", ("m",)),))
        yield query


def _found(engine: EmbeddedEngine, query: Query, platform: str) -> tuple[Hits, list[float]]:
    """What was found, and the scores by themselves: sums of the same numbers in another order."""
    found = engine.search(platform=platform, doc_type=PRODUCT, query=query)
    bare = tuple(replace(hit, score=0.0) for hit in found.hits)
    return replace(found, hits=bare, took_ms=0), [hit.score for hit in found.hits]


@pytest.mark.parametrize("few", [0, 10**9], ids=["at_once", "one_by_one"])
@pytest.mark.parametrize("some", [30, 512])
@pytest.mark.parametrize("platform", ["p", "q"])
def test_pages_are_the_same(
    engine: EmbeddedEngine, few: int, some: int, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With and without, whichever way the part is scored, and however few are asked for first."""
    queries = list(_queries(random.Random(few + some)))
    plain = [_found(engine, one, platform) for one in queries]
    ways: Counter[bool] = Counter()
    real = narrowing.narrowed

    def noted(*given: Any) -> narrowing.Narrowed:
        part = real(*given)
        ways[part.pull is not None] += 1
        return part

    monkeypatch.setattr(narrowing, "narrowed", noted)
    monkeypatch.setattr(narrowing, "MANY", 0)
    monkeypatch.setattr(narrowing, "MANY_WHOLE", few)
    monkeypatch.setattr(ranking, "SOME", some)
    for query, before in zip(queries, plain, strict=True):
        hits, scores = _found(engine, query, platform)
        assert hits == before[0], query
        assert scores == pytest.approx(before[1], abs=1e-3)
    assert ways[True] > 20
    assert ways[False] > 5


def _alike(number: int, rng: random.Random) -> Document:
    """One of many that only their signals tell apart."""
    words = ["corn" if number % 5 < 3 else "rice", "steel", rng.choice(("long", "soft"))]
    rng.shuffle(words)
    words += ["bucket"] * (number % 2)
    return Document(
        public_id("prd", UUID(int=number << 80)),
        "p",
        1,
        {
            "title": {"en": " ".join(words)},
            "stock": rng.choice(("in_stock", "in_stock", "sold_out")),
            "sales": rng.choice((0, 7, 2_000, 5_000)),
            "rating": rng.choice((4.6, 4.9)),
        },
    )


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    rng = random.Random(4)
    engine = EmbeddedEngine(tmp_path_factory.mktemp("alike"))
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    rows = [_alike(number, rng) for number in range(3_000)]
    rng.shuffle(rows)
    for start in range(0, len(rows), 1_000):
        engine.write(doc_type=PRODUCT, operations=rows[start : start + 1_000])
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("way", "text", "ahead"),
    [("_lowest_of", "corn", 256), ("_all_known", "corn", 2_000), ("_one_by_one", "corn long", 256)],
)
def test_of_many_alike_those_with_every_signal_and_the_lowest_ids_come_first(
    alike: EmbeddedEngine, way: str, text: str, ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each way, page by page, gives what scoring everything gives; and it is taken."""
    queries = [Query(text=text, page=page, size=10) for page in range(1, 6)]
    plain = [_found(alike, one, "p") for one in queries]
    answered = 0
    real = getattr(narrowing._Narrowing, way)

    def noted(self: Any, *given: Any) -> Any:
        nonlocal answered
        found = real(self, *given)
        answered += bool(found)
        return found

    monkeypatch.setattr(narrowing._Narrowing, way, noted)
    monkeypatch.setattr(narrowing, "MANY", 0)
    monkeypatch.setattr(narrowing, "AHEAD", ahead)
    for query, before in zip(queries, plain, strict=True):
        hits, scores = _found(alike, query, "p")
        assert hits == before[0], query
        assert scores == pytest.approx(before[1], abs=1e-3)
    assert answered == len(queries)


@pytest.mark.parametrize("at_once", [True, False], ids=["narrowed", "ranked"])
def test_the_lowest_ids_are_found_whatever_segment_they_lie_in(
    at_once: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments lie in no order of ids, larger ones first: of many that are equally good, the first
    have the highest ids here, and all with lower ids than these would be too many to look at."""
    engine = EmbeddedEngine(tmp_path)
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    ids = [public_id("prd", UUID(int=(1 << 90) + (number << 80))) for number in range(1_500)]
    for start, end in ((800, 1_500), (300, 800), (0, 300)):
        rows = [
            Document(
                ids[number],
                "p",
                1,
                {"title": {"en": "corn"}, "stock": "sold_out" if number % 3 else "in_stock"},
            )
            for number in range(start, end)
        ]
        engine.write(doc_type=PRODUCT, operations=rows)
    for name, value in {"AHEAD": 32, "LOW_MOST": 128, "MANY": 0}.items():
        monkeypatch.setattr(narrowing, name, value)
    for name, value in {"TIES_MOST": 32, "SOME": 32, "LOW_MOST": 256, "MANY": 0}.items():
        monkeypatch.setattr(ranking, name, value)
    if not at_once:
        monkeypatch.setattr(narrowing._Narrowing, "_perfect", lambda *_asked: None)
    for _again in range(2):  # the second time what was found out before is known
        for page in (1, 2):
            query = Query(text="corn", size=10, page=page)
            found = [hit.id for hit in _found(engine, query, "p")[0].hits]
            assert found == ids[::3][10 * (page - 1) : 10 * page]
    engine.close()
