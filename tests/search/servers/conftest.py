"""A real Elasticsearch or OpenSearch that ``make test-stack`` started, or that SEARCH_URL names."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from elasticsearch import Elasticsearch

from search.contracts import DocumentType
from search.documents.types import MERCHANT, PRODUCT, TITLE, fingerprint
from search.engines.elastic.connection import Connection
from search.engines.elastic.engine import ElasticEngine
from search.engines.elastic.layout import Names, Sizing
from tests.stack import search_servers
from tests.stack.search_servers import SearchServer


@pytest.fixture(scope="session")
def search_url() -> str:
    url = os.environ.get("SEARCH_URL", "")
    if not url:
        pytest.fail("these tests need a search server: make test-stack, or SEARCH_URL")
    return url


@pytest.fixture(scope="session")
def node(search_url: str) -> SearchServer:
    """The server, to be killed and started again; skips if it isn't ours."""
    found = search_servers.given()
    if found is None:
        pytest.skip("the server of SEARCH_URL isn't ours to kill")
    return found


@contextmanager
def deployment(url: str) -> Iterator[Callable[[], ElasticEngine]]:
    """Makes engines that share an index prefix of their own; their indices go at the end."""
    prefix = f"test-{secrets.token_hex(6)}"
    made: list[ElasticEngine] = []

    def make() -> ElasticEngine:
        engine = ElasticEngine(Connection(url), Names(prefix), Sizing(1, "200ms"))
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.close()
    last = Connection(url)
    last.call(lambda client: _remove(client, prefix))
    last.close()


def _remove(client: Elasticsearch, prefix: str) -> None:
    for name in client.indices.get(index=f"{prefix}-*").body:  # not by pattern: may be forbidden
        client.indices.delete(index=name)


@pytest.fixture
def make_engine(search_url: str) -> Iterator[Callable[[], ElasticEngine]]:
    """Engines of one deployment."""
    with deployment(search_url) as make:
        yield make


@pytest.fixture
def engine(make_engine: Callable[[], ElasticEngine]) -> ElasticEngine:
    """An engine with an empty current generation of each type."""
    found = make_engine()
    for doc_type in (PRODUCT, MERCHANT, TITLE):
        name = generation(doc_type, 1)
        found.create(doc_type=doc_type, generation=name)
        found.swap(doc_type=doc_type, generation=name)
    return found


def generation(doc_type: DocumentType, number: int) -> str:
    return f"{doc_type.name}-2026010100000{number}-{fingerprint(doc_type)}"
