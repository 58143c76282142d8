"""Whatever is asked of whatever index, each way of finding the best gives the same pages."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kernel.ids import public_id
from search.contracts import (
    BoostRule,
    CategoryPath,
    Document,
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

WORDS = ("corn", "rice", "steel", "yellow", "drill", "drilling", "bucket", "a", "x")
CHINESE = ("玉米", "大米", "水桶", "米", "玉米大米")


def _id(number: int, rng: random.Random) -> str:
    """Often many of one millisecond."""
    match number % 3:
        case 0:
            value = (1_700_000_000_000 << 80) + (0x7 << 76) + (number << 40)
        case 1:
            value = ((1_700_000_000_000 + number // 50) << 80) + (0x7 << 76) + rng.getrandbits(62)
        case _:
            value = (1_700_000_000_000 + number) << 80
    return public_id("prd", UUID(int=value))


def _document(number: int, rng: random.Random, alike: int) -> Document:
    words = rng.sample(WORDS[:alike], rng.randint(1, min(3, alike)))
    fields: dict[str, Any] = {
        "title": {"en": " ".join(words), "zh-hans": rng.choice(CHINESE[:alike])},
        "sku": (f"AB-{number % 40:04d}",),
        "brand": (rng.choice(WORDS[:alike]),),
        "merchant": (f"m{rng.randint(1, 4)}",),
        "product": (f"g{number % 17}",) if number % 4 else (),
        "category": (CategoryPath(("root", rng.choice(WORDS[:alike]))),),
        "prices": (rng.randint(1, 9),),
        "stock": rng.choice(("in_stock", "in_stock", "sold_out")),
        "sales": rng.choice((0, 0, 5, 50, 5_000)),
    }
    if rng.random() < 0.3:
        fields["rating"] = rng.choice((3.6, 4.1, 4.9))
    seen = ("*",) if rng.random() < 0.8 else ("buyer",)
    platform = "p" if rng.random() < 0.8 else "q"
    return Document(_id(number, rng), platform, 1, fields, visible_to=seen)


def _filled(engine: EmbeddedEngine, rng: random.Random, count: int) -> list[Document]:
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    alike = rng.randint(1, 5) if rng.random() < 0.5 else len(WORDS)
    rows = [_document(number, rng, alike) for number in range(count)]
    rng.shuffle(rows)
    step = rng.choice((37, 200, 1000))
    for start in range(0, count, step):
        engine.write(doc_type=PRODUCT, operations=rows[start : start + step])
    changed = [replace(one, version=2) for one in rng.sample(rows, count // 10)]
    gone = [Tombstone(one.id, one.platform, 3) for one in rng.sample(rows, count // 8)]
    engine.write(doc_type=PRODUCT, operations=[*changed, *gone])
    return rows


def _query(rng: random.Random, rows: list[Document]) -> Query:
    some = (*WORDS, *CHINESE, "AB-0007", "drilll", "9", "rice米", "nowhere")
    text = " ".join(rng.sample(some, rng.choice((0, 1, 1, 2, 2, 3))))
    query = Query(text=text, facets=(TermsFacet("brand"),) * rng.randint(0, 1))
    query = replace(query, size=rng.choice((1, 7, 20)))

    def named() -> tuple[str, ...]:
        return tuple(one.id for one in rng.sample(rows, min(len(rows), rng.randint(1, 4))))

    changes: list[dict[str, Any]] = [
        {"filters": (Range("prices.0", 1, 6),)},
        {"filters": (Terms("brand", ("corn", "rice")),)},
        {"boosts": (BoostRule((Terms("brand", ("rice",)),), rng.choice((20.0, 150.0, -30.0))),)},
        {"boosts": (BoostRule((Range("sales", 5, None),), 0.125),)},
        {"boosts": (BoostRule((Range("prices.0", 2, 5), Terms("stock", ("in_stock",))), 7.0),)},
        {"weights": Weights(all_words=rng.choice((0.0, 3.0)))},
        {
            "weights": Weights(all_words=0.01, code=0.5),
            "boosts": (BoostRule((Terms("brand", ("corn", "rice"), exclude=True),), 9.0),),
        },
        {"weights": Weights(signals={"in_stock": 50.0, "sales": 0.0})},
        {"pins": named()},
        {"buries": named()},
        {"sort": Sort("prices.0")},
        {"sort": Sort("rating", descending=True)},
        {"group": rng.choice(("product", "merchant"))},
        {"visible_to": ("*", "buyer")},
        {"excluded": (("merchant", ("m1",)),)},
    ]
    for change in rng.sample(changes, rng.choice((0, 0, 1, 1, 2, 3))):
        query = replace(query, **change)
    return query


def _pages(engine: EmbeddedEngine, query: Query) -> tuple[list[str], list[float], list[Any]]:
    """The hits of the first pages, by cursor, and what else was told."""
    ids: list[str] = []
    scores: list[float] = []
    told: list[Any] = []
    asked = query
    for _page in range(4):
        found = engine.search(platform="p", doc_type=PRODUCT, query=asked)
        ids += [hit.id for hit in found.hits]
        scores += [hit.score for hit in found.hits]
        told.append(
            (found.total, found.full, found.facets, found.groups, found.corrected, len(found.hits))
        )
        if not found.cursor:
            break
        asked = replace(query, cursor=found.cursor)
    return ids, scores, told


SIZES = (0, 1, 2, 60, 300, 600)
LIMITS: list[dict[str, Any]] = [
    {},
    {"MANY_WHOLE": 0},
    {"EACH_MOST": 0, "MANY_WHOLE": 0},
    {"AHEAD": 4, "EACH_MOST": 40, "LOW_MOST": 64, "SOME": 2},
    {"SOME": 1},
]


@pytest.mark.parametrize("seed", range(len(SIZES)))
def test_each_way_gives_the_same_pages(
    seed: int, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    engine = EmbeddedEngine(tmp_path_factory.mktemp("ways"))
    rows = _filled(engine, rng, SIZES[seed])
    queries = [_query(rng, rows) for _ in range(30)]
    plain = [_pages(engine, one) for one in queries]
    ways: Counter[bool] = Counter()
    real = narrowing.narrowed

    def noted(*given: Any) -> narrowing.Narrowed:
        part = real(*given)
        ways[part.pull is not None] += 1
        return part

    assert all(len(set(ids)) == len(ids) for ids, _scores, _told in plain)
    for query, (_ids, _scores, told) in zip(queries, plain, strict=True):
        [bare] = _pages(engine, replace(query, facets=(), size=100, bare=True))[2][:1]
        assert bare[:2] == told[0][:2], query  # counted with the facets, and without
    monkeypatch.setattr(narrowing, "narrowed", noted)
    for limits in LIMITS:
        with monkeypatch.context() as patch:
            patch.setattr(narrowing, "MANY", 0)
            patch.setattr(ranking, "SOME", rng.choice((1, 30, 512)))
            if rng.random() < 0.5:
                patch.setattr(ranking.Ranking, "_among_lowest", lambda *_asked: None)
            for name, value in limits.items():
                patch.setattr(narrowing, name, value)
            for query, before in zip(queries, plain, strict=True):
                ids, scores, told = _pages(engine, query)
                assert told == before[2], (limits, query)
                assert scores == pytest.approx(before[1], abs=1e-3), (limits, query)
                assert ids == before[0], (limits, query)
    engine.close()
    assert len(rows) < 60 or ways[True]
