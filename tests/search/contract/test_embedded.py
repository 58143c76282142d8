"""The suite on the embedded engine."""

from collections.abc import Iterator

import pytest

from search.engines.embedded.engine import EmbeddedEngine
from tests.search.contract.suite import Contract, fill


@pytest.fixture(scope="module")
def contract_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path_factory.mktemp("search"))
    fill(engine)
    yield engine
    engine.close()


class TestEmbedded(Contract):
    """Every case."""
