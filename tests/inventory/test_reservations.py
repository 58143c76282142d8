"""Holding, taking and giving back goods."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from inventory import facade
from inventory.facade import (
    InvalidStockQuantity,
    KeyMismatch,
    OutOfStock,
    ReservationClosed,
    ReservationExpired,
    ReservationState,
    ReservationUnknown,
    RestockRefused,
    StockLine,
)
from kernel import clock, outbox, tenancy
from kernel.gathered import gathering
from kernel.records.outbox import OutboxEvent
from kernel.transactions import atomic
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def line(variant_id: UUID, quantity: int | str = 1) -> StockLine:
    return StockLine(variant_id, Decimal(quantity))


def hold(*lines: StockLine, key: UUID | None = None, hours: int = 1) -> facade.ReservationInfo:
    return facade.reserve(
        key=key or uuid4(), lines=list(lines), expires_at=clock.business() + hours * HOUR
    )


def figures(variant_id: UUID) -> list[Any]:
    """(on hand, reserved) of each stock of the variant."""
    page = facade.stock_page(variant_id=variant_id)
    return [(row.on_hand, row.reserved) for row in page.items]


def test_two_lines_of_one_variant_are_summed(platform: Any) -> None:
    stock = make_stock(3)
    with pytest.raises(OutOfStock) as refused:
        hold(line(stock.variant_id, 2), line(stock.variant_id, 2))
    assert refused.value.params["lines"][0]["available"] == "3.000"
    assert refused.value.params["lines"][0]["wanted"] == "4"
    held = hold(line(stock.variant_id, 1), line(stock.variant_id, 2))
    assert [found.quantity for found in held.lines] == [Decimal(3)]
    assert figures(stock.variant_id) == [(3, 3)]
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 0}


def test_reserving_again_by_key_changes_nothing(platform: Any) -> None:
    stock, key = make_stock(5), uuid4()
    first = hold(line(stock.variant_id, 2), key=key)
    again = hold(line(stock.variant_id), line(stock.variant_id), key=key)
    assert (again.id, again.lines) == (first.id, first.lines)
    assert figures(stock.variant_id) == [(5, 2)]
    with pytest.raises(KeyMismatch):
        hold(line(stock.variant_id, 3), key=key)


def test_commit_takes_the_goods_once(platform: Any) -> None:
    stock, key = make_stock(5), uuid4()
    hold(line(stock.variant_id, 2), key=key)
    assert facade.commit_reservation(key=key).state == ReservationState.COMMITTED
    assert facade.commit_reservation(key=key).state == ReservationState.COMMITTED
    assert figures(stock.variant_id) == [(3, 0)]
    newest = facade.movements_page(stock_id=stock.id).items[0]
    assert (newest.delta, newest.on_hand) == (Decimal(-2), Decimal(3))
    assert (newest.reason, newest.reference) == ("sold", key)
    with pytest.raises(ReservationClosed):
        facade.release_reservation(key=key)


def test_what_a_transaction_reserves_it_may_sell_at_once(platform: Any) -> None:
    """Each knows the figures that the other left, also where it needn't read what it made."""
    stock, first, second = make_stock(9), uuid4(), uuid4()
    with atomic(), gathering():
        hold(line(stock.variant_id, 2), key=first)
        hold(line(stock.variant_id, 3), key=second)
        assert facade.commit_reservation(key=second).state == ReservationState.COMMITTED
        assert facade.commit_reservation(key=first).state == ReservationState.COMMITTED
        assert facade.commit_reservation(key=second).state == ReservationState.COMMITTED
    assert figures(stock.variant_id) == [(4, 0)]
    moved = facade.movements_page(stock_id=stock.id).items[:2]
    assert [(row.reference, row.delta, row.on_hand) for row in moved] == [
        (first, Decimal(-2), Decimal(4)),
        (second, Decimal(-3), Decimal(6)),
    ]


def test_release_gives_free_once_and_ends_the_key(platform: Any) -> None:
    stock, key = make_stock(5), uuid4()
    hold(line(stock.variant_id, 2), key=key)
    for _ in range(2):
        released = facade.release_reservation(key=key)
        assert released is not None
        assert released.state == ReservationState.RELEASED
    assert figures(stock.variant_id) == [(5, 0)]
    with pytest.raises(ReservationClosed):
        facade.commit_reservation(key=key)
    with pytest.raises(ReservationClosed):
        hold(line(stock.variant_id, 2), key=key)
    assert facade.release_reservation(key=uuid4()) is None
    with pytest.raises(ReservationUnknown):
        facade.commit_reservation(key=uuid4())


def test_all_lines_or_none(platform: Any) -> None:
    plenty, little = make_stock(5), make_stock(1)
    with pytest.raises(OutOfStock) as refused:
        hold(line(plenty.variant_id, 2), line(little.variant_id, 2))
    assert len(refused.value.params["lines"]) == 1
    assert figures(plenty.variant_id) == [(5, 0)]


def test_warehouses_give_by_priority_and_only_active_ones(platform: Any) -> None:
    merchant = make_merchant()
    variant = make_product(merchant_id=merchant.id).variants[0].id
    far = make_warehouse(merchant_id=merchant.id, priority=5)
    near = make_warehouse(merchant_id=merchant.id, priority=1)
    shut = make_warehouse(merchant_id=merchant.id, priority=0, active=False)
    for warehouse in (far, near, shut):
        make_stock(4, variant_id=variant, warehouse_id=warehouse.id)
    assert facade.availability([variant]) == {variant: 8}
    held = hold(line(variant, 6))
    assert {found.warehouse_id: found.quantity for found in held.lines} == {near.id: 4, far.id: 2}
    with pytest.raises(OutOfStock):
        hold(line(variant, 3))


def test_the_sweep_releases_what_is_over(platform: Any) -> None:
    stock, key, other = make_stock(5), uuid4(), uuid4()
    hold(line(stock.variant_id, 2), key=key)
    hold(line(stock.variant_id, 1), key=other, hours=3)
    assert facade.release_expired() == 0
    with clock.offset(2 * HOUR):
        assert facade.release_expired() == 1
        assert facade.release_expired() == 0
    assert figures(stock.variant_id) == [(5, 1)]
    expired = facade.reservation_by_key(key)
    assert expired is not None
    assert expired.state == ReservationState.EXPIRED


def test_expired_goods_are_taken_again_if_they_are_there(platform: Any) -> None:
    stock, key = make_stock(5), uuid4()
    hold(line(stock.variant_id, 4), key=key)
    with clock.offset(2 * HOUR):
        facade.release_expired()
    assert facade.commit_reservation(key=key).state == ReservationState.COMMITTED
    assert figures(stock.variant_id) == [(1, 0)]


def test_expired_goods_that_are_gone_are_refused(platform: Any) -> None:
    stock, key = make_stock(5), uuid4()
    hold(line(stock.variant_id, 4), key=key)
    with clock.offset(2 * HOUR):
        facade.release_expired()
    hold(line(stock.variant_id, 3))
    with pytest.raises(ReservationExpired) as refused:
        facade.commit_reservation(key=key)
    assert refused.value.params["lines"][0]["available"] == "2.000"
    assert figures(stock.variant_id) == [(5, 3)]
    found = facade.reservation_by_key(key)
    assert found is not None
    assert found.state == ReservationState.EXPIRED


def test_restock_puts_back_where_it_was_and_only_once(platform: Any) -> None:
    merchant = make_merchant()
    variant = make_product(merchant_id=merchant.id).variants[0].id
    for priority in (1, 2):
        warehouse = make_warehouse(merchant_id=merchant.id, priority=priority)
        make_stock(2, variant_id=variant, warehouse_id=warehouse.id)
    key, back = uuid4(), uuid4()
    hold(line(variant, 3), key=key)
    with pytest.raises(RestockRefused):
        facade.restock(key=back, lines=[line(variant)], reason="returned", reservation=key)
    facade.commit_reservation(key=key)
    assert sorted(figures(variant)) == [(0, 0), (1, 0)]
    for _ in range(2):
        facade.restock(key=back, lines=[line(variant)], reason="returned", reservation=key)
    assert facade.availability([variant]) == {variant: 2}
    with pytest.raises(RestockRefused):
        facade.restock(key=uuid4(), lines=[line(variant, 3)], reason="x", reservation=key)
    facade.restock(key=key, lines=[line(variant, 2)], reason="checkout_undone")
    assert figures(variant) == [(2, 0), (2, 0)]
    released = facade.release_reservation(key=key)
    assert released is not None
    assert released.state == ReservationState.RELEASED


def test_restock_without_reservation(platform: Any) -> None:
    stock, key = make_stock(1), uuid4()
    for _ in range(2):
        facade.restock(key=key, lines=[line(stock.variant_id, 2)], reason="order_cancelled")
    assert figures(stock.variant_id) == [(3, 0)]
    with pytest.raises(KeyMismatch):
        facade.restock(key=key, lines=[line(stock.variant_id, 3)], reason="order_cancelled")


@pytest.mark.parametrize("quantity", ["0", "-1", "0.0001", "NaN", "1e20", "Infinity"])
def test_bad_quantities(platform: Any, quantity: str) -> None:
    stock = make_stock(5)
    with pytest.raises(InvalidStockQuantity):
        hold(line(stock.variant_id, quantity))
    assert figures(stock.variant_id) == [(5, 0)]


def test_pieces_are_whole_and_tonnes_are_not(platform: Any) -> None:
    piece = make_stock(5)
    with pytest.raises(InvalidStockQuantity):
        hold(line(piece.variant_id, "1.5"))
    corn = make_stock("31.240", variant_id=make_product(unit="TNE").variants[0].id)
    hold(line(corn.variant_id, "31.239"))
    assert facade.availability([corn.variant_id]) == {corn.variant_id: Decimal("0.001")}


def test_facts_are_appended(platform: Any) -> None:
    stock, key = make_stock(5), uuid4()
    hold(line(stock.variant_id, 2), key=key)
    facade.commit_reservation(key=key)
    found = OutboxEvent.objects.order_by("id").values_list("type", "payload", "merchant_id")
    kinds = [kind for kind, _payload, _merchant in found if kind.startswith("inventory.")]
    assert kinds == [
        "inventory.stock.changed.v1",
        "inventory.reservation.made.v1",
        "inventory.stock.changed.v1",
        "inventory.reservation.committed.v1",
        "inventory.stock.changed.v1",
    ]
    last = found.last()
    assert last is not None
    assert last[1]["on_hand"] == "3.000"
    assert last[2] == stock.merchant_id
    assert outbox.drain() >= 0


def test_another_platforms_stock_is_absent(platform: Any) -> None:
    from tests.factories.platforms import make_platform

    with tenancy.scope(make_platform()):
        theirs = make_stock(5)
        key = uuid4()
        hold(line(theirs.variant_id), key=key)
    with pytest.raises(OutOfStock):
        hold(line(theirs.variant_id))
    assert facade.reservation_by_key(key) is None
    assert facade.release_reservation(key=key) is None
    assert facade.availability([theirs.variant_id]) == {theirs.variant_id: 0}


def test_reserving_takes_few_statements(platform: Any, django_assert_max_num_queries: Any) -> None:
    stocks = [make_stock(5) for _ in range(4)]
    lines = [line(stock.variant_id) for stock in stocks]
    key = uuid4()
    with django_assert_max_num_queries(8):
        hold(*lines, key=key)
    with django_assert_max_num_queries(10):
        facade.commit_reservation(key=key)
