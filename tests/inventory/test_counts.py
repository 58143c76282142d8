"""Stock counts: differences against the moment of counting, posted once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from inventory import facade
from inventory.facade import (
    CountBelowReserved,
    CountEntry,
    CountInfo,
    CountOpen,
    CountOutdated,
    InvalidReason,
    InvalidStockQuantity,
    NothingCounted,
    NothingToCount,
    NotInCount,
    StockInfo,
    StockLine,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.models import Movement
from kernel import clock
from kernel.errors import Invalid, InvalidTransition, NotFound
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant
from tests.factories.stock_papers import make_count

pytestmark = pytest.mark.django_db


def own(count: CountInfo) -> dict[str, Any]:
    return {"count_id": count.id, "merchant_id": count.merchant_id}


def enter(count: CountInfo, variant_id: UUID, number: int | str | None) -> CountInfo:
    counted = None if number is None else Decimal(number)
    return facade.enter_counts(**own(count), entries=[CountEntry(counted, variant_id)])


def sell(stock: StockInfo, quantity: int) -> None:
    key = uuid4()
    facade.reserve(
        key=key,
        lines=[StockLine(stock.variant_id, Decimal(quantity))],
        expires_at=clock.business() + timedelta(hours=1),
    )
    facade.commit_reservation(key=key)


def on_hand(stock: StockInfo) -> Any:
    return facade.stock_of([stock.variant_id])[stock.variant_id, stock.warehouse_id].on_hand


@pytest.fixture
def shelf(platform: Any) -> list[StockInfo]:
    """Three variants in one warehouse, ten of each."""
    product = make_product(merchant_id=make_merchant().id, variants=3)
    house = make_warehouse(merchant_id=product.merchant_id).id
    return [make_stock(10, variant_id=one.id, warehouse_id=house) for one in product.variants]


def test_differences_are_shown_and_posted_once(shelf: list[StockInfo]) -> None:
    first, second, third = shelf
    count = make_count(first, note="year's end")
    assert (count.state, count.lines, count.counted) == ("open", 3, 0)
    enter(count, first.variant_id, 8)
    now = enter(count, second.variant_id, 10)
    assert (now.lines, now.counted) == (3, 2)
    lines: Any = facade.count_lines_page(count_id=count.id, show="different").items
    assert [(one.variant_id, one.booked, one.difference) for one in lines] == [
        (first.variant_id, 10, -2)
    ]
    left = facade.count_lines_page(count_id=count.id, show="open").items
    assert [(one.variant_id, one.difference) for one in left] == [(third.variant_id, None)]
    posted = facade.post_count(**own(count), cause="damaged")
    assert facade.post_count(**own(count), cause="damaged") == posted
    assert (posted.state, posted.cause) == ("posted", "damaged")
    assert [on_hand(one) for one in shelf] == [8, 10, 10]
    moved: Any = Movement.objects.get(reference=count.id)
    assert (moved.delta, moved.on_hand, moved.reason, moved.note) == (
        -2, 8, "damaged", "year's end",
    )  # fmt: skip
    with pytest.raises(InvalidTransition):
        enter(count, first.variant_id, 7)


def test_what_moves_after_the_number_was_entered_stays_moved(shelf: list[StockInfo]) -> None:
    stock = shelf[0]
    count = make_count(stock)
    sell(stock, 1)  # before it is counted: the books say 9
    enter(count, stock.variant_id, 7)
    sell(stock, 3)
    facade.adjust_stock(
        merchant_id=stock.merchant_id, variant_id=stock.variant_id,
        warehouse_id=stock.warehouse_id, delta=Decimal(20), reason="received",
    )  # fmt: skip
    enter(count, stock.variant_id, 7)  # the form sent again: still the number of then
    assert facade.count_lines_page(count_id=count.id, show="different").items[0].booked == 9
    facade.post_count(**own(count))
    assert on_hand(stock) == 9 - 3 + 20 - 2


def test_a_number_taken_back_and_counted_again(shelf: list[StockInfo]) -> None:
    stock = shelf[0]
    count = make_count(stock)
    enter(count, stock.variant_id, 7)
    sell(stock, 3)
    assert enter(count, stock.variant_id, None).counted == 0
    with pytest.raises(NothingCounted):
        facade.post_count(**own(count))
    enter(count, stock.variant_id, 7)
    facade.post_count(**own(count))
    assert on_hand(stock) == 7


def test_stock_set_by_hand_meanwhile_is_counted_again(shelf: list[StockInfo]) -> None:
    stock = shelf[0]
    count = make_count(stock)
    enter(count, stock.variant_id, 8)
    facade.set_stock(
        merchant_id=stock.merchant_id, variant_id=stock.variant_id,
        warehouse_id=stock.warehouse_id, on_hand=Decimal(8),
    )  # fmt: skip
    with pytest.raises(CountOutdated):
        facade.post_count(**own(count))
    assert on_hand(stock) == 8
    enter(count, stock.variant_id, 8)
    facade.post_count(**own(count))
    assert on_hand(stock) == 8


def test_less_than_is_reserved_is_refused(shelf: list[StockInfo]) -> None:
    stock = shelf[0]
    count = make_count(stock)
    facade.reserve(
        key=uuid4(), lines=[StockLine(stock.variant_id, Decimal(6))],
        expires_at=clock.business() + timedelta(hours=1),
    )  # fmt: skip
    enter(count, stock.variant_id, 5)
    with pytest.raises(CountBelowReserved) as refused:
        facade.post_count(**own(count))
    assert refused.value.params["lines"][0]["reserved"] == "6.000"
    assert on_hand(stock) == 10
    assert facade.count(count.id).state == "open"


def test_one_open_count_a_warehouse(shelf: list[StockInfo]) -> None:
    count = make_count(shelf[0])
    with pytest.raises(CountOpen):
        make_count(shelf[0])
    facade.cancel_count(**own(count))
    assert facade.cancel_count(**own(count)).state == "cancelled"
    with pytest.raises(InvalidTransition):
        facade.post_count(**own(count))
    assert make_count(shelf[0]).state == "open"


def test_chosen_variants_also_such_as_never_lay_there(shelf: list[StockInfo]) -> None:
    new = make_product(merchant_id=shelf[0].merchant_id).variants[0]
    count = make_count(shelf[0], variant_ids=[shelf[1].variant_id], skus=[new.sku])
    assert count.lines == 2
    with pytest.raises(NotInCount):
        enter(count, shelf[0].variant_id, 1)
    enter(count, new.id, 3)
    facade.post_count(**own(count), cause="found")
    assert facade.availability([new.id]) == {new.id: 3}


def test_wrong_input(shelf: list[StockInfo]) -> None:
    stock = shelf[0]
    with pytest.raises(WarehouseUnknown):
        facade.open_count(merchant_id=stock.merchant_id, warehouse_id=make_warehouse().id)
    with pytest.raises(VariantUnknown):
        make_count(stock, skus=["nothing"])
    with pytest.raises(VariantUnknown):
        make_count(stock, variant_ids=[make_stock(1).variant_id])
    empty = make_warehouse(merchant_id=stock.merchant_id).id
    with pytest.raises(NothingToCount):
        facade.open_count(merchant_id=stock.merchant_id, warehouse_id=empty)
    count = make_count(stock)  # what was refused left no open count behind
    with pytest.raises(Invalid):
        enter(count, stock.variant_id, -1)
    with pytest.raises(InvalidStockQuantity):
        enter(count, stock.variant_id, "1.5")
    with pytest.raises(InvalidReason):
        facade.post_count(**own(count), cause="sold")
    with pytest.raises(NotFound):
        facade.post_count(count_id=count.id, merchant_id=make_merchant().id)
    with pytest.raises(NotFound):
        facade.count_lines_page(count_id=count.id, merchant_id=make_merchant().id)
