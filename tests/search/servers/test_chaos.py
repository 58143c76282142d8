"""The server killed, hanging and back: afterwards the index equals the source."""

import os
import random
import threading
import time
from collections.abc import Callable

import pytest

from search.contracts import Document, Query
from search.documents.physical import checksum
from search.documents.types import PRODUCT
from search.engines.elastic.engine import ElasticEngine
from search.errors import EngineDown
from tests.search.servers.conftest import generation
from tests.search.servers.goods import product
from tests.stack.search_servers import SearchServer

pytestmark = [
    pytest.mark.stack,
    # Once is enough: what is tried is the engine's side.
    pytest.mark.skipif(
        os.environ.get("SEARCH_SERVER_KIND") not in {None, "elasticsearch-8"},
        reason="killed as Elasticsearch 8 only",
    ),
]
BATCH = 20


def goods(seed: int, count: int) -> list[Document]:
    rng = random.Random(seed)
    return [product(rng, number) for number in range(count)]


def write_all(engine: ElasticEngine, source: list[Document], target: str | None) -> None:
    """As an indexer does: a batch again until it is taken."""
    deadline = time.monotonic() + 120
    for at in range(0, len(source), BATCH):
        while True:
            try:
                engine.write(
                    doc_type=PRODUCT, operations=source[at : at + BATCH], generation=target
                )
                break
            except EngineDown:
                assert time.monotonic() < deadline
                time.sleep(0.2)


def assert_equal(engine: ElasticEngine, source: list[Document], target: str | None = None) -> None:
    engine.refresh(doc_type=PRODUCT, generation=target)
    entries = engine.scroll(platform="p1", doc_type=PRODUCT, generation=target)
    assert [(one.id, one.version, one.checksum) for one in entries] == [
        (one.id, one.version, checksum(one)) for one in source
    ]


def kill_and_start(node: SearchServer) -> None:
    node.kill()
    node.start()


def test_killed_in_the_middle_of_bulk_writing(engine: ElasticEngine, node: SearchServer) -> None:
    source = goods(1, 800)
    writing = threading.Thread(target=write_all, args=(engine, source, None))
    writing.start()
    time.sleep(0.3)
    kill_and_start(node)
    writing.join()
    assert_equal(engine, source)


def test_killed_in_the_middle_of_a_rebuild(
    engine: ElasticEngine, make_engine: Callable[[], ElasticEngine], node: SearchServer
) -> None:
    before, after = goods(2, 100), goods(3, 600)
    engine.write(doc_type=PRODUCT, operations=before, refresh=True)
    one, two = generation(PRODUCT, 1), generation(PRODUCT, 2)
    engine.create(doc_type=PRODUCT, generation=two)
    filling = threading.Thread(target=write_all, args=(engine, after, two))
    filling.start()
    time.sleep(0.4)
    kill_and_start(node)
    filling.join()
    other = make_engine()  # another process goes on
    other.create(doc_type=PRODUCT, generation=two)
    assert other.current(doc_type=PRODUCT) == one
    assert_equal(other, before)
    assert_equal(other, after, two)
    assert other.swap(doc_type=PRODUCT, generation=two) == one
    assert_equal(other, after)


def test_a_server_that_hangs_is_known_to_be_down_and_comes_back(
    engine: ElasticEngine, node: SearchServer
) -> None:
    source = goods(4, 50)
    engine.write(doc_type=PRODUCT, operations=source, refresh=True)
    node.pause()
    try:
        for _ in range(3):
            with pytest.raises(EngineDown):
                engine.search(platform="p1", doc_type=PRODUCT, query=Query(text="corn"))
        for _ in range(200):  # the circuit is open: nobody waits for the network
            with pytest.raises(EngineDown):
                engine.search(platform="p1", doc_type=PRODUCT, query=Query())
        assert not engine.status().up
    finally:
        node.resume()
    deadline = time.monotonic() + 120
    while not engine.status().up:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert_equal(engine, source)
