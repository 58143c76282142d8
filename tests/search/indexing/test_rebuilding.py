"""A new index is filled and swapped in while the shop goes on; crashes and failures on the way."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from catalog import facade as catalog
from kernel import clock, outbox, tenancy
from kernel.ids import public_id
from platforms import facade as platforms
from search.contracts import FieldSpec, Kind
from search.documents import types
from search.errors import EngineDown
from search.models import Change, IndexTask
from search.services import rebuilding
from search.services.comparing import compare_page
from search.services.indexer import Indexer
from tests.factories.catalog import make_product
from tests.factories.marketplace import make_goods, set_price
from tests.factories.platforms import make_merchant, make_platform
from tests.search.indexing.memory import MemoryEngine

Settle = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "PAGE", 4)


def differences(engine: MemoryEngine, kind: str = "product") -> dict[UUID, str]:
    return compare_page(engine, kind=kind, generation=None, after=None, contents=True).problems


def run(indexer: Indexer, until: Callable[[], bool], most: int = 200) -> None:
    indexer.look()
    for _ in range(most):
        if until():
            return
        indexer.step()
        if not indexer.tasks:
            indexer.look()
    raise AssertionError("it didn't come to that")


def done(task: IndexTask) -> Callable[[], bool]:
    def look() -> bool:
        task.refresh_from_db()
        return task.state in (IndexTask.State.DONE, IndexTask.State.FAILED)

    return look


def rebuild() -> IndexTask:
    return rebuilding.ask(IndexTask.Kind.REBUILD, "product", reason="a test")


def at_step(task: IndexTask, step: str) -> Callable[[], bool]:
    def look() -> bool:
        task.refresh_from_db()
        return task.step == step and (step != "filling" or task.done > 0)

    return look


def test_the_old_index_serves_until_the_new_one_is_whole(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    ids = [make_product().id for _ in range(10)]
    settled()
    old = engine.aliases["product"]
    task = rebuild()
    assert rebuild().id == task.id  # asked twice, done once
    run(indexer, at_step(task, "filling"))
    assert engine.aliases["product"] == old
    # While it is filled, changes go to both: before and behind where filling stands.
    catalog.withdraw_product(product_id=ids[0])
    catalog.withdraw_product(product_id=ids[-1])
    added = make_product().id
    outbox.drain()
    indexer.step()
    assert set(engine.live("product", town.id, old)) == {
        public_id("prd", one) for one in (*ids[1:-1], added)
    }
    run(indexer, done(task))
    assert task.state == IndexTask.State.DONE
    assert engine.aliases["product"] == task.generation != old
    assert differences(engine) == {}
    assert set(engine.store) >= {old, task.generation}
    assert task.total == 10
    rebuild()
    settled()
    assert old not in engine.store  # only the one before the current is kept
    assert differences(engine) == {}


def test_many_platforms_one_after_another(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    others = [make_platform() for _ in range(3)]
    for tenant in (town, *others[1:]):  # one is empty
        with tenancy.scope(tenant):
            [make_product() for _ in range(5)]
    settled(town, *others)
    for tenant in (town, *others):
        with tenancy.scope(tenant):
            assert differences(engine) == differences(engine, "merchant") == {}
            expected = 0 if tenant is others[0] else 5
            assert len(engine.live("product", tenant.id)) == expected


def test_a_new_writer_goes_on_where_the_dead_one_stopped(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    [make_product() for _ in range(12)]
    settled()
    task = rebuild()
    run(indexer, at_step(task, "filling"))
    before, written = task.done, len(engine.batches)
    other = Indexer(engine)  # knows nothing of the first
    run(other, done(task))
    assert task.state == IndexTask.State.DONE
    assert differences(engine) == {}
    filled = [count for name, count in engine.batches[written:] if name == task.generation]
    assert sum(filled) == 12 - before


@pytest.mark.parametrize("step", ["filling", "checking", "swapping"])
def test_the_engine_dies_in_the_middle(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle, step: str
) -> None:
    ids = [make_product().id for _ in range(9)]
    settled()
    task = rebuild()
    run(indexer, at_step(task, step))
    engine.down = True
    catalog.withdraw_product(product_id=ids[3])
    outbox.drain()
    for _ in range(3):
        indexer._looked = 0.0
        with pytest.raises(EngineDown):
            indexer.step()
    engine.down = False
    run(indexer, done(task))
    settled()
    assert task.state == IndexTask.State.DONE
    assert differences(engine) == {}


def test_a_generation_that_vanishes_is_filled_again(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    [make_product() for _ in range(9)]
    settled()
    task = rebuild()
    run(indexer, at_step(task, "filling"))
    del engine.store[task.generation]
    run(indexer, done(task))
    assert task.state == IndexTask.State.DONE
    assert differences(engine) == {}
    engine.store.clear()  # the whole server was set up anew
    engine.aliases.clear()
    settled()
    assert differences(engine) == {}


def test_another_declaration_rebuilds_by_itself_while_the_old_serves(
    town: Any,
    engine: MemoryEngine,
    indexer: Indexer,
    settled: Settle,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_product()
    settled()
    old = engine.aliases["product"]
    fields = (*types.PRODUCT.fields, FieldSpec("colour", Kind.KEYWORD, facet=True))
    monkeypatch.setitem(types.TYPES, "product", replace(types.PRODUCT, fields=fields))
    indexer.look()
    assert engine.aliases["product"] == old
    settled()
    assert engine.aliases["product"] != old
    task = IndexTask.objects.filter(doc_type="product").latest("created_at")
    assert task.reason == "the declaration has changed"


def test_another_layout_of_the_engine_rebuilds_by_itself(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    make_product()
    settled()
    old = engine.aliases["product"]
    settled()
    assert engine.aliases["product"] == old
    engine.layout += 1
    settled()
    assert engine.aliases["product"] != old
    assert differences(engine) == {}


def test_back_to_the_one_before_and_brought_up_to_date(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    kept, gone = make_product(), make_product()
    variant = make_goods("10")
    settled()
    old = engine.aliases["product"]
    rebuild()
    settled()
    set_price(variant, "12")
    catalog.withdraw_product(product_id=gone.id)
    added = make_product()
    settled()
    assert len(engine.live("product", town.id, old)) == 3  # it stood still
    task = rebuilding.ask(IndexTask.Kind.ROLLBACK, "product")
    run(indexer, done(task))
    settled()
    assert engine.aliases["product"] == old
    assert differences(engine) == {}
    assert {public_id("prd", kept.id), public_id("prd", added.id)} <= set(
        engine.live("product", town.id)
    )


def test_without_an_earlier_one_there_is_no_way_back(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    settled()
    task = rebuilding.ask(IndexTask.Kind.ROLLBACK, "merchant")
    run(indexer, done(task))
    assert (task.state, task.note) == (
        IndexTask.State.FAILED, "There is no earlier index to go back to.",
    )  # fmt: skip


def test_one_that_cannot_become_right_is_not_swapped_in(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    bad, _good = make_product(), make_product()
    settled()
    old = engine.aliases["product"]
    engine.loses = {public_id("prd", bad.id)}
    task = rebuild()
    run(indexer, done(task))
    assert task.state == IndexTask.State.FAILED
    assert str(bad.id) in task.note
    assert engine.aliases["product"] == old
    assert task.generation not in engine.store  # nor taken for one to go back to


def test_one_bad_document_doesnt_keep_the_rest_from_a_new_index(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    bad, good = make_product(), make_product()
    settled()
    engine.refuses = {public_id("prd", bad.id)}
    task = rebuild()
    run(indexer, done(task))
    assert task.state == IndexTask.State.DONE
    assert task.note.startswith("1 documents are set aside.")
    assert set(engine.live("product", town.id)) == {public_id("prd", good.id)}
    aside = Change.objects.get(state=Change.State.SET_ASIDE)
    assert (aside.ref_id, aside.error) == (bad.id, "it doesn't fit the index")
    assert clock.system() < aside.due_at


def test_random_edits_under_random_failures_leave_no_difference(  # noqa: C901
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    """A season's worth of everything at once, from a printed seed."""
    seed = random.randrange(10**6)
    print("seed", seed)
    dice = random.Random(seed)
    shops = [make_merchant() for _ in range(3)]
    variants = [make_goods("10", merchant_id=dice.choice(shops).id) for _ in range(12)]
    settled()
    products = [catalog.variants([one])[one].product_id for one in variants]

    def fail(operations: Any) -> None:
        if dice.random() < 0.2:
            raise EngineDown("for a moment")

    def edit() -> None:
        number = dice.randrange(len(products))
        info = catalog.product(products[number])
        match dice.randrange(6):
            case 0:
                set_price(variants[number], str(dice.randrange(1, 99)))
            case 1 if info.state == "published":
                catalog.withdraw_product(product_id=info.id)
            case 2 if info.state == "withdrawn" and platforms.merchant(info.merchant_id).approved:
                catalog.publish_product(product_id=info.id)
            case 3:
                shop = platforms.merchant(dice.choice(shops).id)
                if shop.approved:
                    platforms.suspend_merchant(merchant_id=shop.id, reason="dice")
                else:
                    platforms.reopen_merchant(merchant_id=shop.id)
            case _:
                title = {"zh-Hans": f"茶 {dice.random()}"}
                catalog.update_product(product_id=info.id, changes={"titles": title})

    for number in range(60):
        with suppress(platforms.MerchantNotApproved):  # the database says no; nothing changed
            edit()
        if number % 30 == 10:
            rebuild()
        engine.before_write = fail
        if dice.random() < 0.5:
            outbox.drain(quiet=True)
        with suppress(EngineDown):
            indexer.look()
            indexer.step()
        if dice.random() < 0.05:
            indexer = Indexer(engine)  # the writer was killed; another begins
    engine.before_write = lambda operations: None
    settled()
    assert differences(engine) == differences(engine, "merchant") == {}
    assert not Change.objects.exists()
