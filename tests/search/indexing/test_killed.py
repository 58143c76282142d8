"""The writer is killed (SIGKILL) wherever work could be half done, on the engine as it serves; the
next one goes on, and index and database say the same."""

import os
import traceback
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from catalog import facade as catalog
from kernel import failpoints, outbox
from search.engines.embedded.engine import EmbeddedEngine
from search.models import Change, IndexTask
from search.services import rebuilding
from search.services.indexer import Indexer
from search.services.inspecting import verify
from tests.factories.catalog import make_product
from tests.factories.marketplace import make_goods, set_price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill, pytest.mark.slow]


def work(folder: Path, failpoint: str = "") -> int:
    """Another process writes the index until nothing is left to do; its exit code."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            failpoints._NAME = failpoint
            write(folder)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def write(folder: Path) -> None:
    indexer = Indexer(EmbeddedEngine(folder))
    assert indexer.lock.hold(), "another process writes"
    quiet = 0
    while quiet < 2:
        indexer.look()
        quiet = 0 if indexer.step() or indexer.tasks else quiet + 1


def test_killed_anywhere_it_ends_the_same(town: Any, tmp_path: Path) -> None:
    products = [make_product() for _ in range(6)]
    variants = [make_goods("10") for _ in range(3)]
    outbox.drain()
    # The first build, killed after a page was written and before that was noted …
    assert work(tmp_path, "search.fill.before_progress") == -9
    # … and after the pointer was swapped and before the task knew.
    assert work(tmp_path, "search.swap.after") == -9
    catalog.withdraw_product(product_id=products[0].id)
    set_price(variants[0], "12")
    added = make_product()
    outbox.drain()
    # Changes, killed after they were committed to the index and before their rows went.
    assert work(tmp_path, "search.serve.before_commit") == -9
    assert Change.objects.exists()
    catalog.withdraw_product(product_id=added.id)
    outbox.drain()
    rebuilding.ask(IndexTask.Kind.REBUILD, "product")
    assert work(tmp_path) == 0
    assert differences(EmbeddedEngine(tmp_path)) == []
    assert not Change.objects.exists()
    assert not rebuilding.open_tasks()


def differences(engine: EmbeddedEngine) -> list[Any]:
    found = verify(engine, rebuilding.tenants(), contents=True, repair=False, say=lambda line: None)
    assert found.documents > 5
    return found.differences
