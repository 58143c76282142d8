"""The worker as it runs: events, lanes and the index, with nobody telling it what to do."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from catalog import facade as catalog
from kernel.ids import public_id
from kernel.residents import RESIDENTS
from kernel.worker import Worker
from search.models import Change, IndexProgress
from search.services import engines
from tests.factories.catalog import make_product
from tests.factories.marketplace import make_goods, set_price
from tests.search.indexing.memory import MemoryEngine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it didn't happen in time"
        time.sleep(0.01)


@pytest.fixture
def working(
    town: Any, engine: MemoryEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Worker]]:
    """Starts workers with their residents; all end with the test."""
    monkeypatch.setattr(engines, "make", lambda: engine)
    threads: list[threading.Thread] = []
    workers: list[Worker] = []

    def run(worker: Worker) -> None:
        worker.run()
        connections.close_all()

    def start() -> Worker:
        worker = Worker(handlers=1, jobs=1, hooks=1)
        thread = threading.Thread(target=run, args=(worker,))
        thread.start()
        threads.append(thread)
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join(120)


def test_a_change_is_found_without_anybodys_doing(
    town: Any, engine: MemoryEngine, working: Callable[[], Worker]
) -> None:
    assert "search.indexer" in RESIDENTS
    first = make_product()
    one, two = working(), working()  # one of them writes
    wait_for(lambda: engine.aliases.keys() == {"product", "merchant"})
    wait_for(lambda: public_id("prd", first.id) in engine.live("product", town.id))
    variant = make_goods("10")
    set_price(variant, "11")
    name = public_id("prd", catalog.variants([variant])[variant].product_id)
    wait_for(lambda: engine.live("product", town.id).get(name) is not None
             and engine.live("product", town.id)[name].fields.get("prices") == [1100])  # fmt: skip
    wait_for(lambda: not Change.objects.exists())
    holder = IndexProgress.objects.get(shard="default").holder
    # Whoever writes goes; the other takes over.
    one.stop()
    catalog.withdraw_product(product_id=first.id)
    wait_for(lambda: public_id("prd", first.id) not in engine.live("product", town.id))
    assert holder
    assert not two.stopping.is_set()
