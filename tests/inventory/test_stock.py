"""Setting and adjusting stock; warehouses."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from inventory import facade
from inventory.facade import (
    InvalidReason,
    InvalidStockQuantity,
    StockChanged,
    StockInfo,
    StockLine,
    StockReserved,
    StockSetting,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.models import Movement
from kernel import audit, clock, tenancy
from kernel.errors import DomainError, Invalid, NotFound, TooLarge
from kernel.records.outbox import OutboxEvent
from platforms.facade import MerchantNotApproved
from tests.factories.catalog import make_product, make_variant
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant, make_platform

pytestmark = pytest.mark.django_db


def place(stock: StockInfo) -> dict[str, Any]:
    return {
        "merchant_id": stock.merchant_id,
        "variant_id": stock.variant_id,
        "warehouse_id": stock.warehouse_id,
    }


def test_set_with_the_expected_value(platform: Any) -> None:
    stock = make_stock(10)
    changed = facade.set_stock(**place(stock), on_hand=Decimal(8), expected=Decimal("10.000"))
    assert (changed.on_hand, changed.version) == (Decimal(8), stock.version + 1)
    with pytest.raises(StockChanged) as refused:
        facade.set_stock(**place(stock), on_hand=Decimal(5), expected=Decimal(10))
    assert refused.value.params["actual"] == "8.000"
    same = facade.set_stock(**place(stock), on_hand=Decimal(8))
    assert same.version == changed.version
    deltas: list[Any] = list(
        Movement.objects.order_by("id").values_list("delta", "on_hand", "reason")
    )
    assert deltas == [(10, 10, "set"), (-2, 8, "set")]


def test_adjust_with_a_reason(platform: Any) -> None:
    stock = make_stock(10)
    assert facade.adjust_stock(**place(stock), delta=Decimal(-3), reason="damaged").on_hand == 7
    with pytest.raises(InvalidReason):
        facade.adjust_stock(**place(stock), delta=Decimal(-3), reason="sold")
    with pytest.raises(Invalid):
        facade.adjust_stock(**place(stock), delta=Decimal(0), reason="found")
    with pytest.raises(StockReserved):
        facade.adjust_stock(**place(stock), delta=Decimal(-8), reason="lost")
    newest = facade.movements_page(stock_id=stock.id).items[0]
    assert (newest.delta, newest.reason) == (Decimal(-3), "damaged")
    assert len(audit.entries_for([stock.id]).items) == 2


def test_stock_cannot_go_below_what_is_reserved(platform: Any) -> None:
    stock = make_stock(10)
    facade.reserve(
        key=uuid4(),
        lines=[StockLine(stock.variant_id, Decimal(4))],
        expires_at=clock.business() + timedelta(hours=1),
    )
    with pytest.raises(StockReserved) as refused:
        facade.set_stock(**place(stock), on_hand=Decimal(3))
    assert refused.value.params["reserved"] == "4.000"
    assert facade.set_stock(**place(stock), on_hand=Decimal(4)).available == 0


@pytest.mark.parametrize("on_hand", ["-1", "1.5", "NaN", "1e13", "0.0001"])
def test_bad_figures(platform: Any, on_hand: str) -> None:
    stock = make_stock(10)
    with pytest.raises((InvalidStockQuantity, Invalid)):
        facade.set_stock(**place(stock), on_hand=Decimal(on_hand))
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 10}


def test_a_batch_gives_each_row_its_own_result(platform: Any) -> None:
    merchant = make_merchant()
    product = make_product(merchant_id=merchant.id, variants=3)
    a, b, c = (variant.id for variant in product.variants)
    warehouse = make_warehouse(merchant_id=merchant.id).id
    foreign = make_warehouse().id
    results = facade.write_stock(
        merchant_id=merchant.id,
        settings=[
            StockSetting(warehouse, sku=product.variants[0].sku, on_hand=Decimal(5)),
            StockSetting(warehouse, variant_id=b, on_hand=Decimal(3), expected=Decimal(7)),
            StockSetting(warehouse, variant_id=a, delta=Decimal(-2), reason="damaged"),
            StockSetting(foreign, variant_id=c, on_hand=Decimal(3)),
            StockSetting(warehouse, variant_id=make_variant(), on_hand=Decimal(3)),
            StockSetting(warehouse, sku="nothing", on_hand=Decimal(3)),
            StockSetting(warehouse, variant_id=c),
        ],
    )
    kinds = [type(result) for result in results]
    assert kinds == [
        StockInfo, StockChanged, StockInfo, WarehouseUnknown, VariantUnknown, VariantUnknown,
        Invalid,
    ]  # fmt: skip
    assert facade.availability([a, b, c]) == {a: 3, b: 0, c: 0}
    moved: list[Any] = list(Movement.objects.order_by("id").values_list("delta", "on_hand"))
    assert moved == [(5, 5), (-2, 3)]
    with pytest.raises(TooLarge):
        facade.write_stock(
            merchant_id=merchant.id,
            settings=[StockSetting(warehouse, variant_id=a, on_hand=Decimal(1))] * 501,
        )


def test_a_batch_takes_few_statements(platform: Any, django_assert_max_num_queries: Any) -> None:
    merchant = make_merchant()
    product = make_product(merchant_id=merchant.id, variants=40)
    warehouse = make_warehouse(merchant_id=merchant.id).id
    settings = [
        StockSetting(warehouse, variant_id=v.id, on_hand=Decimal(5)) for v in product.variants
    ]
    with django_assert_max_num_queries(20):
        results = facade.write_stock(merchant_id=merchant.id, settings=settings)
    assert not any(isinstance(result, DomainError) for result in results)


def test_who_only_asks_whether_it_changed(platform: Any) -> None:
    merchant = make_merchant()
    product = make_product(merchant_id=merchant.id, variants=3)
    warehouse = make_warehouse(merchant_id=merchant.id).id

    def put(*amounts: int) -> list[Any]:
        return facade.put_stock(
            merchant_id=merchant.id,
            settings=[
                StockSetting(warehouse, variant_id=variant.id, on_hand=Decimal(amount))
                for variant, amount in zip(product.variants, amounts, strict=True)
            ],
        )

    assert put(5, 0, 3) == [True, False, True]
    first, second, third = put(5, 2, -1)
    assert (first, second, type(third)) == (False, True, Invalid)
    rows = facade.stock_of(variant.id for variant in product.variants)
    assert [rows[v.id, warehouse].on_hand for v in product.variants] == [5, 2, 3]
    told = OutboxEvent.objects.filter(type="inventory.stock.changed.v1")
    assert sorted(told.values_list("aggregate_id", "version")) == sorted(
        (rows[v.id, warehouse].id, 1) for v in product.variants
    )


def test_merchants_must_be_approved(platform: Any) -> None:
    with pytest.raises(MerchantNotApproved):
        make_warehouse(merchant_id=make_merchant(approved=False).id)


def test_warehouses(platform: Any) -> None:
    merchant = make_merchant().id
    made = facade.put_warehouse(
        merchant_id=merchant, external_id="W", values={"names": {"en": "Near"}}
    )
    again = facade.put_warehouse(
        merchant_id=merchant, external_id="W", values={"names": {"en": "Far"}, "priority": 3}
    )
    assert (again.id, again.names, again.priority) == (made.id, {"en": "Far"}, 3)
    with pytest.raises(facade.ExternalIdTaken):
        make_warehouse(merchant_id=merchant, external_id="W")
    make_warehouse(external_id="W")
    wrong: list[facade.WarehouseChanges] = [
        {"names": {}}, {"names": {"fr": "Loin"}}, {"priority": 5000},
    ]  # fmt: skip
    for bad in wrong:
        with pytest.raises(Invalid):
            facade.update_warehouse(warehouse_id=made.id, changes=bad)
    with pytest.raises(NotFound):
        facade.update_warehouse(
            warehouse_id=made.id, merchant_id=make_merchant().id, changes={"active": False}
        )


def test_another_platforms_warehouse_and_variant_are_absent(platform: Any) -> None:
    with tenancy.scope(make_platform()):
        theirs = make_stock(5)
    stock = make_stock(5)
    with pytest.raises(NotFound):
        facade.warehouse(theirs.warehouse_id)
    with pytest.raises(WarehouseUnknown):
        facade.set_stock(
            **{**place(stock), "warehouse_id": theirs.warehouse_id}, on_hand=Decimal(1)
        )
    with pytest.raises(VariantUnknown):
        facade.set_stock(**{**place(stock), "variant_id": theirs.variant_id}, on_hand=Decimal(1))
    assert len(facade.stock_page().items) == 1
