"""Low stock: known at once, told once for each fall."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from inventory import facade
from inventory.events import StockLow
from inventory.facade import InvalidStockQuantity, StockInfo, StockLine, VariantUnknown
from kernel import clock, mail
from kernel.errors import Invalid
from kernel.records.outbox import OutboxEvent
from tests.factories.catalog import make_variant
from tests.factories.inventory import make_stock
from tests.factories.platforms import make_merchant
from tests.factories.stock_papers import make_transfer

pytestmark = pytest.mark.django_db


def limit(stock: StockInfo, low_at: int | str | None) -> StockInfo:
    return facade.set_low_at(
        merchant_id=stock.merchant_id,
        variant_id=stock.variant_id,
        warehouse_id=stock.warehouse_id,
        low_at=None if low_at is None else Decimal(low_at),
    )


def adjust(stock: StockInfo, delta: int) -> StockInfo:
    return facade.adjust_stock(
        merchant_id=stock.merchant_id, variant_id=stock.variant_id,
        warehouse_id=stock.warehouse_id, delta=Decimal(delta), reason="correction",
    )  # fmt: skip


def told() -> int:
    return OutboxEvent.objects.filter(type=StockLow.NAME).count()


def test_low_while_fewer_are_free_than_the_limit(platform: Any) -> None:
    stock = make_stock(5)
    assert not limit(stock, 5).low
    assert adjust(stock, -1).low
    assert [row.id for row in facade.stock_page(low=True).items] == [stock.id]
    assert facade.low_count(stock.merchant_id) == 1
    assert not adjust(stock, 1).low
    assert limit(stock, 6).low
    assert not limit(stock, None).low
    assert facade.stock_page(low=True).items == []


def test_what_is_held_for_buyers_is_not_free(platform: Any) -> None:
    stock = make_stock(5)
    limit(stock, 4)
    key = uuid4()
    facade.reserve(
        key=key, lines=[StockLine(stock.variant_id, Decimal(2))],
        expires_at=clock.business() + timedelta(hours=1),
    )  # fmt: skip
    assert facade.low_count(stock.merchant_id) == 1
    facade.release_reservation(key=key)
    assert facade.low_count(stock.merchant_id) == 0


def test_one_letter_and_one_event_for_each_fall(platform: Any) -> None:
    merchant = make_merchant()
    stock = make_stock(10)
    other = make_stock(10)
    for one in (stock, other):
        limit(one, 5)
    assert facade.tell_low() == 0
    adjust(stock, -6)
    assert (facade.tell_low(), facade.tell_low()) == (1, 0)
    adjust(stock, -1)  # lower still: told already
    assert facade.tell_low() == 0
    adjust(stock, 7)
    adjust(stock, -7)
    adjust(other, -9)
    assert facade.tell_low() == 2
    assert told() == 3
    letters = mail.letters().items
    assert [one.template for one in letters] == ["inventory/low"] * 3
    assert merchant.id not in {stock.merchant_id, other.merchant_id}
    assert "/merchant/stock/?low=1" in letters[0].body
    assert "5" in letters[-1].body


def test_changes_of_any_kind_are_noticed(platform: Any) -> None:
    stock = make_stock(10)
    limit(stock, 8)
    transfer = make_transfer(stock, 4)
    facade.send_transfer(transfer_id=transfer.id, merchant_id=stock.merchant_id)
    assert facade.low_count(stock.merchant_id) == 1
    facade.cancel_transfer(transfer_id=transfer.id, merchant_id=stock.merchant_id)
    assert facade.low_count(stock.merchant_id) == 0


def test_wrong_limits(platform: Any) -> None:
    stock = make_stock(10)
    for wrong in ("0", "-1"):
        with pytest.raises(Invalid):
            limit(stock, wrong)
    for wrong in ("1.5", "NaN", "1e13"):
        with pytest.raises(InvalidStockQuantity):
            limit(stock, wrong)
    with pytest.raises(VariantUnknown):
        facade.set_low_at(
            merchant_id=stock.merchant_id, variant_id=make_variant(),
            warehouse_id=stock.warehouse_id, low_at=Decimal(1),
        )  # fmt: skip
