"""An engine in memory for what stands above the engines."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.search.indexing.memory import MemoryEngine


@pytest.fixture
def memory() -> Iterator["MemoryEngine"]:
    """This process searches in memory; nothing is remembered of other tests."""
    from search.services import engines, offering, querylog
    from tests.search.indexing.memory import MemoryEngine

    engine = MemoryEngine()
    engines.use(engine)
    querylog.forget()
    offering.forget()
    yield engine
    engines.use(None)
