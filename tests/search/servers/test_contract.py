"""The contract suite, unchanged, on a real server."""

from collections.abc import Iterator

import pytest

from search.engines.elastic.engine import ElasticEngine
from tests.search.contract.suite import Contract, fill
from tests.search.servers.conftest import deployment

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def contract_engine(search_url: str) -> Iterator[ElasticEngine]:
    with deployment(search_url) as make:
        engine = make()
        fill(engine)
        yield engine


class TestServer(Contract):
    """Every case."""
