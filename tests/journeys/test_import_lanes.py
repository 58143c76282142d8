"""Two portions of a list at once, each kept after the one before: on real connections."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from catalog.models import Product, ProductToken, Variant
from inventory.models import Stock
from journeys import facade
from journeys.facade import ImportInfo
from journeys.imports import writing
from journeys.imports.rows import Group
from journeys.services import imports
from kernel import jobs, tenancy
from kernel.ids import uuid7
from kernel.records.outbox import OutboxEvent
from kernel.tables import csv_lines
from kernel.tenancy import Tenant
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import make_merchant
from tests.journeys.importing import work_until_killed

HEADER = ["商品编号", "标题", "状态", "货号", "售价", "库存"]
SIZE, COUNT = 5, 43


@pytest.fixture
def shop(platform: Tenant, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setattr(writing, "PRODUCTS", SIZE)
    merchant = make_merchant()
    make_warehouse(merchant_id=merchant.id, names={"en": "Main", "zh-Hans": "主仓"})
    return merchant.id


def started(shop: UUID, numbers: Sequence[int] = range(COUNT)) -> ImportInfo:
    rows = [[f"E{n}", f"茶{n}", "上架", f"S{n}", "1.50", str(n)] for n in numbers]
    data = "".join(csv_lines(HEADER, rows)).encode()
    info = facade.upload_import(merchant_id=shop, data=data)
    return facade.run_import(import_id=info.id, merchant_id=shop)


def work(info: ImportInfo, *, attempt: int = 1) -> ImportInfo:
    context = jobs.JobContext(uuid7(), imports.JOB, attempt)
    context.progress = lambda done, total: None  # type: ignore[method-assign]
    imports.work(context, import_id=info.id)
    return facade.product_import(import_id=info.id)


def made_once(shop: UUID, count: int = COUNT) -> None:
    """Each product once, with its variant, price, stock and events."""
    assert Product.objects.filter(merchant_id=shop, state="published").count() == count
    assert Variant.objects.filter(merchant_id=shop).count() == count
    assert Stock.objects.filter(merchant_id=shop).count() == count
    assert ProductToken.objects.values("product_id").distinct().count() == count
    events = OutboxEvent.objects.filter(type="catalog.product.created.v1")
    assert events.values("aggregate_id").distinct().count() == events.count() == count


Write = Callable[[UUID, str, Sequence[Group]], writing.Portion]


def watched(monkeypatch: pytest.MonkeyPatch, before: Callable[[str], None]) -> None:
    """Have ``before`` called, with the first article's number, as a portion is written."""
    write: Write = writing.write

    def noted(merchant_id: UUID, currency: str, groups: Sequence[Group]) -> writing.Portion:
        before(groups[0].lines[0].variant.sku)
        return write(merchant_id, currency, groups)

    monkeypatch.setattr(writing, "write", noted)


def test_two_are_written_at_once_and_all_is_there_once(
    shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=60)

    def meet(sku: str) -> None:
        if sku in ("S0", f"S{SIZE}"):
            both.wait()

    watched(monkeypatch, meet)
    done = work(started(shop))
    assert (done.state, done.made, done.failed, done.position) == ("done", COUNT, 0, COUNT)
    made_once(shop)


def test_what_follows_one_that_failed_isnt_kept(
    shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = threading.Event()

    def fail(sku: str) -> None:
        if sku == f"S{SIZE}":
            assert written.wait(60)
            raise ZeroDivisionError
        if sku == f"S{2 * SIZE}":
            written.set()

    info = started(shop)
    with monkeypatch.context() as patch:
        watched(patch, fail)
        with pytest.raises(ZeroDivisionError):
            work(info)
    half = facade.product_import(import_id=info.id)
    assert (half.state, half.position, half.made) == ("running", SIZE, SIZE)
    made_once(shop, SIZE)
    assert work(info, attempt=2).made == COUNT
    made_once(shop)


def test_goods_that_are_there_wait_for_the_portion_before(
    shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(started(shop))
    info = started(shop, range(1, COUNT + 1))  # all but the last portion's last are there
    late: list[tuple[str, int]] = []

    def look(sku: str) -> None:
        kept = facade.product_import(import_id=info.id).position
        if kept != int(sku[1:]) - 1:
            late.append((sku, kept))

    watched(monkeypatch, look)
    done = work(info)
    assert (done.made, done.changed, done.unchanged) == (1, 0, COUNT - 1)
    assert not late, "begun before the one before it was kept"


def test_killed_it_goes_on_where_it_stopped(shop: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    info = started(shop)
    work_until_killed(info.id, monkeypatch, after_portions=3)
    half = facade.product_import(import_id=info.id)
    # The other lane may have kept the portion that it was at.
    assert half.position in (3 * SIZE, 4 * SIZE)
    made_once(shop, half.position)
    done = work(info)
    assert (done.state, done.made) == ("done", COUNT)
    made_once(shop)


def test_cancelled_meanwhile_it_keeps_no_more(shop: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    info, tenant = started(shop), tenancy.current()
    both = threading.Barrier(2, timeout=60)

    def cancel() -> None:
        with tenancy.scope(tenant):
            facade.cancel_import(import_id=info.id, merchant_id=shop)

    def meet(sku: str) -> None:
        both.wait()
        if sku == "S0":
            with ThreadPoolExecutor(1) as pool:
                pool.submit(cancel).result(60)
        both.wait()

    watched(monkeypatch, meet)
    done = work(info)
    assert (done.state, done.position) == ("cancelled", 0)
    assert not Product.objects.filter(merchant_id=shop).exists()


def test_a_failure_makes_it_go_one_by_one(shop: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[int] = set()
    watched(monkeypatch, lambda sku: threads.add(threading.get_ident()))
    assert work(started(shop), attempt=2).made == COUNT
    assert threads == {threading.get_ident()}
    made_once(shop)


def test_two_lists_of_the_same_new_goods_make_them_once(shop: UUID) -> None:
    one, other = started(shop), started(shop, range(COUNT - 1, -1, -1))
    tenant = tenancy.current()

    def run(info: ImportInfo) -> Any:
        # What was knotted with the other is tried again, as a worker does, one by one.
        with tenancy.scope(tenant):
            for attempt in (1, 2, 3):
                try:
                    return work(info, attempt=attempt)
                except OperationalError:
                    continue
        raise AssertionError("three times in a knot")

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(run, [one, other]))
    assert [(info.state, info.failed, info.position) for info in found] == [("done", 0, COUNT)] * 2
    assert sum(info.made for info in found) == COUNT
    made_once(shop)
