"""The embedded engine at size: ``python -m bench.search_engine --documents 1000000``.

Streams synthetic products into the port and measures, with exact counts: index rate, peak memory,
suggestions, one client without and with four facets, and eight clients (processes, on two cores)
through the whole stack beside the bare engine's own rate on the same queries in the same run. The
bare engine searches the same tantivy index for the same words (any of them, top 20, counted,
filtered by platform) without analysis, planning or rendering.
"""

import argparse
import json
import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
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
    TreeFacet,
)
from search.documents.types import PRODUCT

PLATFORM = "bench"
KINDS = ("corn", "rice", "wheat", "drill", "faucet", "lamp", "hinge", "bucket", "screw", "cable")
CHINESE = ("玉米", "大米", "小麦", "电钻", "水龙头", "台灯", "合页", "水桶", "螺丝", "电缆")
ADJECTIVES = ("yellow", "dried", "steel", "brass", "portable", "outdoor", "heavy", "soft", "long")
BATCH = 5_000


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
    took = []
    for text in asked:
        began = time.perf_counter()
        ask(text)
        took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=100)
    return {"p50_ms": round(cuts[49], 2), "p99_ms": round(cuts[98], 2)}


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


def _client(kind: str, folder: str, seed: int, seconds: float) -> int:
    ask = (_stack if kind == "stack" else _bare)(folder)
    asked, done = texts(500, seed), 0
    for text in asked[:20]:
        ask(text)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        ask(asked[done % len(asked)])
        done += 1
    return done


def _rate(kind: str, folder: str, clients: int, seconds: float) -> float:
    with multiprocessing.get_context("spawn").Pool(clients) as pool:
        asked = [(kind, folder, seed, seconds) for seed in range(clients)]
        return sum(pool.starmap(_client, asked)) / seconds


def run(count: int, seconds: float) -> dict[str, Any]:
    """All of it, in a folder that is thrown away."""
    from search.engines.embedded.engine import EmbeddedEngine

    with tempfile.TemporaryDirectory(prefix="search-bench-") as folder:
        engine = EmbeddedEngine(folder)
        engine.create(doc_type=PRODUCT, generation="bench")
        stream = documents(count)
        began = time.perf_counter()
        while batch := list(islice(stream, BATCH)):
            engine.write(doc_type=PRODUCT, operations=batch, generation="bench")
        took = time.perf_counter() - began
        engine.swap(doc_type=PRODUCT, generation="bench")
        engine.refresh(doc_type=PRODUCT)
        found: dict[str, Any] = {
            "documents": engine.count(platform=PLATFORM, doc_type=PRODUCT),
            "index_per_second": round(count / took),
            "megabytes": engine.store.size(PRODUCT, "bench") // 2**20,
        }
        asked = texts(600)
        plain = _stack(folder)

        def faceted(text: str) -> Any:
            query = Query(text=text, facets=FACETS)
            return engine.search(platform=PLATFORM, doc_type=PRODUCT, query=query)

        def suggest(text: str) -> Any:
            query = SuggestQuery(text[:4])
            return engine.suggest(platform=PLATFORM, doc_type=PRODUCT, query=query)

        for name, ask in (("plain", plain), ("four_facets", faceted), ("suggest", suggest)):
            _times(ask, asked[:50])
            found[name] = _times(ask, asked)
        began = time.perf_counter()
        one = Document("prd_fresh", PLATFORM, 1, {"title": {"en": "freshly written"}})
        engine.write(doc_type=PRODUCT, operations=[one])
        assert plain("freshly").total == 1
        found["change_visible_ms"] = round((time.perf_counter() - began) * 1000)
        found["stack_8_per_second"] = round(_rate("stack", folder, 8, seconds))
        found["bare_8_per_second"] = round(_rate("bare", folder, 8, seconds))
        found["share"] = round(found["stack_8_per_second"] / found["bare_8_per_second"], 2)
        found["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
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
    options = parser.parse_args()
    if options.url:
        found = run_server(options.url, options.documents, options.seconds, options.clients)
    else:
        found = run(options.documents, options.seconds)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
