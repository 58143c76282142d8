"""What happens on a platform is soon in the index, whatever order, failure or crowd."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from catalog import facade as catalog
from inventory import facade as inventory
from kernel import clock, jobs, outbox, tenancy
from kernel.actors import Actor, acting
from kernel.ids import public_id, uuid7
from kernel.records.outbox import Delivery
from marketplace import facade as marketplace
from platforms import facade as platforms
from search.contracts import Document
from search.models import Change, IndexProgress, IndexTask
from search.services import changes, following
from search.services.comparing import compare_page
from search.services.indexer import Indexer
from search.services.serving import serve
from tests.factories.catalog import make_category, make_product
from tests.factories.inventory import make_stock
from tests.factories.marketplace import make_goods, set_price
from tests.factories.platforms import make_merchant, make_platform
from tests.search.indexing.memory import MemoryEngine

Settle = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)


def differences(engine: MemoryEngine, kind: str = "product") -> dict[UUID, str]:
    return compare_page(engine, kind=kind, generation=None, after=None, contents=True).problems


def shown(engine: MemoryEngine, product: UUID) -> Document:
    return engine.live("product", tenancy.current_id())[public_id("prd", product)]


def waiting() -> list[tuple[str, int, str]]:
    rows = Change.objects.order_by("kind", "lane").values_list("kind", "lane", "state")
    return list(rows)


def test_an_empty_index_is_built_by_itself(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    one = make_product()
    settled()
    assert list(engine.live("product", town.id)) == [public_id("prd", one.id)]
    assert list(engine.live("merchant", town.id)) == [public_id("mer", one.merchant_id)]
    assert {task.state for task in IndexTask.objects.all()} == {IndexTask.State.DONE}
    progress = IndexProgress.objects.get(shard="default")
    assert clock.system() - progress.caught_up_at < timedelta(minutes=2)


def test_every_change_of_a_product_arrives(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    settled()
    variant = make_goods("10", stock=1)
    product = catalog.variants([variant])[variant].product_id
    settled()
    assert shown(engine, product).fields["prices"] == [1000]
    set_price(variant, "12")
    settled()
    assert shown(engine, product).fields["prices"] == [1200]
    make_stock(0, variant_id=make_goods("1", stock=None))
    catalog.update_product(product_id=product, changes={"titles": {"zh-Hans": "新", "en": "New"}})
    settled()
    assert shown(engine, product).fields["title"] == {"zh-Hans": "新", "en": "New"}
    merchant = catalog.variants([variant])[variant].merchant_id
    platforms.update_merchant(merchant_id=merchant, names={"zh-Hans": "店", "en": "Store"})
    settled()
    assert shown(engine, product).fields["merchant_name"]["en"] == "Store"
    assert differences(engine) == differences(engine, "merchant") == {}
    catalog.withdraw_product(product_id=product)
    settled()
    assert public_id("prd", product) not in engine.live("product", town.id)
    platforms.suspend_merchant(merchant_id=merchant, reason="papers")
    settled()
    assert public_id("mer", merchant) not in engine.live("merchant", town.id)
    assert differences(engine) == differences(engine, "merchant") == {}
    assert waiting() == []


def test_only_the_first_and_the_last_piece_change_a_document(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    """Documents say whether there is some, not how much: an order of one among many is no change,
    unless the variant is sold ahead, where promises count too."""
    variant = make_goods("10", stock=None)
    stock = make_stock(3, variant_id=variant)
    owner = catalog.variants([variant])[variant]
    settled()

    def hold(quantity: int) -> bool:
        held = inventory.StockLine(variant, Decimal(quantity))
        until = clock.business() + timedelta(hours=1)
        inventory.reserve(key=(key := uuid7()), lines=[held], expires_at=until)
        outbox.drain()
        noted = Change.objects.exists()
        inventory.commit_reservation(key=key)
        settled()
        assert differences(engine) == {}
        return noted

    assert not hold(1)
    assert hold(2)
    assert shown(engine, owner.product_id).fields["stock"] == "out_of_stock"
    make_stock(5, variant_id=variant, warehouse_id=stock.warehouse_id)
    settled()
    assert shown(engine, owner.product_id).fields["stock"] == "in_stock"
    inventory.set_ahead(
        merchant_id=owner.merchant_id, variant_id=variant, mode="backorder", lead_days=7
    )
    settled()
    assert hold(1)


def test_wide_changes_run_as_jobs_that_go_on_where_they_were(
    town: Any, engine: MemoryEngine, settled: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE", 2)
    monkeypatch.setattr(following, "SLICE", 1)
    category = make_category("Grain", slug="grain")
    ids = [make_product(category_id=category.id).id for _ in range(5)]
    settled()
    catalog.update_category(category_id=category.id, changes={"slug": "cereal"})
    outbox.drain()
    assert Change.objects.count() == 0
    assert jobs.drain() == 3
    assert waiting() == [("product", 1, "pending")] * 5
    settled()
    assert {shown(engine, one).fields["category"][0].path for one in ids} == {("cereal",)}
    other = make_category()
    settled()
    catalog.remove_category(category_id=other.id)
    outbox.drain()
    assert jobs.drain() == 0


def test_a_brand_or_an_attribute_is_renamed(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    """A brand's products follow its name; an attribute's those that have a value of it, be it in
    the metadata of a product without a category."""
    brand = catalog.create_brand(code="jilin", names={"zh-Hans": "吉林", "en": "Jilin"})
    made = catalog.create_attribute(code="moisture", kind="number", names={"zh-Hans": "水分"})
    category = make_category("Grain", slug="grain")
    catalog.put_category_attributes(category_id=category.id, entries=[(made.id, False)])
    branded = make_product(brand_id=brand.id)
    typed = make_product(category_id=category.id, attributes={"moisture": "14"})
    loose = make_product(metadata={"moisture": "13"})
    settled()
    assert not any(a.code == "moisture" for a in shown(engine, loose.id).fields["attributes"])
    catalog.rename_brand(brand_id=brand.id, names={"zh-Hans": "长白", "en": "Changbai"})
    catalog.update_attribute(attribute_id=made.id, changes={"facet": True})
    settled()
    assert shown(engine, branded.id).fields["brand"] == "长白"
    for one in (typed, loose):
        assert any(a.code == "moisture" for a in shown(engine, one.id).fields["attributes"])
    assert differences(engine) == {}
    assert waiting() == []


def test_events_of_another_order_and_twice_change_nothing(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    product = make_product()
    settled()
    catalog.withdraw_product(product_id=product.id)
    catalog.publish_product(product_id=product.id)
    catalog.withdraw_product(product_id=product.id)
    settled()
    versions = dict(engine.store[engine.aliases["product"]].versions)
    changes.note("product", [product.id])  # as if an old event came again
    settled()
    assert engine.live("product", town.id) == {}
    assert (
        engine.store[engine.aliases["product"]].versions[public_id("prd", product.id)]
        > (versions[public_id("prd", product.id)])
    )


def test_a_late_writer_cannot_bring_back_what_it_read_before(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    """It took its number and read, then stood still while another wrote what came after."""
    product = make_product()
    settled()
    catalog.update_product(product_id=product.id, changes={"titles": {"zh-Hans": "一"}})
    outbox.drain()
    stood_still = False

    def meanwhile(operations: Any) -> None:
        nonlocal stood_still
        if stood_still:
            return
        stood_still = True
        catalog.withdraw_product(product_id=product.id)
        outbox.drain()
        serve(engine, lane=0, limit=10, targets=indexer.targets)

    engine.before_write = meanwhile
    indexer.step()
    assert stood_still
    assert public_id("prd", product.id) not in engine.live("product", town.id)
    settled()
    assert differences(engine) == {}


def test_what_is_asked_for_while_it_is_written_is_not_taken_for_served(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    product = make_product()
    settled()
    changes.note("product", [product.id], lane=0)

    def again(operations: Any) -> None:
        changes.note("product", [product.id], lane=0)

    engine.before_write = again
    indexer.step()
    assert waiting() == [("product", 0, "pending")]
    engine.before_write = lambda operations: None
    indexer.step()
    assert waiting() == []


def test_the_engine_is_away_and_nothing_is_lost(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle
) -> None:
    from search.errors import EngineDown

    kept = make_product()
    settled()
    engine.down = True
    variant = make_goods("10")  # selling goes on
    catalog.withdraw_product(product_id=kept.id)
    outbox.drain()
    for _ in range(3):
        with pytest.raises(EngineDown):
            indexer.step()
    assert {lane for _kind, lane, _state in waiting()} == {0}
    engine.down = False
    settled()
    product = catalog.variants([variant])[variant].product_id
    assert list(engine.live("product", town.id)) == [public_id("prd", product)]
    assert differences(engine) == {}
    assert waiting() == []


def test_a_bad_document_is_set_aside_and_holds_up_none(
    town: Any, engine: MemoryEngine, settled: Settle
) -> None:
    settled()
    good = [make_product() for _ in range(5)]
    refused, stumbled = good.pop(), good.pop()
    engine.refuses = {public_id("prd", refused.id)}
    engine.explodes = {public_id("prd", stumbled.id)}
    settled()
    assert set(engine.live("product", town.id)) == {public_id("prd", one.id) for one in good}
    aside = dict(Change.objects.filter(state="set_aside").values_list("ref_id", "error"))
    assert aside == {
        refused.id: "it doesn't fit the index",
        stumbled.id: "RuntimeError: the engine stumbled",
    }
    engine.refuses, engine.explodes = set(), set()
    catalog.update_product(product_id=refused.id, changes={"titles": {"zh-Hans": "好了"}})
    settled()
    assert Change.objects.get().ref_id == stumbled.id
    with clock.frozen(clock.system() + timedelta(hours=2)):
        settled()
    assert waiting() == []
    assert differences(engine) == {}


def test_single_changes_overtake_a_bulk_import(
    town: Any, engine: MemoryEngine, indexer: Indexer, settled: Settle, monkeypatch: Any
) -> None:
    from search.services import indexer as module

    monkeypatch.setattr(module, "BULKS", 5)
    monkeypatch.setattr(module, "SMALL", 3)
    shop, other = make_merchant(), make_product()
    settled()
    with acting(Actor(kind="merchant", id=uuid7(), merchant_id=shop.id)):
        for _ in range(12):
            make_product(merchant_id=shop.id)
    with acting(Actor(kind="person", id=uuid7(), person_id=uuid7())):
        catalog.update_product(product_id=other.id, changes={"titles": {"zh-Hans": "急"}})
    outbox.drain()
    lanes = dict(Change.objects.filter(kind="product").values_list("ref_id", "lane"))
    assert lanes.pop(other.id) == 0
    assert set(lanes.values()) == {1}
    indexer.step()
    assert shown(engine, other.id).fields["title"]["zh-Hans"] == "急"
    left = Change.objects.filter(kind="product").count()
    assert left in (9, 10)  # the import goes on behind it, in small steps
    indexer._single -= module.SINCE
    indexer.step()
    assert left - Change.objects.filter(kind="product").count() == 5
    settled()
    assert differences(engine) == {}


def test_an_import_that_trickles_in_is_bulk_too(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay sees a few of its events at a time, and remembers the rest."""
    monkeypatch.setattr(changes, "HALF_LIFE", 3600.0)
    key, shop = uuid7(), make_merchant()
    for _ in range(12):
        with acting(Actor(kind="merchant", id=key, merchant_id=shop.id)):
            last = make_product(merchant_id=shop.id)
        outbox.drain()
    lanes = dict(Change.objects.filter(kind="product").values_list("ref_id", "lane"))
    assert lanes[last.id] == 1
    assert 0 in lanes.values()


def test_a_single_change_lifts_one_that_waits_in_bulk(town: Any) -> None:
    one = uuid7()
    changes.note("product", [one], lane=1)
    changes.note("product", [one], lane=0)
    changes.note("product", [one], lane=1)
    row = Change.objects.get()
    assert (row.lane, row.requested) == (0, 3)


def test_platforms_keep_to_themselves(town: Any, engine: MemoryEngine, settled: Settle) -> None:
    mine = make_product()
    other = make_platform()
    with tenancy.scope(other):
        theirs = make_product()
    settled(town, other)
    assert list(engine.live("product", town.id)) == [public_id("prd", mine.id)]
    assert list(engine.live("product", other.id)) == [public_id("prd", theirs.id)]
    with tenancy.scope(other):
        catalog.withdraw_product(product_id=theirs.id)
    settled(town, other)
    assert list(engine.live("product", town.id)) == [public_id("prd", mine.id)]
    assert engine.live("product", other.id) == {}


def test_noting_never_holds_up_the_relay(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in here: events are published, and search's own deliveries wait till it's mended."""
    monkeypatch.setitem(changes.CHANGES, "marketplace.price.changed.v1", [("variant", "no_such")])
    variant = make_goods("3")
    with pytest.raises(outbox.HandlerFailed):
        outbox.drain()
    left = Delivery.objects.filter(state="pending")
    assert {row.handler for row in left} == {"search.notes:marketplace.price.changed.v1"}
    assert marketplace.prices([variant])[variant].unit_price == Decimal(3)
    assert Change.objects.filter(kind="product").exists()
