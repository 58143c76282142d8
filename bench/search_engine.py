"""The embedded engine at size: ``python -m bench.search_engine --documents 1000000``.

Streams synthetic products into the port and measures, with exact counts: index rate, peak memory,
suggestions, one client without and with four facets, and eight clients (processes, on two cores)
through the whole stack beside the bare engine's own rate on the same queries in the same run. The
bare engine searches the same tantivy index for the same words (any of them, top 20, counted,
filtered by platform) without analysis, planning or rendering. ``--folder`` keeps the index there
and uses it again: a million documents take some minutes to write.
"""

import argparse
import json
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from kernel.ids import public_id
from search.contracts import (
    Attribute,
    CategoryPath,
    Document,
    Query,
    RangeFacet,
    SuggestQuery,
    TermsFacet,
    Tombstone,
    TreeFacet,
)
from search.documents.types import PRODUCT

PLATFORM = "bench"
KINDS = ("corn", "rice", "wheat", "drill", "faucet", "lamp", "hinge", "bucket", "screw", "cable")
CHINESE = ("玉米", "大米", "小麦", "电钻", "水龙头", "台灯", "合页", "水桶", "螺丝", "电缆")
ADJECTIVES = ("yellow", "dried", "steel", "brass", "portable", "outdoor", "heavy", "soft", "long")
BATCH = 5_000
_ready: Any = None  # what the clients wait at, so that they begin together


def documents(count: int, seed: int = 1) -> Iterator[Document]:
    """Synthetic products, each with a word of its own."""
    rng = random.Random(seed)
    for number in range(count):
        kind = rng.randrange(len(KINDS))
        first, second = rng.sample(ADJECTIVES, 2)
        own = "".join(rng.choices("bcdfghklmnprstvz", k=3)) + format(number % 40_000, "x")
        yield Document(
            public_id("prd", UUID(int=number << 80)),
            PLATFORM,
            1,
            {
                "title": {
                    "en": f"{first} {second} {KINDS[kind]} {own} {rng.randint(1, 60)} kg",
                    "zh-hans": f"{CHINESE[kind]} {rng.randint(1, 5)}等 {rng.randint(1, 60)}公斤装",
                },
                "sku": (f"SKU-{number:07d}",),
                "brand": (f"brand {int(rng.paretovariate(1)) % 500}",),
                "merchant": f"mer_{rng.randrange(300)}",
                "category": (CategoryPath((f"root{kind % 3}", KINDS[kind])),),
                "attributes": (
                    Attribute("moisture", round(rng.uniform(10, 18), 1), "P1"),
                    Attribute("grade", f"{rng.randint(1, 5)}等"),
                ),
                "prices": (rng.randint(100, 1_000_000),),
                "stock": "in_stock" if rng.random() < 0.9 else "sold_out",
                "sales": rng.randrange(2_000),
            },
        )


def texts(count: int, seed: int = 2) -> list[str]:
    """What is asked: one to three words, now and then a slip or Chinese."""
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        kind = rng.randrange(len(KINDS))
        words = [*rng.sample(ADJECTIVES, rng.randint(0, 2)), KINDS[kind]]
        if rng.random() < 0.3:
            words = [CHINESE[kind]]
        elif rng.random() < 0.1:
            words[-1] = words[-1][:-2] + words[-1][-1]
        out.append(" ".join(words))
    return out


FACETS = (
    TermsFacet("brand"),
    TermsFacet("attributes.grade"),
    RangeFacet("prices.0", ((None, 10_000), (10_000, 100_000), (100_000, None))),
    TreeFacet("category", depth=2),
)


def _times(ask: Callable[[str], Any], asked: list[str]) -> dict[str, float]:
    """By the clock, and by the processor, which neighbours hardly change."""
    took, worked = [], []
    for text in asked:
        began, before = time.perf_counter(), time.thread_time()
        ask(text)
        worked.append((time.thread_time() - before) * 1000)
        took.append((time.perf_counter() - began) * 1000)
    cuts, cpu = statistics.quantiles(took, n=100), statistics.quantiles(worked, n=100)
    return {
        "p50_ms": round(cuts[49], 2),
        "p99_ms": round(cuts[98], 2),
        "cpu_p50_ms": round(cpu[49], 2),
        "cpu_p99_ms": round(cpu[98], 2),
    }


def _pss() -> int:
    """Megabytes of this process, what it shares by its part: files of the index that are mapped
    count as far as they were read."""
    rows = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return int(next(row.split()[1] for row in rows if row.startswith("Pss:"))) // 1024


def _exact(found: Any, count: int, word: str) -> bool:
    """Whether total and facets of a word that only titles have are those that Python counts."""
    total, brands, paths = 0, Counter[str](), Counter[str]()
    for one in documents(count):
        if word in one.fields["title"]["en"].split():
            total += 1
            brands[one.fields["brand"][0]] += 1
            path = one.fields["category"][0].path
            paths.update("/".join(path[:depth]) for depth in (1, 2))
    facets = {one.ref: {b.value: b.count for b in one.buckets} for one in found.facets}
    most = dict(sorted(brands.items(), key=lambda pair: (-pair[1], pair[0]))[:20])
    return bool(
        found.total == total and facets["brand"] == most and facets["category"] == dict(paths)
    )


def _stack(folder: str) -> Callable[[str], Any]:
    from search.engines.embedded.engine import EmbeddedEngine

    engine = EmbeddedEngine(folder)
    return lambda text: engine.search(platform=PLATFORM, doc_type=PRODUCT, query=Query(text=text))


def _bare(folder: str) -> Callable[[str], Any]:
    from tantivy import Occur
    from tantivy import Query as Q

    from search.analysis.tokens import index_tokens
    from search.documents.physical import PLATFORM as FIELD
    from search.engines.embedded.engine import EmbeddedEngine

    opened = EmbeddedEngine(folder).store.open(PRODUCT)
    searcher, schema = opened.seen(), opened.index.schema
    mine = Q.const_score_query(Q.term_query(schema, FIELD, PLATFORM, "basic"), 0.0)

    def ask(text: str) -> Any:
        words = [
            (Occur.Should, Q.term_query(schema, field, token, "freq"))
            for token in index_tokens(text)
            for field in ("t_title_zh", "t_title_en", "t_words", "t_text")
        ]
        query = Q.boolean_query([(Occur.Must, mine), (Occur.Must, Q.boolean_query(words))])
        return [searcher.doc(at) for _, at in searcher.search(query, 20).hits]

    return ask


def _client(folder: str, seed: int, seconds: float) -> tuple[int, int]:
    """How many searches the stack and the bare engine made, taking turns every second: neither is
    asked while the machine is faster."""
    ways = (_stack(folder), _bare(folder))
    asked, done = texts(500, seed), [0, 0]
    for text in asked[:60]:
        for ask in ways:
            ask(text)
    _ready.wait()
    begins = time.monotonic()
    while (gone := time.monotonic() - begins) < 2 * seconds:
        turn = int(gone) % 2
        ways[turn](asked[done[turn] % len(asked)])
        done[turn] += 1
    return done[0], done[1]


def _share(ready: Any) -> None:
    globals()["_ready"] = ready


def _rates(folder: str, clients: int, seconds: int) -> tuple[float, float]:
    """Searches a second of the stack and of the bare engine, for so many seconds each."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(clients, _share, (context.Barrier(clients),)) as pool:
        asked = [(folder, seed, seconds) for seed in range(clients)]
        found = pool.starmap(_client, asked, chunksize=1)
    return sum(one for one, _ in found) / seconds, sum(two for _, two in found) / seconds


def _index(engine: Any, count: int) -> dict[str, Any]:
    """Write the documents; what that took, of the clock and of the processors."""
    engine.create(doc_type=PRODUCT, generation="bench")
    stream = documents(count)
    began, before = time.perf_counter(), time.process_time()
    while batch := list(islice(stream, BATCH)):
        engine.write(doc_type=PRODUCT, operations=batch, generation="bench")
    took, worked = time.perf_counter() - began, time.process_time() - before
    engine.swap(doc_type=PRODUCT, generation="bench")
    return {
        "index_per_second": round(count / took),
        "index_per_cpu_second": round(count / worked),
        "index_pss_megabytes": _pss(),
    }


def run(count: int, seconds: float, folder: str) -> dict[str, Any]:
    """All of it."""
    from search.engines.embedded.engine import EmbeddedEngine

    engine = EmbeddedEngine(folder)
    found: dict[str, Any] = {}
    if engine.current(doc_type=PRODUCT) is None:
        found |= _index(engine, count)
    engine.refresh(doc_type=PRODUCT)
    count = engine.count(platform=PLATFORM, doc_type=PRODUCT)
    found |= {"documents": count, "megabytes": engine.store.size(PRODUCT, "bench") // 2**20}
    asked = texts(600)
    plain = _stack(folder)

    def faceted(text: str) -> Any:
        query = Query(text=text, facets=FACETS)
        return engine.search(platform=PLATFORM, doc_type=PRODUCT, query=query)

    def suggest(text: str) -> Any:
        query = SuggestQuery(text[:4])
        return engine.suggest(platform=PLATFORM, doc_type=PRODUCT, query=query)

    found["exact"] = _exact(faceted("steel"), count, "steel")
    for name, ask in (("plain", plain), ("four_facets", faceted), ("suggest", suggest)):
        _times(ask, asked[:50])
        found[name] = _times(ask, asked)
    stack, bare = _rates(folder, 8, max(1, round(seconds)))
    found |= {"stack_8_per_second": round(stack), "bare_8_per_second": round(bare)}
    found["share"] = round(stack / bare, 2)
    found["pss_megabytes"] = _pss()
    fresh = f"prd_fresh{time.time_ns()}"
    began = time.perf_counter()
    one = Document(fresh, PLATFORM, 1, {"title": {"en": "freshly written"}})
    engine.write(doc_type=PRODUCT, operations=[one])
    assert plain("freshly").hits[0].id == fresh
    found["change_visible_ms"] = round((time.perf_counter() - began) * 1000)
    engine.write(doc_type=PRODUCT, operations=[Tombstone(fresh, PLATFORM, 2)])
    engine.close()
    return found


def _server_client(kind: str, url: str, seed: int, seconds: float) -> int:
    """One client of a server: through the port, or the same words as the server itself takes
    them, in one request, with the same fields, filters, exact count and twenty hits."""
    from elasticsearch import Elasticsearch

    from search.analysis.tokens import index_tokens

    engine, index = _server(url)
    client = Elasticsearch(url)
    fields = ["t_title_zh", "t_title_en", "t_words", "t_text"]

    def bare(text: str) -> Any:
        words = {"query": " ".join(index_tokens(text)), "fields": fields}
        query = {
            "bool": {
                "must": [{"multi_match": words}],
                "filter": [{"term": {"platform": PLATFORM}}, {"term": {"visible": "*"}}],
            }
        }
        return client.search(index=index, query=query, size=20, track_total_hits=True).body

    def stack(text: str) -> Any:
        return engine.search(platform=PLATFORM, doc_type=PRODUCT, query=Query(text=text))

    ask, asked, done = (stack if kind == "stack" else bare), texts(500, seed), 0
    for text in asked[:20]:
        ask(text)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        ask(asked[done % len(asked)])
        done += 1
    return done


def _server(url: str) -> tuple[Any, str]:
    from search.engines.elastic.connection import Connection
    from search.engines.elastic.engine import ElasticEngine
    from search.engines.elastic.layout import Names, Sizing

    names = Names("bench")
    engine = ElasticEngine(Connection(url), names, Sizing(1, "1s"))
    return engine, names.index("product-1-bench")


def run_server(url: str, count: int, seconds: float, clients: int) -> dict[str, Any]:
    """The share of a server's own rate that comes through the port, in one run."""
    engine, _index = _server(url)
    generation = "product-1-bench"
    engine.create(doc_type=PRODUCT, generation=generation)
    stream = documents(count)
    began = time.perf_counter()
    while batch := list(islice(stream, 1_000)):
        engine.write(doc_type=PRODUCT, operations=batch, generation=generation)
    took = time.perf_counter() - began
    engine.swap(doc_type=PRODUCT, generation=generation)
    engine.refresh(doc_type=PRODUCT)
    found: dict[str, Any] = {
        "documents": engine.count(platform=PLATFORM, doc_type=PRODUCT),
        "index_per_second": round(count / took),
    }
    with multiprocessing.get_context("spawn").Pool(clients) as pool:
        for turn in (1, 2):  # twice, taking turns: a busy machine gives neither the better half
            for kind in ("bare", "stack"):
                asked = [(kind, url, seed, seconds) for seed in range(clients)]
                rate = sum(pool.starmap(_server_client, asked)) / seconds
                found[f"{kind}_per_second_{turn}"] = round(rate)
    shares = [found[f"stack_per_second_{n}"] / found[f"bare_per_second_{n}"] for n in (1, 2)]
    found["share"] = [round(one, 2) for one in shares]
    engine.close()
    return found


def main() -> None:
    """Print the measures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--url", default="", help="of a search server, instead of the embedded one")
    parser.add_argument("--folder", default="", help="where the index is kept for another run")
    options = parser.parse_args()
    if options.url:
        found = run_server(options.url, options.documents, options.seconds, options.clients)
    elif options.folder:
        found = run(options.documents, options.seconds, options.folder)
    else:
        with tempfile.TemporaryDirectory(prefix="search-bench-") as folder:
            found = run(options.documents, options.seconds, folder)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
