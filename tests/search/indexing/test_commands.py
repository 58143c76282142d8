"""What an operator does with the index, while somebody writes it and while nobody does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from catalog import facade as catalog
from kernel import outbox
from kernel.ids import public_id
from search.models import Change, IndexTask
from search.services import engines, indexer
from search.services.indexer import Indexer
from tests.factories.catalog import make_product
from tests.search.indexing.memory import MemoryEngine

Settle = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def here(engine: MemoryEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    engines.use(engine)
    monkeypatch.setattr(engines, "make", lambda: engine)
    monkeypatch.setattr(indexer, "LOOK", 0.02)
    yield
    engines.use(None)


def search(*args: str) -> str:
    out = StringIO()
    call_command("search", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def writer(engine: MemoryEngine) -> Iterator[Indexer]:
    """Another thread that holds the lock and works."""
    found, stopping = Indexer(engine), threading.Event()

    def run() -> None:
        found.run(stopping)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    end = time.monotonic() + 120
    while found.lock._connection is None or not engine.aliases.get("merchant"):
        assert time.monotonic() < end, "it doesn't get the lock"
        time.sleep(0.01)
    yield found
    stopping.set()
    thread.join(120)


def test_rebuild_by_itself_when_nobody_writes(town: Any, engine: MemoryEngine) -> None:
    product = make_product()
    said = search("rebuild")
    assert "rebuild of product: done" in said
    assert list(engine.live("product", town.id)) == [public_id("prd", product.id)]
    assert "0 differ" in search("verify")


def test_rebuild_and_rollback_by_the_one_that_writes(
    town: Any, engine: MemoryEngine, writer: Indexer
) -> None:
    make_product()
    outbox.drain()
    old = engine.aliases["product"]
    search("rebuild", "product")
    new = engine.aliases["product"]
    assert new != old
    assert len(engine.live("product", town.id)) == 1
    other = Indexer(engine)
    assert not other.lock.hold()  # one writes; the rest wait
    search("rollback", "product")
    assert engine.aliases["product"] == old
    assert "0 differ" in search("verify", "--platform", town.code)


def test_verify_names_what_differs_and_mends_it(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    lost, other, changed = (make_product() for _ in range(3))
    settled()
    physical = engine.store[engine.aliases["product"]]
    names = [public_id("prd", one.id) for one in (lost, other, changed)]
    del physical.documents[names[0]], physical.versions[names[0]]
    physical.documents[names[2]] = physical.documents[names[1]]
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("search", "verify", stdout=out)
    assert f"{town.code} {names[0]}: missing" in out.getvalue()
    assert f"{town.code} {names[2]}: different" in out.getvalue()
    assert names[1] not in out.getvalue()
    assert "1 differ" in search("verify", "--quick", "--repair")  # contents aren't looked at
    assert "2 differ" not in search("verify", "--repair")  # what waits is no difference
    settled()
    assert "0 differ" in search("verify")
    with pytest.raises(CommandError, match="no platform"):
        search("verify", "--platform", "nowhere")


def test_status_tells_how_it_is(town: Any, engine: MemoryEngine, settled: Settle) -> None:
    assert "Nobody has written the index yet" in search("status")
    product = make_product()
    settled()
    engine.refuses = {public_id("prd", product.id)}
    catalog.update_product(product_id=product.id, changes={"titles": {"zh-Hans": "一"}})
    settled()
    found = json.loads(search("status", "--json"))
    assert (found["engine"], found["up"]) == ("memory", True)
    assert {one["type"] for one in found["indexes"] if one["current"]} == {"product", "merchant"}
    [database] = [one for one in found["databases"] if one["database"] == "default"]
    assert database["set_aside"] == 1
    assert database["waiting"] == {"single": 0, "bulk": 0}
    aside = Change.objects.get()
    assert aside.error in search("status")
    engine.down = True
    assert "DOWN" in search("status")


def test_asking_without_waiting(town: Any) -> None:
    assert "Asked for: rebuild of merchant." in search("rebuild", "merchant", "--no-wait")
    assert IndexTask.objects.get().state == IndexTask.State.QUEUED
    with pytest.raises(CommandError, match="no type"):
        search("rebuild", "nothing")


def test_a_writer_that_lost_its_lock_stops_writing(town: Any, engine: MemoryEngine) -> None:
    one, two = Indexer(engine), Indexer(engine)
    try:
        assert one.lock.hold()
        one.lock.leave()  # as when the connection breaks
        assert two.lock.hold()
        assert not one.lock.hold()
    finally:
        two.lock.leave()
