"""Receipts, transfers and counts at once with each other and with buyers, with real commits."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum

from inventory import facade
from inventory.facade import CountEntry, StockLine
from inventory.models import Movement, Stock
from kernel.errors import InvalidTransition
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.stock_papers import goods, make_count, make_receipt, make_transfer
from tests.inventory.test_races import at_once, kinds, reserving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_one_delivery_received_many_times_is_booked_once(platform: Any) -> None:
    stock = make_stock(0)
    receipt = make_receipt(stock, 10)
    call = partial(
        facade.receive_goods, receipt_id=receipt.id, merchant_id=stock.merchant_id,
        delivery="D1", lines=[goods(4, stock.variant_id)],
    )  # fmt: skip
    results = at_once([call] * 8, platform)
    assert kinds(results) == {"ReceiptInfo": 8}
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 4}


def test_two_deliveries_at_once_and_no_more_than_expected(platform: Any) -> None:
    stock = make_stock(0)
    receipt = make_receipt(stock, 10)
    calls = [
        partial(
            facade.receive_goods, receipt_id=receipt.id, merchant_id=stock.merchant_id,
            delivery=f"D{n}", lines=[goods(4, stock.variant_id)],
        )
        for n in range(5)
    ]  # fmt: skip
    results = at_once(calls, platform)
    assert kinds(results) == {"ReceiptInfo": 2, "OverDelivery": 3}
    row: Any = facade.stock_of([stock.variant_id])[stock.variant_id, stock.warehouse_id]
    assert (row.on_hand, row.incoming) == (8, 2)


def test_a_transfer_is_sent_while_its_goods_are_sold(platform: Any) -> None:
    stock = make_stock(10)
    transfers = [make_transfer(stock, 3) for _n in range(4)]
    one = [StockLine(stock.variant_id, Decimal(1))]
    calls: list[Any] = [reserving(one) for _n in range(8)]
    calls += [
        partial(facade.send_transfer, transfer_id=t.id, merchant_id=t.merchant_id)
        for t in transfers
    ]
    results = at_once(calls, platform)
    found = kinds(results)
    assert set(found) <= {"ReservationInfo", "OutOfStock", "TransferInfo"}
    row = Stock.objects.get(id=stock.id)
    assert row.reserved == found["ReservationInfo"]
    assert row.on_hand == 10 - 3 * found["TransferInfo"]
    assert row.on_hand >= row.reserved


def test_transfers_in_opposite_directions_do_not_deadlock(platform: Any) -> None:
    here = make_stock(50)
    target = make_warehouse(merchant_id=here.merchant_id).id
    there = make_stock(50, variant_id=here.variant_id, warehouse_id=target)
    papers = [
        make_transfer(stock, 2, target_id=to)
        for _n in range(4)
        for stock, to in ((here, target), (there, here.warehouse_id))
    ]
    own: list[dict[str, Any]] = [
        {"transfer_id": one.id, "merchant_id": one.merchant_id} for one in papers
    ]
    sent = at_once([partial(facade.send_transfer, **one) for one in own], platform)
    assert kinds(sent) == {"TransferInfo": 8}
    calls = [partial(facade.receive_transfer, **one) for one in own]
    assert kinds(at_once(calls * 2, platform)) == {"TransferInfo": 16}
    rows: Any = facade.stock_of([here.variant_id]).values()
    assert {(row.on_hand, row.incoming) for row in rows} == {(50, 0)}


def test_received_or_cancelled_but_not_both(platform: Any) -> None:
    stock = make_stock(10)
    transfer = make_transfer(stock, 4)
    own: dict[str, Any] = {"transfer_id": transfer.id, "merchant_id": transfer.merchant_id}
    facade.send_transfer(**own)
    results = at_once(
        [partial(facade.receive_transfer, **own), partial(facade.cancel_transfer, **own)] * 3,
        platform,
    )
    wrong = [r for r in results if isinstance(r, Exception) and type(r) is not InvalidTransition]
    assert wrong == []
    assert kinds(results) == {"TransferInfo": 3, "InvalidTransition": 3}
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 10}


def test_a_count_is_entered_and_posted_while_its_goods_are_sold(platform: Any) -> None:
    stock = make_stock(20)
    count = make_count(stock)
    own: dict[str, Any] = {"count_id": count.id, "merchant_id": count.merchant_id}
    one = [StockLine(stock.variant_id, Decimal(1))]
    entry = [CountEntry(Decimal(18), stock.variant_id)]
    calls: list[Any] = [_buying(one) for _n in range(6)]
    calls.append(partial(facade.enter_counts, **own, entries=entry))
    assert not [r for r in at_once(calls, platform) if isinstance(r, Exception)]
    [line] = facade.count_lines_page(count_id=count.id).items
    assert line.difference is not None
    calls = [_buying(one) for _n in range(4)] + [partial(facade.post_count, **own)] * 3
    assert not [r for r in at_once(calls, platform) if isinstance(r, Exception)]
    row = Stock.objects.get(id=stock.id)
    assert row.on_hand == 20 - 10 + line.difference
    booked: Any = Movement.objects.filter(stock_id=stock.id).aggregate(total=Sum("delta"))
    assert booked["total"] == row.on_hand
    assert Movement.objects.filter(reference=count.id).count() == (1 if line.difference else 0)


def test_one_warehouse_is_opened_for_counting_once(platform: Any) -> None:
    stock = make_stock(5)
    results = at_once([partial(make_count, stock) for _n in range(6)], platform)
    assert kinds(results) == {"CountInfo": 1, "CountOpen": 5}


def test_a_fall_is_told_once(platform: Any) -> None:
    stock = make_stock(1)
    facade.set_low_at(
        merchant_id=stock.merchant_id, variant_id=stock.variant_id,
        warehouse_id=stock.warehouse_id, low_at=Decimal(2),
    )  # fmt: skip
    assert sum(at_once([facade.tell_low] * 6, platform)) == 1


def _buying(lines: list[StockLine]) -> Any:
    hold = reserving(lines)

    def buy() -> Any:
        return facade.commit_reservation(key=hold().key)

    return buy
