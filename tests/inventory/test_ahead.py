"""Sold before it is there: back-orders and pre-orders."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from inventory import facade
from inventory.facade import (
    AheadBelowPromised,
    GoodsLine,
    NothingPromised,
    OutOfStock,
    StockLine,
    VariantUnknown,
)
from inventory.models import Movement
from kernel import clock
from kernel.errors import Invalid
from kernel.records.outbox import OutboxEvent
from tests.factories.catalog import make_variant
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def backorder(stock: Any, limit: int | None = 5, **more: Any) -> facade.AheadInfo:
    values: dict[str, Any] = {"mode": "backorder", "lead_days": 7} | more
    return facade.set_ahead(
        merchant_id=stock.merchant_id, variant_id=stock.variant_id,
        limit=None if limit is None else Decimal(limit), **values,
    )  # fmt: skip


def buy(variant_id: UUID, quantity: int, *, pay: bool = True) -> UUID:
    key = uuid4()
    lines = [StockLine(variant_id, Decimal(quantity))]
    facade.reserve(key=key, lines=lines, expires_at=clock.business() + timedelta(hours=1))
    if pay:
        facade.commit_reservation(key=key)
    return key


def add(stock: Any, delta: int) -> None:
    facade.adjust_stock(
        merchant_id=stock.merchant_id, variant_id=stock.variant_id,
        warehouse_id=stock.warehouse_id, delta=Decimal(delta), reason="received",
    )  # fmt: skip


def waiting(key: UUID) -> Any:
    return sum((one.waiting for one in facade.promises_of([key])[key].values()), Decimal(0))


def promised(variant_id: UUID) -> Any:
    return facade.aheads([variant_id])[variant_id].promised


def test_stock_is_sold_first_then_promised_up_to_the_limit(platform: Any) -> None:
    stock = make_stock(2)
    backorder(stock, 5)
    there: Any = facade.sellable([stock.variant_id])[stock.variant_id]
    assert (there.now, there.most, there.waits(Decimal(3))) == (2, 7, 1)
    key = buy(stock.variant_id, 4)
    assert waiting(key) == 2
    assert promised(stock.variant_id) == 2
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 0}
    with pytest.raises(OutOfStock) as refused:
        buy(stock.variant_id, 4)
    assert refused.value.params["lines"][0]["available"] == "3.000"
    buy(stock.variant_id, 3)
    assert promised(stock.variant_id) == 5
    assert facade.sellable([stock.variant_id])[stock.variant_id].most == 0


def test_what_comes_in_goes_to_who_paid_first(platform: Any) -> None:
    stock = make_stock(0)
    backorder(stock, None)
    first, unpaid, second = (
        buy(stock.variant_id, 3),
        buy(stock.variant_id, 1, pay=False),
        buy(stock.variant_id, 2),
    )
    add(stock, 4)
    assert (waiting(first), waiting(unpaid), waiting(second)) == (0, 1, 1)
    add(stock, 3)
    assert waiting(second) == 0
    # One of the two that are left is the unpaid buyer's: nobody else gets it from the shelf.
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 1}
    facade.commit_reservation(key=unpaid)
    assert waiting(unpaid) == 0
    assert promised(stock.variant_id) == 0
    sums = [m.delta for m in Movement.objects.filter(stock_id=stock.id)]
    row: Any = facade.stock_page(variant_id=stock.variant_id).items[0]
    assert (row.on_hand, sum(sums), row.promised) == (1, 1, 0)


@pytest.mark.parametrize("way", ["receipt", "count", "transfer", "restock", "released", "opened"])
def test_every_way_in_fills(platform: Any, way: str) -> None:
    paper: Any
    stock = make_stock(3)
    own: dict[str, Any] = {"merchant_id": stock.merchant_id, "warehouse_id": stock.warehouse_id}
    backorder(stock)
    goods = [GoodsLine(Decimal(2), stock.variant_id)]
    earlier = buy(stock.variant_id, 3, pay=way != "released")
    other = make_warehouse(merchant_id=stock.merchant_id)
    key = buy(stock.variant_id, 2)
    if way == "receipt":
        paper = facade.create_receipt(reference="A", lines=goods, confirm=True, **own)
        facade.receive_goods(
            receipt_id=paper.id, merchant_id=stock.merchant_id, delivery="1", lines=goods
        )
    elif way == "count":
        paper = facade.open_count(**own)
        entries = [facade.CountEntry(Decimal(2), stock.variant_id)]
        me: dict[str, Any] = {"count_id": paper.id, "merchant_id": stock.merchant_id}
        facade.enter_counts(**me, entries=entries)
        facade.post_count(**me)
    elif way in ("transfer", "opened"):
        facade.update_warehouse(
            warehouse_id=other.id, changes={"active": False}, merchant_id=stock.merchant_id
        )
        make_stock(2, variant_id=stock.variant_id, warehouse_id=other.id)
        assert waiting(key) == 2
    elif way == "restock":
        facade.restock(
            key=uuid4(), lines=[StockLine(stock.variant_id, Decimal(2))], reason="returned",
            reservation=earlier,
        )  # fmt: skip
    else:
        facade.release_reservation(key=earlier)
    if way == "transfer":
        paper = facade.create_transfer(
            merchant_id=stock.merchant_id, source_id=other.id, target_id=stock.warehouse_id,
            lines=goods,
        )  # fmt: skip
        me = {"transfer_id": paper.id, "merchant_id": stock.merchant_id}
        facade.send_transfer(**me)
        facade.receive_transfer(**me)
    elif way == "opened":
        facade.update_warehouse(
            warehouse_id=other.id, changes={"active": True}, merchant_id=stock.merchant_id
        )
        assert facade.fill_free() == 1
        assert facade.fill_free() == 0
    assert waiting(key) == 0
    assert promised(stock.variant_id) == 0
    told = OutboxEvent.objects.filter(type="inventory.promise.filled.v1").get().payload
    assert (told["quantity"], told["waiting"]) == ("2.000", "0.000")


def test_cancelled_parts_give_up_what_waits_before_what_lies_there(platform: Any) -> None:
    stock = make_stock(2)
    backorder(stock)
    key = buy(stock.variant_id, 5)

    def cancel(quantity: int, *, there: bool = True) -> None:
        facade.restock(
            key=uuid4(), lines=[StockLine(stock.variant_id, Decimal(quantity))],
            reason="order_cancelled", reservation=key, there=there,
        )  # fmt: skip

    cancel(1, there=False)
    assert (waiting(key), promised(stock.variant_id)) == (2, 2)
    cancel(3)
    assert (waiting(key), promised(stock.variant_id)) == (0, 0)
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 1}
    cancel(1)
    found = facade.reservation_by_key(key)
    assert found is not None
    assert found.state == "released"
    with pytest.raises(facade.RestockRefused):
        cancel(1)


def test_what_expires_unpaid_is_promised_no_more(platform: Any) -> None:
    stock = make_stock(0)
    backorder(stock, 2)
    key = buy(stock.variant_id, 2, pay=False)
    with clock.offset(2 * DAY):
        assert facade.release_expired() == 1
        assert promised(stock.variant_id) == 0
        other = buy(stock.variant_id, 1)
        with pytest.raises(facade.ReservationExpired):
            facade.commit_reservation(key=key)
        facade.restock(key=other, lines=[StockLine(stock.variant_id, Decimal(1))], reason="undone")
        facade.commit_reservation(key=key)
        assert waiting(key) == 2


def test_a_preorder_is_promised_for_its_day_even_from_the_shelf(platform: Any) -> None:
    stock = make_stock(1)
    day = clock.today() + 10 * DAY
    backorder(stock, 3, mode="preorder", lead_days=None, release_on=day)
    there: Any = facade.sellable([stock.variant_id])[stock.variant_id]
    assert (there.now, there.most, there.due_on) == (0, 4, day)
    key = buy(stock.variant_id, 1)
    one: Any = facade.promises_of([key])[key][stock.variant_id]
    assert (one.waiting, one.due_on) == (0, day)
    assert one.kept(Decimal(1), clock.today()) == 1
    assert one.kept(Decimal(1), day) == 0
    late = buy(stock.variant_id, 3)
    with clock.offset(11 * DAY):
        with pytest.raises(OutOfStock):
            buy(stock.variant_id, 1)
        assert facade.tell_released() == 1
        assert facade.tell_released() == 0
        assert facade.aheads([stock.variant_id])[stock.variant_id].mode == "none"
        assert waiting(late) == 3
        assert facade.late_count(stock.merchant_id) == 1
        assert facade.promises_of([late])[late][stock.variant_id].broken(clock.today())
        add(stock, 4)
        assert waiting(late) == 0
        assert facade.late_count(stock.merchant_id) == 0
        assert facade.availability([stock.variant_id]) == {stock.variant_id: 1}


def test_without_a_stock_row_it_can_be_promised(platform: Any) -> None:
    merchant = make_merchant().id
    variant = make_variant(merchant_id=merchant)
    with pytest.raises(OutOfStock):
        buy(variant, 1)
    facade.set_ahead(merchant_id=merchant, variant_id=variant, mode="backorder", lead_days=3)
    key = buy(variant, 1)
    make_stock(1, variant_id=variant)
    assert waiting(key) == 0


def test_bad_settings_name_their_field(platform: Any) -> None:
    stock = make_stock(0)
    today = clock.today()
    bad: list[tuple[str, dict[str, Any]]] = [
        ("mode", {"mode": "maybe"}),
        ("lead_days", {"mode": "backorder", "lead_days": 0}),
        ("lead_days", {"mode": "backorder", "lead_days": None}),
        ("release_on", {"mode": "preorder"}),
        ("release_on", {"mode": "preorder", "release_on": today}),
        ("release_on", {"mode": "preorder", "release_on": today + 800 * DAY}),
        ("limit", {"limit": 0}),
    ]
    for field, values in bad:
        with pytest.raises(Invalid) as refused:
            backorder(stock, **values)
        assert [one.field for one in refused.value.problems] == [field], values
    with pytest.raises(VariantUnknown):
        facade.set_ahead(
            merchant_id=make_merchant().id, variant_id=stock.variant_id, mode="backorder",
            lead_days=1,
        )  # fmt: skip
    backorder(stock)
    key = buy(stock.variant_id, 3)
    with pytest.raises(AheadBelowPromised) as below:
        backorder(stock, 2)
    assert below.value.params["promised"] == "3.000"
    backorder(stock, 3)
    # Turned off, what is promised stays, and nothing more is.
    backorder(stock, None, mode="none", lead_days=None)
    with pytest.raises(OutOfStock):
        buy(stock.variant_id, 1)
    add(stock, 3)
    assert waiting(key) == 0


def test_the_day_moves_for_those_who_wait(platform: Any) -> None:
    stock = make_stock(0)
    own: dict[str, Any] = {"merchant_id": stock.merchant_id, "variant_id": stock.variant_id}
    day = clock.today() + 5 * DAY
    with pytest.raises(NothingPromised):
        facade.move_promises(**own, due_on=day)
    backorder(stock, None, mode="preorder", lead_days=None, release_on=day)
    key, unpaid = buy(stock.variant_id, 1), buy(stock.variant_id, 1, pay=False)
    with pytest.raises(Invalid):
        facade.move_promises(**own, due_on=clock.today())
    assert facade.move_promises(**own, due_on=day + DAY) == 2
    assert facade.aheads([stock.variant_id])[stock.variant_id].release_on == day + DAY
    backorder(stock, None, mode="preorder", lead_days=None, release_on=day + 2 * DAY)
    for one in (key, unpaid):
        found = facade.promises_of([one])[one][stock.variant_id]
        assert (found.due_on, found.agreed_on) == (day + 2 * DAY, day)
    told = OutboxEvent.objects.filter(type="inventory.promise.moved.v1")
    assert [one.payload["key"] for one in told] == [str(key), str(key)]


def test_another_preorder_later_leaves_alone_what_is_there_for_the_first(platform: Any) -> None:
    stock = make_stock(1)
    own: dict[str, Any] = {"lead_days": None, "mode": "preorder"}
    first = clock.today() + 5 * DAY
    backorder(stock, None, release_on=first, **own)
    there, late = buy(stock.variant_id, 1), buy(stock.variant_id, 1)
    with clock.offset(6 * DAY):
        facade.tell_released()
        second = clock.today() + 100 * DAY
        backorder(stock, None, release_on=second, **own)
        days = {key: facade.promises_of([key])[key][stock.variant_id] for key in (there, late)}
        assert days[there].due_on == first
        assert not days[there].kept(Decimal(1), clock.today()), "it is packed, and can be sent"
        assert days[late].due_on == second, "what still waits comes with the second"


def test_nobody_is_told_of_a_day_for_what_was_never_paid(platform: Any) -> None:
    stock = make_stock(1)
    day = clock.today() + 5 * DAY
    backorder(stock, None, mode="preorder", lead_days=None, release_on=day)
    facade.release_reservation(key=buy(stock.variant_id, 1, pay=False))
    with pytest.raises(NothingPromised):
        facade.move_promises(
            merchant_id=stock.merchant_id, variant_id=stock.variant_id, due_on=day + DAY
        )


def test_with_the_limit_reached_nothing_more_is_offered_ahead(platform: Any) -> None:
    stock = make_stock(0)
    backorder(stock, 2)
    buy(stock.variant_id, 2, pay=False)
    add(stock, 5)
    there: Any = facade.sellable([stock.variant_id])[stock.variant_id]
    assert (there.now, there.most, there.how, there.ships_on) == (3, 3, None, None)


def test_who_pays_after_the_day_was_moved_is_told_then(platform: Any) -> None:
    stock = make_stock(0)
    backorder(stock)
    key = buy(stock.variant_id, 1, pay=False)
    agreed, day = clock.today() + 7 * DAY, clock.today() + 40 * DAY
    facade.move_promises(merchant_id=stock.merchant_id, variant_id=stock.variant_id, due_on=day)
    told = OutboxEvent.objects.filter(type="inventory.promise.moved.v1")
    assert not told
    facade.commit_reservation(key=key)
    facade.commit_reservation(key=key)
    [moved] = told.all()
    assert moved.payload["was"] == str(agreed)
    assert moved.payload["due_on"] == str(day)


def test_who_pays_when_what_lay_there_is_gone_is_told_the_day(platform: Any) -> None:
    stock = make_stock(1)
    backorder(stock)
    bought_on, key = clock.today(), buy(stock.variant_id, 1, pay=False)
    with clock.offset(2 * DAY):
        assert facade.release_expired() == 1
        buy(stock.variant_id, 1)
        facade.commit_reservation(key=key)
        found: Any = facade.promises_of([key])[key][stock.variant_id]
        assert (found.waiting, found.due_on) == (1, clock.today() + 7 * DAY)
        assert bought_on <= found.agreed_on < clock.today()
        assert found.broken(clock.today()), "the buyer had agreed to no other day"
        [moved] = OutboxEvent.objects.filter(type="inventory.promise.moved.v1")
        assert moved.payload["key"] == str(key)
