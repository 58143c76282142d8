"""An engine in memory, and an indexer that works when it is told to."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from kernel import tenancy
from kernel.tenancy import Tenant

if TYPE_CHECKING:
    from search.services.indexer import Indexer
    from tests.search.indexing.memory import MemoryEngine


@pytest.fixture
def engine() -> "MemoryEngine":
    from tests.search.indexing.memory import MemoryEngine

    return MemoryEngine()


@pytest.fixture
def indexer(engine: "MemoryEngine") -> Iterator["Indexer"]:
    """It takes no lock: the test is the only one here."""
    from search.services.indexer import Indexer

    found = Indexer(engine)
    yield found
    found.lock.leave()


@pytest.fixture
def settled(indexer: "Indexer") -> Callable[..., None]:
    """Deliver what happened and let the indexer work until nothing is left to do."""
    from kernel import jobs, outbox
    from search.services import rebuilding

    def settle(*tenants: Tenant, rounds: int = 400) -> None:
        for tenant in tenants or (tenancy.current(),):
            with tenancy.scope(tenant):
                outbox.drain()
                jobs.drain(quiet=True)
        indexer.look()
        for _ in range(rounds):
            if not indexer.step():
                indexer.look()
                if not indexer.step() and not rebuilding.open_tasks():
                    return
        raise AssertionError("the indexer found no end")

    return settle


@pytest.fixture
def town(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A platform where commits are commits: the indexer looks as the system role."""
    from tests.factories.platforms import make_platform

    tenant = make_platform()
    with tenancy.scope(tenant):
        yield tenant
